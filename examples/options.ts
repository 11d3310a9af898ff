/** What the longer programs are told on their command lines, and how they end when something of it cannot be. */
import { parseArgs, type ParseArgsConfig } from "node:util";
import { SpikeletError, UnknownNameError, ValueRangeError } from "spikelet";

type Options = NonNullable<ParseArgsConfig["options"]>;

/** The options of the command line. */
export function readOptions<const T extends Options>(options: T) {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    const known = Object.keys(options).map((name) => `--${name}`);
    const [what = ""] = (error as Error).message.split(". ");
    throw new UnknownNameError(`${what}. Known: ${known.join(", ")}.`, { path: "options", allowed: known.join(", ") });
  }
}

/** The number that stands as text at a place of the command line. */
export function readNumber(place: string, text: string, least: number, most: number, whole = false): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
  const allowed = `${whole ? "an integer" : "a number"} from ${least} to ${most}`;
  throw new ValueRangeError(`${place} ${text}; it must be ${allowed}.`, { path: place, value: text, allowed });
}

/** One of some names. */
export function readName<const T extends string>(place: string, text: string, names: readonly T[]): T {
  const name = names.find((one) => one === text);
  if (name !== undefined) return name;
  const allowed = names.join(" or ");
  throw new UnknownNameError(`${place}: ${JSON.stringify(text)}; it must be ${allowed}.`, { path: place, allowed });
}

/** Ends the program, which was given what cannot be, with the text that says so and the exit status 2. */
export function end(error: unknown): never {
  if (!(error instanceof SpikeletError || error instanceof RangeError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(2);
}

/** What is read, or the end of the program. */
export function orEnd<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    return end(error);
  }
}
