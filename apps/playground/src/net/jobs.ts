/** What a second worker computes for a view, beside the network that runs: one job after another. */
import {
  equilibria,
  type Equilibrium,
  meanCv,
  models,
  type Nullclines,
  nullclines,
  Simulation,
  spikeSynchrony,
  vectorField,
} from "spikelet";
import type { Cells } from "./balance.js";
import { type Activity, brunelDocument, CELL, type Place } from "./brunel.js";

/** Which nullclines: of a model with these parameters, in a window of its two variables, at a constant current. */
export interface NullclinesAsked extends Cells {
  readonly model: string;
  readonly v: readonly [low: number, high: number];
  readonly w: readonly [low: number, high: number];
  readonly current: number;
  readonly points: number;
}

export interface NullclinesFound extends Nullclines {
  readonly equilibria: readonly Equilibrium[];
}

async function nullclinesAt({ model, ...options }: NullclinesAsked): Promise<NullclinesFound> {
  const record = (models as Readonly<Record<string, (typeof models)[keyof typeof models]>>)[model];
  if (record === undefined) throw new Error(`There is no model ${JSON.stringify(model)}.`);
  const field = await vectorField(record, options as never);
  return { ...nullclines(field), equilibria: equilibria(field) };
}

/** What Brunel's network does at a place of its map. */
async function activityAt({ seed, ...place }: Place & { readonly seed: number }): Promise<Activity> {
  const sim = await Simulation.fromDocument({ ...brunelDocument(place, seed), record: [] });
  const exc = sim.populations.get("exc");
  if (exc === undefined) throw new Error("Brunel's network has lost its population exc.");
  const spikes = sim.record(exc, "spikes", { from: CELL.warmUp });
  await sim.run(CELL.warmUp + CELL.measured);
  const bins = { start: CELL.warmUp, duration: CELL.measured, bin: CELL.bin };
  const activity = {
    rate: spikes.rate(),
    cv: meanCv(spikes, exc.size),
    synchrony: spikeSynchrony(spikes, exc.size, bins),
  };
  sim.close();
  return activity;
}

/** All jobs by their names. */
export const JOBS = { nullclines: nullclinesAt, activity: activityAt };
export type Jobs = typeof JOBS;

/** From the page, and back. */
export interface JobAsked {
  readonly id: number;
  readonly job: keyof Jobs;
  readonly asked: unknown;
}
export type JobDone =
  | { readonly id: number; readonly found: unknown }
  | { readonly id: number; readonly error: string };

/** Makes this worker do jobs. */
export function serveJobs(): void {
  let last: Promise<unknown> = Promise.resolve();
  addEventListener("message", ({ data }: MessageEvent<JobAsked>) => {
    const { id, job, asked } = data;
    last = last
      .then((): Promise<unknown> => JOBS[job](asked as never))
      .then(
        (found) => postMessage({ id, found } satisfies JobDone),
        (error: unknown) =>
          postMessage({ id, error: error instanceof Error ? error.message : String(error) } satisfies JobDone),
      );
  });
}
