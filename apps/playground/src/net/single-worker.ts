/** The program of all workers of the single file: which one it is, its name says. */
if (self.name === "tools") void import("./tools-worker.js");
else if (self.name === "jobs") void import("./jobs-worker.js");
else void import("./worker.js");
export {};
