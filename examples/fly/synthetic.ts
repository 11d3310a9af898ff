/**
 * A graph that is NOT a fly's brain, with counts like those of one, for continuous integration and benchmarks: the
 * connectome's licence does not allow to ship it. docs/fly.md says what it was fitted to and what it leaves out.
 *
 * It depends on its options alone, in every engine: no random numbers of the host, and of its functions the square root
 * only, which is exact.
 */
import type { Graph } from "./graph.js";

export interface SyntheticOptions {
  /** 1 by default; another one is another brain with the same statistics. */
  readonly seed?: number;
  /** Neurons: 138,639 by default, as in FlyWire's materialization 783. */
  readonly size?: number;
  /**
   * Pairs with synapses: 108.858 per neuron by default, which is 15,091,983 at full size, but no more than a sixteenth
   * of all pairs.
   */
  readonly pairs?: number;
  /** Share of the types that are inhibitory: 0.35 by default. */
  readonly inhibitory?: number;
}

/** A graph with the neurons that stand for those of a sense. */
export interface SyntheticFly extends Graph {
  readonly sensory: Uint32Array;
}

/** Of Connectivity_783.parquet and Completeness_783.csv. */
export const FLY = { size: 138_639, pairs: 15_091_983, synapses: 54_492_922, strong: 2_700_513 } as const;

/** Neurons of the sense, all of one type, and how many partners each has, by the mean of all neurons. */
const SENSORY = 20;
const LOUD = 3;
/** Neurons of a type: from 4 to 28, 16 on average, as 8,453 types of the brain have. */
const [LEAST, MOST] = [4, 28];
/** Types that a type has synapses onto, and the share of its partners that are of these. */
const PARTNERS = 24;
const TYPED = 0.7;
/** Standard deviation of the logarithms of degrees, and how those of a neuron's inputs and outputs go together. */
const SPREAD = 1;
const TOGETHER = 0.75;
/** Places on the line of inputs per neuron on average: a neuron has as many as it draws inputs. */
const PLACES = 32;
/** How often a partner that is taken is drawn anew before any neuron of the brain will do. */
const TRIES = 4;

/** Synapses of a pair: P(n >= k) = (1 + (k - 1)/SCALE)^(-15/8), up to LARGEST. */
const SCALE = 2.66;
const LARGEST = 2400;

/** Random numbers: sfc32 of PractRand, by Chris Doty-Humphrey, in the public domain. */
class Generator {
  private readonly state: Int32Array;

  constructor(seed: number) {
    this.state = Int32Array.of(seed, 0x9e3779b9, 0x243f6a88, 1);
    for (let i = 0; i < 16; i++) this.next();
  }

  /** From 0 up to 1, in steps of 2^-32. */
  next(): number {
    const { state } = this;
    const [a, b, c, counter] = [state[0] as number, state[1] as number, state[2] as number, state[3] as number];
    const sum = (a + b + counter) | 0;
    state[0] = b ^ (b >>> 9);
    state[1] = c + (c << 3);
    state[2] = ((c << 21) | (c >>> 11)) + sum;
    state[3] = counter + 1;
    return (sum >>> 0) * 2 ** -32;
  }

  /** A whole number below n. */
  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  /** With the mean 0 and the variance 1, from -6 to 6, as a sum of twelve. */
  normal(): number {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += this.next();
    return sum;
  }
}

/** exp(x) for small x: the same bits everywhere. */
function exponential(x: number): number {
  const step = x / 1024;
  let y = 1 + step + (step * step) / 2 + (step * step * step) / 6;
  for (let i = 0; i < 10; i++) y *= y;
  return y;
}

/** How likely a pair has more than 1, 2, ... synapses. */
function moreSynapses(): Float64Array {
  return Float64Array.from({ length: LARGEST - 1 }, (_, k) => {
    const x = 1 + (k + 1) / SCALE;
    return Math.sqrt(Math.sqrt(Math.sqrt(x))) / (x * x);
  });
}

/** Shares a whole number out in proportion to weights, so that the parts add up to it. */
function shareOut(total: number, weights: Float64Array): Uint32Array {
  const sum = weights.reduce((a, b) => a + b, 0);
  const parts = new Uint32Array(weights.length);
  let [before, reached] = [0, 0];
  for (let i = 0; i < weights.length; i++) {
    reached += weights[i] as number;
    const until = i === weights.length - 1 ? total : Math.floor((total * reached) / sum);
    parts[i] = until - before;
    before = until;
  }
  return parts;
}

/**
 * The synthetic graph. Neurons come in types; those of a type have most of their synapses onto the same few types, the
 * others anywhere. Degrees are lognormal, synapses of a pair have a power law as their tail, and a neuron is excitatory
 * or inhibitory as a whole. The first type, of 20 excitatory neurons, are the sensory ones.
 */
export function syntheticFly(options: SyntheticOptions = {}): SyntheticFly {
  const { seed = 1, size = FLY.size, inhibitory = 0.35 } = options;
  check("size", size, Number.isInteger(size) && size >= 100 && size <= 10_000_000, "an integer from 100 to 10,000,000");
  const most = Math.floor((size * size) / 16);
  const { pairs = Math.min(most, Math.round((FLY.pairs / FLY.size) * size)) } = options;
  const isCount = Number.isInteger(pairs) && pairs >= size && pairs <= most;
  check("pairs", pairs, isCount, `an integer from ${size} to ${most}`);
  check("inhibitory", inhibitory, inhibitory >= 0 && inhibitory <= 1, "from 0 to 1");
  check("seed", seed, Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32, "an integer from 0 to 4294967295");
  const random = new Generator(seed);

  // Types are runs of neurons.
  const firstOf: number[] = [0];
  for (let end = SENSORY; end < size; end += LEAST + random.below(MOST - LEAST + 1)) firstOf.push(end);
  const types = firstOf.length;
  firstOf.push(size);

  const [inputs, outputs] = [new Float64Array(size), new Float64Array(size)];
  const isInhibitory = new Uint8Array(size);
  const apart = Math.sqrt(1 - TOGETHER * TOGETHER);
  for (let type = 0; type < types; type++) {
    const sign = type > 0 && random.next() < inhibitory ? 1 : 0;
    for (let n = firstOf[type] as number; n < (firstOf[type + 1] as number); n++) {
      const z = random.normal();
      // The exponential of half the variance is the mean of a lognormal number.
      outputs[n] = type === 0 ? LOUD * exponential((SPREAD * SPREAD) / 2) : exponential(SPREAD * z);
      inputs[n] = exponential(SPREAD * (TOGETHER * z + apart * random.normal()));
      isInhibitory[n] = sign;
    }
  }
  const outDegrees = shareOut(pairs, outputs.map((x) => Math.min(x, (size / 8) * (size / pairs))));

  // A place on the line of inputs leads to a neuron, and where those of each type begin.
  const places = shareOut(PLACES * size, inputs);
  const line = new Uint32Array(PLACES * size);
  const begin = new Uint32Array(types + 1);
  for (let type = 0, place = 0; type < types; type++) {
    begin[type] = place;
    for (let n = firstOf[type] as number; n < (firstOf[type + 1] as number); n++) {
      line.fill(n, place, place + (places[n] as number));
      place += places[n] as number;
    }
  }
  begin[types] = line.length;
  const typeOf = new Uint32Array(size);
  for (let type = 0; type < types; type++) typeOf.fill(type, firstOf[type], firstOf[type + 1]);

  const [sources, targets, counts] = [new Uint32Array(pairs), new Uint32Array(pairs), new Int32Array(pairs)];
  const more = moreSynapses();
  const [from, width] = [new Uint32Array(PARTNERS), new Uint32Array(PARTNERS)];
  // Of each neuron the source, plus 1, whose partner it was last.
  const taken = new Uint32Array(size);
  let pair = 0;
  for (let type = 0; type < types; type++) {
    for (let k = 0; k < PARTNERS; k++) {
      const partner = typeOf[line[random.below(line.length)] as number] as number;
      from[k] = begin[partner] as number;
      width[k] = (begin[partner + 1] as number) - (begin[partner] as number);
    }
    for (let n = firstOf[type] as number; n < (firstOf[type + 1] as number); n++) {
      taken[n] = n + 1;
      const end = pair + (outDegrees[n] as number);
      for (; pair < end; pair++) {
        const k = random.next() < TYPED ? random.below(PARTNERS) : -1;
        let target = n;
        for (let tries = 0; taken[target] === n + 1; tries++) {
          const isAnywhere = k < 0 || tries >= TRIES;
          const first = isAnywhere ? 0 : (from[k] as number);
          target = line[first + random.below(isAnywhere ? line.length : (width[k] as number))] as number;
        }
        taken[target] = n + 1;
        const rarity = random.next();
        let count = 1;
        while (count < LARGEST && rarity < (more[count - 1] as number)) count++;
        sources[pair] = n;
        targets[pair] = target;
        counts[pair] = isInhibitory[n] ? -count : count;
      }
    }
  }
  return { size, sources, targets, counts, sensory: Uint32Array.from({ length: SENSORY }, (_, i) => i) };
}

function check(name: string, value: number, holds: boolean, allowed: string): void {
  if (!holds) throw new RangeError(`syntheticFly: ${name} is ${value}; it must be ${allowed}.`);
}
