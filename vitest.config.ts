import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const files = (names: readonly string[]): string[] => names.map((name) => `test/${name}.test.ts`);

/**
 * Files with a process of their own. Those that break thousands of documents touch what all objects share, after which
 * the engine is several times slower in the whole process; figures load packages, which works in a fresh process only.
 */
export const ALONE = files(["property/documents", "model/parse", "property/hostile", "cli/image", "kinds/planted"]);

/** What takes longest of the others, longest first. */
const LONG = files([
  ...["property/lanes", "examples/docs", "property/equivalence", "models/convergence", "property/live"],
  "package/package",
]);

/**
 * First the files with processes of their own, then what takes longest, so that no worker is busy with one file
 * alone at the end. Vitest would know it from its last run only, which a fresh clone does not have.
 */
class LongestFirst extends BaseSequencer {
  override async sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    const order = [...ALONE, ...LONG];
    const place = ({ moduleId }: TestSpecification): number => {
      const at = order.findIndex((name) => moduleId.endsWith(`/${name}`));
      return at < 0 ? order.length : at;
    };
    return (await super.sort(specifications)).sort((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  test: {
    setupFiles: ["test/setup.ts"],
    // What hangs is found in the end; what takes long on a busy machine is no failure.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    projects: [
      { extends: true, test: { name: "alone", include: ALONE } },
      // The files of a worker share its modules: loading them, compiling the core and the engine's optimizing happen
      // twice, not ninety times. A file that changes something global puts it back.
      { extends: true, test: { name: "shared", include: ["test/**/*.test.ts"], exclude: ALONE, isolate: false } },
    ],
  },
});
