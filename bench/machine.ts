/** Where and with what the numbers were measured. */
import { cpus, loadavg, release, type, arch } from "node:os";
import { VERSION } from "../src/index.js";
import { CLOCK } from "./clock.js";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly os: string;
  readonly node: string;
  readonly v8: string;
  readonly spikelet: string;
  readonly clock: string;
  /** Load average of the last minute at the start: above the number of contestants, 1, others were at work. */
  readonly load: number;
  readonly date: string;
}

export function machine(): Machine {
  const list = cpus();
  return {
    cpu: list[0]?.model.trim() ?? "unknown",
    cores: list.length,
    os: `${type()} ${release()} ${arch()}`,
    node: process.versions.node,
    v8: process.versions.v8,
    spikelet: VERSION,
    clock: CLOCK,
    load: loadavg()[0] ?? 0,
    date: new Date().toISOString().slice(0, 10),
  };
}

export function machineText(m: Machine): string {
  return (
    `Spikelet ${m.spikelet}, Node ${m.node} (V8 ${m.v8}), ${m.cpu}, ${m.cores} cores, ${m.os}; ` +
    `${m.clock}; load ${m.load.toFixed(1)} at the start; ${m.date}`
  );
}
