/** Runs the program in a worker of a page. */
import { hashes } from "./program.js";

hashes().then(
  (result) => postMessage(result),
  (error) => postMessage({ error: String(error?.stack ?? error) }),
);
