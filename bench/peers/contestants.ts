/** The contestants: how each is made ready for a case, and how it gives a sample. */
import { mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brian2, type Flags, int32 } from "./brian2.js";
import type { PeerCase } from "./cases.js";
import { nest } from "./nest.js";
import { neuron } from "./neuron.js";
import { discard, found, lastLine, run, temporary } from "./process.js";
import type { Sample } from "./sample.js";
import { pythonWith } from "./python.js";

export interface Ready {
  sample(): Promise<Sample>;
  /** A sample that was taken on the way. */
  readonly first?: Sample;
  /** Seconds from the command to the spikes on the disk, compilation included where there is one. */
  readonly command?: number;
  close?(): void;
}

/** How long things may take, in seconds. */
export interface Limits {
  readonly prepare: number;
  readonly sample: number;
}

export interface Contestant {
  readonly id: string;
  readonly title: string;
  /** What it is, with its version; undefined if it is not installed. */
  version(): Promise<string | undefined>;
  /** Threads that wait for each other; on busy cores they say nothing about the contestant. */
  readonly threads: number;
  runs(entry: PeerCase): boolean;
  /** `duration` in ms is the measured time. */
  prepare(entry: PeerCase, duration: number, limits: Limits): Promise<Ready>;
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

function program(...args: readonly string[]): readonly string[] {
  return ["--import", "tsx", here("program.ts"), ...args];
}

function javascript(id: string, title: string, what: "spikelet" | "threads" | "plain" | "trick"): Contestant {
  return {
    id,
    title,
    threads: what === "threads" ? 2 : 1,
    version: () => Promise.resolve(`Node ${process.versions.node}`),
    runs: (entry) =>
      what === "spikelet" || (what === "threads" ? entry.large === true : entry.js?.[what] !== undefined),
    async prepare(entry, duration, limits) {
      const args = program(entry.name, what, `${duration}`);
      const sample = async () => lastLine<Sample>((await run(process.execPath, args, limits.sample)).stdout);
      if ((what !== "spikelet" && what !== "threads") || entry.document === false) return { sample };
      const folder = temporary();
      const file = join(folder, "network.json");
      await run(process.execPath, program(entry.name, "document", `${duration}`, file), limits.prepare);
      const options = [
        "--out",
        join(folder, "out"),
        "--no-plots",
        "--quiet",
        "--threads",
        what === "threads" ? "2" : "1",
      ];
      const { wall } = await run(
        process.execPath,
        [here("../../dist/cli.js"), "run", file, ...options],
        limits.prepare,
      );
      discard(folder);
      return { sample, command: wall };
    },
  };
}

function brian(id: string, title: string, variant?: "fast" | "openMp"): Contestant {
  const flags: Flags = variant === "fast" ? "fast" : "default";
  const threads = variant === "openMp" ? 2 : 0;
  return {
    id,
    title,
    threads: Math.max(1, threads),
    async version() {
      const python = await pythonWith("brian2");
      return python && `Brian2 ${python.version}`;
    },
    runs: ({ brian2: job, variants = [] }) =>
      job !== undefined && (variant === undefined || variants.includes(variant)),
    async prepare(entry, duration, limits) {
      const job = entry.brian2?.({ duration, warmUp: entry.warmUp, flags, threads });
      if (!job) throw new Error(`${entry.name} has no script for Brian2.`);
      const { wall, folder, files } = await brian2(job, limits.prepare);
      const build = join(folder, "build");
      const number = (name: string) => Number(readFileSync(join(build, "results", name), "utf8").split(" ")[0]);
      return {
        command: wall,
        async sample() {
          await run(join(build, "main"), [], limits.sample, build);
          const neurons = int32(join(build, "results", files.i));
          const times = readFileSync(join(build, "results", files.t));
          let spikes = 0;
          for (let i = 0; i < neurons.length; i++) {
            if (times.readDoubleLE(8 * i) * 1000 >= entry.warmUp - 1e-6) spikes++;
          }
          // The CPU time of several threads is their sum.
          return {
            setup: number("setup.txt"),
            simulate: number(threads > 1 ? "last_run_info.txt" : "cpu.txt"),
            spikes,
          };
        },
        close: () => discard(folder),
      };
    },
  };
}

function neuronSimulator(id: string, title: string): Contestant {
  return {
    id,
    title,
    threads: 1,
    async version() {
      const python = await pythonWith("neuron");
      return python && `NEURON ${python.version}`;
    },
    runs: (entry) => entry.neuron !== undefined,
    async prepare(entry, duration, limits) {
      const job = entry.neuron?.({ duration, warmUp: entry.warmUp });
      if (!job) throw new Error(`${entry.name} has no script for NEURON.`);
      const { wall, folder, first, sample } = await neuron(job, limits.prepare);
      return { command: wall, first, sample: () => sample(limits.sample), close: () => discard(folder) };
    },
  };
}

function nestSimulator(id: string, title: string, threads: number): Contestant {
  return {
    id,
    title,
    threads,
    async version() {
      const python = await pythonWith("nest");
      return python && `NEST ${python.version}`;
    },
    runs: (entry) => entry.nest !== undefined,
    async prepare(entry, duration, limits) {
      const job = entry.nest?.({ duration, warmUp: entry.warmUp, threads });
      if (!job) throw new Error(`${entry.name} has no script for NEST.`);
      const { wall, folder, first, sample } = await nest(job, limits.prepare);
      return { command: wall, first, sample: () => sample(limits.sample), close: () => discard(folder) };
    },
  };
}

function cpp(id: string, title: string, flags: readonly string[]): Contestant {
  return {
    id,
    title: `${title}: g++ ${flags.join(" ")}`,
    threads: 1,
    async version() {
      const [compiler] = found("g++");
      if (compiler === undefined) return undefined;
      return (await run(compiler, ["--version"], 20)).stdout.split("\n")[0];
    },
    runs: (entry) => entry.cpp !== undefined,
    async prepare(entry, duration, limits) {
      if (!entry.cpp) throw new Error(`${entry.name} has no C++ twin.`);
      const folder = temporary();
      mkdirSync(folder, { recursive: true });
      const binary = join(folder, "twin");
      const source = here(`cpp/${entry.cpp.source}.cpp`);
      const compiled = await run(
        found("g++")[0] ?? "g++",
        ["-std=c++17", "-fopenmp-simd", ...flags, source, "-o", binary],
        limits.prepare,
      );
      const steps = [entry.warmUp, duration].map((time) => `${Math.round(time / entry.dt)}`);
      const args = [...entry.cpp.args, ...steps, join(folder, "spikes")];
      const first = await run(binary, args, limits.prepare);
      if (statSync(join(folder, "spikes")).size === 0) throw new Error(`${entry.cpp.source} wrote no spikes`);
      return {
        command: compiled.wall + first.wall,
        sample: async () => lastLine<Sample>((await run(binary, args, limits.sample)).stdout),
        close: () => discard(folder),
      };
    },
  };
}

/** All contestants. The first is what the others are compared with. */
export const CONTESTANTS: readonly Contestant[] = [
  javascript("spikelet", "Spikelet", "spikelet"),
  javascript("spikelet2", "Spikelet, 2 threads", "threads"),
  brian("brian2", "Brian2"),
  brian("brian2Fast", "Brian2, full -ffast-math", "fast"),
  brian("brian2OpenMp", "Brian2, OpenMP, 2 threads", "openMp"),
  nestSimulator("nest", "NEST", 1),
  nestSimulator("nest2", "NEST, 2 threads", 2),
  neuronSimulator("neuron", "NEURON"),
  cpp("cpp", "C++", ["-O3", "-march=native", "-ffast-math"]),
  cpp("cpp128", "C++, 128-bit vectors", ["-O3", "-msse4.2", "-ffast-math"]),
  javascript("js", "plain JS", "plain"),
  javascript("jsTrick", "JS with a trick", "trick"),
];
