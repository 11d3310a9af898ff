/** What the programs of the microcircuit are told. */
import { readName, readNumber } from "../options.js";
import type { Drive } from "./network.js";

const text = <T extends string>(by: T) => ({ type: "string", default: by }) as const;

/** The options of all of them, with the defaults that differ. */
export const common = (drive: Drive, duration: string) => ({
  scale: text("1"),
  drive: text(drive),
  threads: text("2"),
  duration: text(duration),
  "warm-up": text("500"),
});

type Given = Readonly<Record<keyof ReturnType<typeof common>, string>>;

/** Their values; times in ms. */
export const readCommon = (given: Given) => ({
  scale: readNumber("--scale", given.scale, 0.001, 1),
  drive: readName<Drive>("--drive", given.drive, ["poisson", "dc"]),
  threads: readNumber("--threads", given.threads, 1, 64, true),
  duration: readNumber("--duration", given.duration, 1, 1e7),
  warmUp: readNumber("--warm-up", given["warm-up"], 0, 1e7),
});
