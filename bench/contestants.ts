/** All contestants by name: a thread is told a name and makes the contestant itself. */
import { background, izhikevich, lif, type Method, type ModelRecord, poisson, Simulation } from "../src/index.js";
import { COBA, cobaStart, CobaTwin } from "./baseline/coba.js";
import { DENSE, denseStart, DenseTwin } from "./baseline/dense.js";
import { SourcesTwin } from "./baseline/sources.js";
import { cobaSimulation } from "./cases/coba.js";
import { denseSimulation } from "./cases/dense.js";
import { modelCase, spread } from "./cases/models.js";
import { TEXT_STEP, type TextName, textSimulation } from "./cases/texts.js";

/** Something that advances by steps. */
export interface Contestant {
  /** Neurons that a step advances; 1 to measure whole steps. */
  readonly size: number;
  run(steps: number): void;
  /** What happens between two samples and is not measured. */
  rest?(): void;
  /** Numbers to report in the end. */
  facts?(): Record<string, number>;
}

/** Names a contestant; plain data, for it is sent to a thread. */
export type Entrant =
  | { readonly kind: "core"; readonly case: string; readonly size: number; readonly method?: Method }
  | { readonly kind: "twin"; readonly case: string; readonly size: number; readonly which: "plain" | "trick" }
  | { readonly kind: "cobaCore" }
  | { readonly kind: "cobaTwin" }
  | { readonly kind: "dense" | "denseTwin"; readonly own: boolean }
  | { readonly kind: "variant"; readonly model: "lif" | "izhikevich"; readonly variant: Variant }
  | { readonly kind: "text"; readonly name: TextName; readonly rates: "table" | "exact"; readonly size: number }
  | { readonly kind: "growth"; readonly size: number }
  | ({ readonly kind: "sources" | "sourcesTwin" } & SourcesCase);

/** Poisson sources: their rate in Hz, the mean one where each has its own. */
export interface SourcesCase {
  readonly rate: number;
  readonly own: boolean;
}

/** Number of Poisson sources. */
export const SOURCES = 20_000;

/** What differs between the neurons of a population. */
export type Variant = "nothing" | "current" | "parameters";

/** Room for spikes between two samples, far beyond what neurons can fire. */
export const CAPACITY = 4_000_000;

/** Neurons of a `variant`. */
export const VARIANT_SIZE = 10_000;

export async function contestant(entrant: Entrant): Promise<Contestant> {
  switch (entrant.kind) {
    case "core": {
      const entry = modelCase(entrant.case);
      const { simulation, spikes } = await entry.simulation(entrant.size, entrant.method);
      return {
        size: entrant.size,
        run: (steps) => void simulation.runSync(steps * entry.dt),
        facts: () => ({ rate: spikes.rate() }),
      };
    }
    case "twin": {
      const twin = modelCase(entrant.case).twin(entrant.which, entrant.size, CAPACITY);
      return { size: entrant.size, run: (steps) => twin.run(steps), rest: () => twin.spikes.clear() };
    }
    case "cobaCore": {
      const { simulation, excitatory, inhibitory } = await cobaSimulation(cobaStart(1), "given");
      const size = COBA.excitatory + COBA.inhibitory;
      return {
        size: 1,
        run: (steps) => void simulation.runSync(steps * COBA.dt),
        facts: () => ({ rate: (excitatory.rate() * COBA.excitatory + inhibitory.rate() * COBA.inhibitory) / size }),
      };
    }
    case "cobaTwin": {
      const twin = new CobaTwin(cobaStart(1), CAPACITY);
      return { size: 1, run: (steps) => twin.run(steps), rest: () => twin.spikes.clear() };
    }
    case "dense": {
      const { simulation, spikes } = await denseSimulation(denseStart(entrant.own));
      return {
        size: 1,
        run: (steps) => void simulation.runSync(steps * DENSE.dt),
        facts: () => ({ rate: spikes.rate() }),
      };
    }
    case "denseTwin": {
      const twin = new DenseTwin(denseStart(entrant.own), CAPACITY);
      return { size: 1, run: (steps) => twin.run(steps), rest: () => twin.spikes.clear() };
    }
    case "variant":
      return variant(entrant.model, entrant.variant);
    case "text": {
      const { simulation, spikes } = await textSimulation(entrant.name, entrant.size, entrant.rates);
      return {
        size: entrant.size,
        run: (steps) => void simulation.runSync(steps * TEXT_STEP),
        facts: () => ({ rate: spikes.rate() }),
      };
    }
    case "growth":
      return growth(entrant.size);
    case "sources":
      return sources(entrant);
    case "sourcesTwin": {
      const twin = new SourcesTwin(SOURCES, entrant.rate, 0.1, CAPACITY);
      let [spikes, steps] = [0, 0];
      return {
        size: SOURCES,
        run(count) {
          twin.run(count);
          steps += count;
          spikes += twin.spikes.count;
          twin.spikes.clear();
        },
        facts: () => ({ rate: (spikes / steps / SOURCES) * 10_000 }),
      };
    }
  }
}

/** Poisson sources, each at the same rate or within a half of it. */
async function sources({ rate, own }: SourcesCase): Promise<Contestant> {
  const simulation = await Simulation.create({ dt: 0.1, seed: 42, threads: 1 });
  const rates = own ? spread(SOURCES, 0.5 * rate, 1.5 * rate) : rate;
  const { statistics } = simulation.population("sources", poisson, SOURCES, { params: { rate: rates } });
  return {
    size: SOURCES,
    run: (steps) => void simulation.runSync(steps * 0.1),
    facts: () => ({ rate: statistics.rate(simulation.time) }),
  };
}

/** A population whose neurons are alike, or differ in their currents or parameters by up to 5 %. */
async function variant(name: "lif" | "izhikevich", what: Variant): Promise<Contestant> {
  const around = (value: number) => spread(VARIANT_SIZE, 0.95 * value, 1.05 * value);
  const isLif = name === "lif";
  const model: ModelRecord = isLif ? lif : izhikevich;
  const current = isLif ? 420 : 10;
  const differing = isLif ? { tau_m: around(10) } : { a: around(0.02), c: around(-65), d: around(8) };
  const simulation = await Simulation.create({ dt: 0.1, seed: 42, threads: 1 });
  const population = simulation.population<ModelRecord>(name, model, VARIANT_SIZE, {
    params: { t_ref: 2, ...(what === "parameters" ? differing : {}) },
    init: { v: spread(VARIANT_SIZE, -70, -60) },
    background: [background.constant(what === "current" ? around(current) : current)],
  });
  simulation.record(population, "spikes");
  return { size: VARIANT_SIZE, run: (steps) => void simulation.runSync(steps * 0.1) };
}

/** A population of Izhikevich neurons. */
async function growth(size: number): Promise<Contestant> {
  const simulation = await Simulation.create({ dt: 0.1, seed: 42, threads: 1 });
  simulation.population("neurons", izhikevich, size, {
    params: { t_ref: 2 },
    init: { v: spread(size, -70, -60), u: -13 },
    background: [background.constant(10)],
  });
  return { size, run: (steps) => void simulation.runSync(steps * 0.1) };
}
