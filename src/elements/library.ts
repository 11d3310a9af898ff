/** What the files of one piece hold of the library, for the page and for their workers. */
import { serve } from "../worker/serve.js";
import { GREETING } from "./host.js";

export { serve };

/** What the program of a shared worker does: it serves each port that it is sent. */
export function serveShared(): void {
  const scope = globalThis as unknown as {
    onmessage: ((event: MessageEvent) => void) | null;
    postMessage(message: unknown): void;
  };
  scope.onmessage = ({ ports: [port] }) => {
    if (port) serve(port as never);
  };
  scope.postMessage(GREETING);
}
