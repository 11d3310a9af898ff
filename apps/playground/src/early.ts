/** The page's first script: it starts the worker that any view needs, and then the page. */
import { openAhead } from "./net/ahead.js";
import { prepareWorker } from "./net/start.js";

/** ms that a browser needs this thread for until the worker goes its own way. */
const START = 20;

prepareWorker();
if (location.hash.length < 2) openAhead();
// the page keeps the thread busy for far longer than that
setTimeout(() => void import("./main.js"), START);
