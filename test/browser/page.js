/** Runs the program here and in a worker of this page, tells the server, and goes where it says. */
import { hashes } from "./program.js";

async function tell(result) {
  const answer = await fetch("/done", { method: "POST", body: JSON.stringify({ at: location.pathname, ...result }) });
  const next = await answer.text();
  if (next !== "") location.href = next;
}

function inWorker() {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => reject(new Error(`worker: ${event.message}`));
  });
}

async function both() {
  const page = await hashes();
  const worker = document.body.dataset.workers === "no" ? undefined : await inWorker();
  return { isolated: crossOriginIsolated, page, worker };
}

// Not awaited here: older targets of bundlers have no await outside of functions.
both().then(tell, (error) => tell({ error: String(error?.stack ?? error) }));
