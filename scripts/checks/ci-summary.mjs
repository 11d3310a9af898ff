/**
 * Closes a run of .ci/run: counts the tests of a report and the further checks, and prints "N passed, N failed".
 *
 *   node scripts/checks/ci-summary.mjs REPORT TEST_STATUS CHECKS FAILED_CHECKS
 *
 * Exits 1 when anything failed, when a test was skipped, and when there is nothing to count: a run that tested nothing
 * has not passed.
 */
import { existsSync, readFileSync } from "node:fs";

const [report, status, checks, failedChecks] = process.argv.slice(2);

let passed = Number(checks) - Number(failedChecks);
let failed = Number(failedChecks);
const problem = (text) => {
  console.log(`FAILED: ${text}`);
  failed++;
};

if (existsSync(report)) {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
    readFileSync(report, "utf8"),
  );
  passed += numPassedTests;
  failed += numFailedTests;
  if (numPendingTests + numTodoTests > 0) problem(`${numPendingTests + numTodoTests} tests were skipped`);
  if (numPassedTests + numFailedTests === 0) problem("there are no tests");
  // Again at the end, because logs are often cut in the middle.
  for (const file of testResults) {
    for (const test of file.assertionResults) {
      if (test.status !== "failed") continue;
      console.log(`FAILED: ${file.name}: ${test.fullName}\n  ${test.failureMessages.join("\n  ").slice(0, 2000)}`);
    }
  }
  // A file that cannot be loaded has no tests that could fail.
  for (const file of testResults) {
    const counted = file.assertionResults.some((test) => test.status === "failed");
    if (file.status !== "passed" && !counted) problem(`${file.name}: ${file.message}`);
  }
  if (status !== "0" && failed === Number(failedChecks)) problem(`npm test ended with status ${status}`);
} else {
  problem(`npm test ended with status ${status} and wrote no report`);
}

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
