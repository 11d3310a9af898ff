// A thread does not inherit tsx's module hooks on every version of Node: register them, then start the worker.
import { register } from "tsx/esm/api";

register();
await import("./worker.ts");
