/** What all parts of a script for NEST share, and what they write into. */
import { stepsOf, timeOf } from "../../model/grid.js";
import type { Distribution, NetworkSpec, PopulationSpec, Value } from "../../model/spec.js";
import { Arrays, type Code, code, float, Names, type PythonValue } from "../python.js";
import { Report } from "../report.js";
import type { Cell } from "./mapping.js";
import { Drawn, Each, nestDistribution, numpyDistribution } from "./values.js";

export const SCRIPT = "network.py";
/** What a refusal advises where the network is drawn. */
export const EXPLICIT = "With --explicit (Simulation.explicit()) it is written as numbers.";

/** How a receptor is reached there. */
export interface Port {
  /** Our weight times this. */
  readonly factor: number;
  readonly receptorType?: number;
  /** NEST's variables whose sum is the receptor's state, and what that is times to be ours. */
  readonly shown?: readonly [factor: number, ...names: readonly string[]];
}

/** A current from the start on, into all neurons or some. */
export interface Level {
  readonly value: Value | Code;
  readonly neurons: Uint32Array | undefined;
}

/** A population and what is known of it. */
export interface Plan {
  readonly spec: PopulationSpec;
  readonly path: string;
  /** Its name in the script. */
  readonly variable: string;
  /** Undefined for sources. */
  readonly cell: Cell | undefined;
  readonly ports: ReadonlyMap<string, Port>;
  /** A source of given spikes that others listen to directly. */
  readonly plays: boolean;
  readonly levels: Level[];
  /** Parameters of the neuron that synapses onto it need. */
  readonly traces: Record<string, number>;
}

export type Synapse = Record<string, PythonValue>;

/** What is known of a script before its populations are. */
export interface Base {
  readonly network: NetworkSpec;
  readonly dt: number;
  readonly grid: { readonly dt: number; readonly steps: number };
  readonly report: Report;
  readonly arrays: Arrays;
  readonly names: Names;
}

/** A script while it is written. */
export interface Script extends Base {
  readonly plans: readonly Plan[];
  /** Delay of devices, in steps and in ms. */
  readonly lead: number;
  readonly leadMs: number;
  /** Lines of each section. */
  readonly sections: Readonly<Record<"populations" | "currents" | "connections" | "recordings", string[]>>;
  /** Entries of the lists that the script's ending goes through. */
  readonly lists: Readonly<Record<"recorders" | "given" | "meters" | "plastic", string[]>>;
  /** What of the script's own functions it needs. */
  readonly uses: Record<"draws" | "truncated" | "distance" | "pairs" | "play" | "each" | "given" | "meters", boolean>;
  /** Numbers that were drawn once, by population and parameter. */
  readonly shared: Map<string, Code>;
}

/** Names that the script has for itself. */
const OWN_NAMES = (
  "args parser rng load create write merge connect_pairs pairs_by_distance play spikes traces recorders meters given plastic " +
  "weights end nodes in_ms start_of truncated_normal steps suffix Path DT DURATION SEED POPULATIONS HEADERS"
).split(" ");

export function baseOf(network: NetworkSpec): Base {
  const { dt, duration } = network;
  const grid = { dt, steps: stepsOf(duration, dt) };
  return { network, dt, grid, report: Report.of(network), arrays: new Arrays(), names: new Names(OWN_NAMES) };
}

/** An empty script. */
export function scriptOf(base: Base, plans: readonly Plan[], lead: number): Script {
  return {
    ...base,
    plans,
    lead,
    leadMs: timeOf(lead, base.dt),
    sections: { populations: [], currents: [], connections: [], recordings: [] },
    lists: { recorders: [], given: [], meters: [], plastic: [] },
    uses: {
      draws: false,
      truncated: false,
      distance: false,
      pairs: false,
      play: false,
      each: false,
      given: false,
      meters: false,
    },
    shared: new Map(),
  };
}

/** Numbers that NumPy draws in the script: as many as `size` says, in Python. */
export function numpyDraw(script: Script, value: Distribution, size: string): string {
  const { text: drawn, truncated } = numpyDistribution(value, size);
  script.uses.draws = true;
  script.uses.truncated ||= truncated;
  return drawn;
}

/** The same as an array with a number for each neuron. */
export function numpyEach(script: Script, value: Distribution, size: number, factor: number): Each {
  const drawn = numpyDraw(script, value, String(size));
  return new Each(factor === 1 ? drawn : `${drawn} * ${float(factor)}`);
}

/** A distribution for the neurons of a population: NEST's, or NumPy's where it has none. */
export function drawnEach(script: Script, value: Distribution, size: number, factor: number): Code {
  const there = nestDistribution(value);
  if (there !== undefined) return new Drawn(there, value, factor);
  return numpyEach(script, value, size, factor);
}

/** Numbers that several places need: a variable of the script. */
export function drawnOnce(script: Script, value: Distribution, size: number, wanted: string): Code {
  const name = script.names.of(wanted);
  script.sections.populations.push(`${name} = ${numpyDraw(script, value, String(size))}`);
  return code(name);
}
