/** The program of the worker that reads files and writes results. */
import { toolbox } from "./toolbox.js";

interface Call {
  readonly id: number;
  readonly tool: string;
  readonly args: readonly unknown[];
}

addEventListener("message", async ({ data }: MessageEvent<Call>) => {
  const { id, tool, args } = data;
  try {
    const call = (toolbox as Readonly<Record<string, (...args: unknown[]) => unknown>>)[tool];
    if (call === undefined) throw new Error(`there is no tool ${tool}`);
    postMessage({ id, value: await call(...args) });
  } catch (error) {
    postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
});
