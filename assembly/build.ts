/**
 * What the host calls to lay a network out in memory and to read it back. Addresses are plain numbers on the host's
 * side; the classes behind them are known here only. Functions that allocate return 0 when memory is exhausted.
 */
import {
  BLOCK, COLUMN, JUMPS, LONGEST_CHUNK, PADDING, POPULATION_PHASE, PROJECTION_PHASE, RECEPTOR, SOURCE, WATCH, ZEROS,
} from "./abi";
import { beginAll, beginLooks, bitmapBytes, bringAllUp, lookAt } from "./events";
import { Background, drawProcess } from "./inputs/background";
import {
  beginSource, correlatedSource, eventSource, poissonSource, renewalSource, spikeTrainSource,
} from "./inputs/sources";
import { allocate, exists } from "./memory";
import { keptList, Link, listReceptors, network, Population } from "./network";
import { columnAhead, receiveOf, Receptor } from "./receptors/receptor";
import { Recorder } from "./recording";
import { letRest, wakeUp } from "./rest";
import { GapJunctions } from "./synapses/gapJunctions";
import { Hook, Plasticity, Watch } from "./synapses/plasticity";
import { arriveIn, findRuns } from "./synapses/projection";
import { Depression } from "./synapses/shortTerm";

export function configure(dt: f64, seedLow: u32, seedHigh: u32): void {
  network.dt = dt;
  for (let k = network.populations; exists(k); k = k.next) k.dt = dt;
  reseed(seedLow, seedHigh);
}

/** Neurons per vector: 2, or 1 in the scalar build. */
export function neuronsPerVector(): i32 {
  return ASC_FEATURE_SIMD ? 2 : 1;
}

/* Populations */

/**
 * A population with so many states, or a shard's part of one that begins with its neuron number `offset`; 0 when memory
 * is exhausted. `stages` says when the method looks at its input (STAGE), `folds` that it takes conductances as a
 * current at the start of the step.
 */
export function addPopulation(size: i32, offset: i32, states: i32, stages: i32, folds: bool): usize {
  const address = allocate(<f64>offsetof<Population>());
  const counts = allocate(<f64>LONGEST_CHUNK * 4);
  const list = allocate(<f64>states * 4);
  if (!address || !counts || !list) return 0;
  const k = changetype<Population>(address);
  k.size = size;
  k.offset = offset;
  k.reserve = size;
  k.padded = (size + PADDING - 1) & -PADDING;
  k.states = list;
  k.stateCount = states;
  k.stages = stages;
  k.folds = folds;
  k.jumps = ZEROS;
  k.dt = network.dt;
  k.seedLow = network.seedLow;
  k.seedHigh = network.seedHigh;
  k.counts = counts;
  k.lookAt = Infinity;
  let last = network.populations;
  if (!exists(last)) {
    network.populations = k;
  } else {
    while (exists(last.next)) last = last.next;
    last.next = k;
  }
  return address;
}

/** Makes a population a source of the given SOURCE kind; a step may add `reserve` spikes. */
export function setSource(population: usize, kind: i32, reserve: i32): void {
  const k = changetype<Population>(population);
  k.source = true;
  k.kernel =
    kind == SOURCE.poisson
      ? poissonSource.index
      : kind == SOURCE.spikeTrain
        ? spikeTrainSource.index
        : kind == SOURCE.renewal
          ? renewalSource.index
          : kind == SOURCE.correlated
            ? correlatedSource.index
            : eventSource.index;
  k.reserve = reserve;
}

/** Lets the trains of a source of the given SOURCE kind begin at the present step. */
export function startSource(population: usize, kind: i32): void {
  beginSource(changetype<Population>(population), kind);
}

/**
 * Parameter blocks at `params`, `stride` bytes apart (0: one block for all neurons), and the kernel that reads them.
 */
export function setParams(population: usize, kernel: i32, params: usize, stride: usize): void {
  const k = changetype<Population>(population);
  k.kernel = kernel;
  k.params = params;
  k.stride = stride;
}

/** The column of state number j. */
export function setState(population: usize, j: i32, address: usize): void {
  const k = changetype<Population>(population);
  store<u32>(k.states + ((<usize>j) << 2), <u32>address);
  if (j == 0) k.x0 = address;
  else if (j == 1) k.x1 = address;
  else if (j == 2) k.x2 = address;
  else if (j == 3) k.x3 = address;
}

/** Another column, by COLUMN. */
export function setColumn(population: usize, which: i32, address: usize): void {
  const k = changetype<Population>(population);
  if (which == COLUMN.until) k.until = address;
  else k.armed = address;
}

/**
 * What the population's kernel does by itself: it goes through the blocks (`whole`), it takes the receptors (`takes`).
 * `held` is where it keeps refractory neurons, `receptorColumns` where it finds the columns of the receptors,
 * `currents` where it reads the current, if that differs between neurons and does not change while the network runs.
 */
export function setFusion(
  population: usize, whole: bool, takes: bool, held: usize, receptorColumns: usize, currents: usize,
): void {
  const k = changetype<Population>(population);
  k.whole = whole;
  k.takes = takes;
  k.held = held;
  k.receptorColumns = receptorColumns;
  k.currents = currents;
}

/** Bytes that `setRest` takes for a population of so many neurons. */
export function restBytes(size: i32): i32 {
  return 9 * ((size + BLOCK - 1) / BLOCK);
}

/** Lets blocks of a population be left out while they are at rest (rest.ts), by means of memory that is zero. */
export function setRest(population: usize, address: usize): void {
  letRest(changetype<Population>(population), address);
}

/**
 * Whether a population's kernel depends on neither time nor random numbers, but for the currents, receptors and spikes
 * that it gets.
 */
export function setAutonomous(population: usize, autonomous: bool): void {
  changetype<Population>(population).autonomous = autonomous;
}

/** Ends all rest: the host has changed something, or may have. */
export function wakeBlocks(): void {
  for (let k = network.populations; exists(k); k = k.next) if (!k.source) wakeUp(k, network.step);
}

/** Number of blocks of a population that are at rest. */
export function blocksAtRest(population: usize): i32 {
  return changetype<Population>(population).resting;
}

/** The list (u32) of the columns that a kernel reads beside the states. */
export function setColumns(population: usize, list: usize): void {
  changetype<Population>(population).columns = list;
}

/** From what the streams of random numbers follow that the population's kernel draws. */
export function setStream(population: usize, stream: u32): void {
  changetype<Population>(population).stream = stream;
}

/** The list (u32), by event, of what `eventLog` answers for the source that an event goes to, or 0. */
export function setEvents(population: usize, list: usize): void {
  changetype<Population>(population).events = list;
}

/** Address of the field that says where the next spike of a source goes which is an event of another population. */
export function eventLog(source: usize): usize {
  return source + offsetof<Population>("log");
}

/** Lowest and highest v that are not a runaway. */
export function setBounds(population: usize, lowest: f64, highest: f64): void {
  const k = changetype<Population>(population);
  k.lowest = lowest;
  k.highest = highest;
}

/**
 * The spike log: `capacity` neuron indices (u32), and as many positions within the step (f64) unless `fractions` is 0.
 */
export function setLog(population: usize, log: usize, capacity: i32, fractions: usize): void {
  const k = changetype<Population>(population);
  k.log = k.logStart = k.stepStart = log;
  k.logEnd = log + ((<usize>capacity) << 2);
  k.fractions = fractions;
}

/** Shards: where the spikes of the whole population in an interval are put, and their number in each step (u32). */
export function setInbox(population: usize, inbox: usize, counts: usize): void {
  const k = changetype<Population>(population);
  k.inbox = inbox;
  k.inboxCounts = counts;
}

/**
 * Where the spikes of the last `slots` steps are kept, for projections in which they wait: a list per step, `slotBytes`
 * apart, that holds 4 bytes for their number and 4 for each of the most that the whole population fires in a step.
 * Lists of before, which were not larger, are taken over.
 */
export function keepSpikes(population: usize, kept: usize, slots: i32, slotBytes: usize): void {
  const k = changetype<Population>(population);
  for (let ago = 1; ago <= k.keptSlots; ago++) {
    memory.copy(kept + <usize>(slots - ago) * slotBytes, keptList(k, ago), k.keptBytes);
  }
  k.kept = kept;
  k.keptSlots = slots;
  k.keptSlot = 0;
  k.keptBytes = slotBytes;
}

/** Spikes in the log. */
export function spikesLogged(population: usize): i32 {
  const k = changetype<Population>(population);
  return <i32>((k.log - k.logStart) >> 2);
}

/** Address of the number of spikes (u32) in each step since the last drain. */
export function stepCounts(population: usize): usize {
  return changetype<Population>(population).counts;
}

/* Populations that are advanced by events (events.ts) */

/**
 * Makes a population one: `watch` is the place of its bitmaps, `records` of what its kernel keeps, `recordBytes` for
 * each neuron; `begin`, `settle` and `look` are slots (slots.ts). `sums` are those of sums.ts: for each neuron its
 * slack and so many `modes`; `modeNumbers` are their numbers, of a vector of so many elements.
 */
export function advanceByEvents(
  population: usize, watch: usize, records: usize, recordBytes: usize, begin: i32, settle: i32, look: i32,
  sums: usize, modes: i32, elements: i32, modeNumbers: usize,
): void {
  const k = changetype<Population>(population);
  k.watch = watch;
  k.records = records;
  k.recordBytes = recordBytes;
  k.begin = begin;
  k.settle = settle;
  k.look = look;
  k.sums = sums;
  k.sumBytes = (1 + <usize>modes) << 3;
  k.modes = modes;
  k.elements = elements;
  k.modeNumbers = modeNumbers;
  listReceptors(k);
}

/** Bytes of its bitmaps, and of one of a ring's column. */
export function watchBytes(padded: i32): i32 {
  return <i32>(<usize>WATCH.never * bitmapBytes(padded));
}

export function markBytes(padded: i32): i32 {
  return <i32>bitmapBytes(padded);
}

/** Brings all columns to the present. */
export function bringUp(population: usize): void {
  bringAllUp(changetype<Population>(population), network.step);
}

/** The columns are those of the present, whatever they were; all neurons are touched in the next step. */
export function wake(population: usize): void {
  beginAll(changetype<Population>(population), network.step);
}

/** State number j, counted on through those of the receptors, of all neurons at the present, into a column. */
export function lookAtAll(population: usize, j: i32, into: usize): void {
  const k = changetype<Population>(population);
  beginLooks(k, network.step);
  for (let n = 0; n < k.size; n++) store<f64>(into + ((<usize>n) << 3), lookAt(k, n, j));
}

/* Background currents */

export function addBackground(population: usize, kind: i32, stream: u32): usize {
  const address = allocate(<f64>offsetof<Background>());
  if (!address) return 0;
  const b = changetype<Background>(address);
  b.kind = kind;
  b.stream = stream;
  b.from = -Infinity;
  b.until = Infinity;
  appendBackground(population, address);
  return address;
}

/** Bytes of a background entry, for the host that keeps such entries for later use. */
export function backgroundBytes(): i32 {
  return offsetof<Background>();
}

/**
 * Puts an entry, in memory that is zero or was one before, at the end of a population's list, of which it is no part.
 */
export function linkBackground(population: usize, background: usize, kind: i32, stream: u32): void {
  const b = changetype<Background>(background);
  b.kind = kind;
  b.stream = stream;
  appendBackground(population, background);
}

function appendBackground(population: usize, background: usize): void {
  const b = changetype<Background>(background);
  b.next = changetype<Background>(0);
  const k = changetype<Population>(population);
  let last = k.backgrounds;
  if (!exists(last)) {
    k.backgrounds = b;
  } else {
    while (exists(last.next)) last = last.next;
    last.next = b;
  }
}

/** Takes all background currents off a population; their memory stays the host's. */
export function clearBackground(population: usize): void {
  changetype<Population>(population).backgrounds = changetype<Background>(0);
}

/** a and b of the background: a column (address) or 0 and a number for all. */
export function setAmplitude(background: usize, aColumn: usize, a: f64, bColumn: usize, b: f64): void {
  const entry = changetype<Background>(background);
  entry.aColumn = aColumn;
  entry.classified = false;
  entry.a = a;
  entry.bColumn = bColumn;
  entry.b = b;
}

export function setShape(background: usize, p0: f64, p1: f64, p2: f64, p3: f64, table: usize, rows: i32): void {
  const entry = changetype<Background>(background);
  entry.p0 = p0;
  entry.p1 = p1;
  entry.p2 = p2;
  entry.p3 = p3;
  entry.table = table;
  entry.rows = rows;
}

/** From when to when (ms) a background acts; always by default. */
export function setWindow(background: usize, from: f64, until: f64): void {
  const entry = changetype<Background>(background);
  entry.from = from;
  entry.until = until;
}

/** Gives an Ornstein-Uhlenbeck background its column of values. */
export function setProcess(background: usize, state: usize): void {
  changetype<Background>(background).state = state;
}

/** Draws values of `count` neurons from number `first` on, here and now, from the stationary distribution. */
export function startProcess(background: usize, population: usize, first: i32, count: i32): void {
  const offset = changetype<Population>(population).offset;
  drawProcess(
    changetype<Background>(background),
    first,
    count,
    offset,
    network.step,
    network.seedLow,
    network.seedHigh,
  );
}

/** Bytes of a population: of what `setExpression` takes for `pack`. */
export function packBytes(): i32 {
  return offsetof<Population>();
}

/**
 * Makes an entry an expression. Its kernel gets `pack`, in memory that is zero or was one before, whose parameters are
 * set like those of a population; `states` is the list (u32) of the columns of the current at the start, the middle and
 * the end of the step, of `size` neurons from number `offset` on, or of one if the current does not differ between
 * neurons.
 */
export function setExpression(
  background: usize, pack: usize, kernel: i32, states: usize, size: i32, offset: i32, stream: u32, differs: bool,
): void {
  const k = changetype<Population>(pack);
  k.states = states;
  k.size = size;
  k.offset = offset;
  k.stream = stream;
  const b = changetype<Background>(background);
  b.pack = k;
  b.kernel = kernel;
  b.differs = differs;
}

/** The receptor that a Poisson background sends its spikes to. */
export function setBombarded(background: usize, receptor: usize): void {
  changetype<Background>(background).receptor = changetype<Receptor>(receptor);
}

/* Receptors */

export function addReceptor(
  population: usize,
  kernel: i32,
  conductance: bool,
  state: usize,
  decay: f64,
  E: f64,
): usize {
  const address = allocate(<f64>offsetof<Receptor>());
  if (!address) return 0;
  const r = changetype<Receptor>(address);
  r.receive = receiveOf(kernel);
  r.restless = kernel == RECEPTOR.own;
  r.fades = kernel == RECEPTOR.exponential || kernel == RECEPTOR.riseAndDecay;
  r.conductance = conductance;
  r.state = state;
  r.into = kernel == RECEPTOR.exponential ? state : 0;
  r.gain = 1;
  r.decay = decay;
  r.E = E;
  const k = changetype<Population>(population);
  if (conductance) k.conducts = true;
  if (kernel == RECEPTOR.delta && state == 0) {
    k.jumpsIn = true;
    k.jumps = JUMPS;
  }
  let last = k.receptors;
  if (!exists(last)) {
    k.receptors = r;
  } else {
    while (exists(last.next)) last = last.next;
    last.next = r;
  }
  return address;
}

/**
 * Gives a receptor with a kernel that comes later the list (u32) of the columns of its states; `autonomous` says that
 * it depends on neither time nor random numbers.
 */
export function setReceptorStates(receptor: usize, list: usize, count: i32, autonomous: bool): void {
  const r = changetype<Receptor>(receptor);
  r.columns = list;
  r.columnCount = count;
  r.restless = !autonomous;
}

/**
 * Puts a kernel that comes later into the slot `receive` (slots.ts) of a receptor, which reads what lies at `params`.
 * It is called unless the population's kernel takes the receptors itself.
 */
export function setReceive(receptor: usize, receive: i32, params: usize): void {
  const r = changetype<Receptor>(receptor);
  r.receive = receive;
  r.params = params;
}

/** The same for the slot `output`, of a receptor whose conductance or current is asked for. */
export function setOutput(receptor: usize, output: i32, params: usize): void {
  const r = changetype<Receptor>(receptor);
  r.output = output;
  r.outputParams = params;
}

/**
 * Makes a delta receptor, which was added with the column as its state, act on state number j instead of v: jumps that
 * arrive stand there for the kernel. `list` is the population's list (u32) of such columns by state; `opens` says that
 * no receptor before this one adds to the column.
 */
export function setLanding(population: usize, receptor: usize, list: usize, j: i32, opens: bool): void {
  const r = changetype<Receptor>(receptor);
  r.landing = r.state;
  r.opens = opens;
  changetype<Population>(population).landings = list;
  store<u32>(list + ((<usize>j) << 2), <u32>r.state);
}

/** What the receptor's state contributes at the stage times; columns are addresses or 0. */
export function setFactors(receptor: usize, f0: f64, f1: f64, f2: f64, f0Column: usize, f1Column: usize): void {
  const r = changetype<Receptor>(receptor);
  r.f0 = f0;
  r.f1 = f1;
  r.f2 = f2;
  r.f0Column = f0Column;
  r.f1Column = f1Column;
}

/** Another decay per step and reversal potential; the state stays. */
export function setDecay(receptor: usize, decay: f64, E: f64): void {
  const r = changetype<Receptor>(receptor);
  r.decay = decay;
  r.E = E;
}

/**
 * Gives a receptor its second state: `rise` its column, the factor per step, what it hands over to the state in a step,
 * and its jump per weight; `block` > 0 adds the magnesium factor 1/(1 + block exp(slope v)).
 */
export function setRise(
  receptor: usize,
  rise: usize,
  decay: f64,
  transfer: f64,
  gain: f64,
  block: f64,
  slope: f64,
): void {
  const r = changetype<Receptor>(receptor);
  r.rise = r.into = rise;
  r.riseDecay = decay;
  r.transfer = transfer;
  r.gain = gain;
  r.magnesium = block > 0;
  r.block = block;
  r.blockSlope = slope;
}

/** What the second state contributes at the stage times; columns are addresses or 0. */
export function setRiseFactors(receptor: usize, r0: f64, r1: f64, r2: f64, r0Column: usize, r1Column: usize): void {
  const r = changetype<Receptor>(receptor);
  r.r0 = r0;
  r.r1 = r1;
  r.r2 = r2;
  r.r0Column = r0Column;
  r.r1Column = r1Column;
}

/**
 * For `step`: the column of the number of steps that are on, and the ring of arrivals that have yet to end, one column
 * (as wide as the ring's) per step of the duration.
 */
export function setEnding(receptor: usize, active: usize, ending: usize, slots: i32): void {
  const r = changetype<Receptor>(receptor);
  r.rise = active;
  r.ending = ending;
  r.endingSlots = slots;
}

/**
 * The ring of arriving weights: `slots` columns, `slotBytes` apart, no fewer than those of a ring of before, from which
 * it takes over what is on its way. `marks` is where a column's bitmap stands behind its start, or 0 without any.
 */
export function setRing(receptor: usize, ring: usize, slots: i32, slotBytes: usize, marks: usize): void {
  const r = changetype<Receptor>(receptor);
  for (let d = 0; d < r.slots; d++) memory.copy(ring + <usize>d * slotBytes, columnAhead(r, d), slotBytes);
  r.ring = ring;
  r.slots = slots;
  r.slotBytes = slotBytes;
  r.marks = marks;
  r.slot = 0;
}

/** Spikes are sent to the receptor's ring in every step from now on. */
export function openRing(receptor: usize): void {
  const r = changetype<Receptor>(receptor);
  r.fed = true;
  r.left = 0;
}

/* Projections */

/**
 * A projection with rows of so many sources and a common delay in steps (0: segments). `weights` is the column of
 * weights of their own; `delayBits` says how many bits of a segment are its delay.
 */
export function addProjection(
  source: usize, target: usize, receptor: usize, rows: usize, sources: u32, targets: usize, wide: bool, delay: i32,
  weightKind: i32, weight: f64, weights: usize, segmentRows: usize, segments: usize, delayBits: u32,
): usize {
  const address = allocate(<f64>offsetof<Link>());
  if (!address) return 0;
  const p = changetype<Link>(address);
  p.source = changetype<Population>(source);
  p.target = changetype<Population>(target);
  p.probability = 1;
  p.receptor = changetype<Receptor>(receptor);
  p.rows = rows;
  p.targets = targets;
  p.wide = wide;
  p.firstTarget = p.target.offset;
  p.delay = delay;
  p.segmentRows = segmentRows;
  p.segments = segments;
  p.delayBits = delayBits;
  setWeights(address, weightKind, weight, weights);
  findRuns(p, sources);
  let last = network.links;
  if (!exists(last)) {
    network.links = p;
  } else {
    while (exists(last.nextLink)) last = last.nextLink;
    last.nextLink = p;
  }
  return address;
}

export function setWeights(projection: usize, kind: i32, weight: f64, weights: usize): void {
  const p = changetype<Link>(projection);
  p.weightKind = kind;
  p.weight = weight;
  p.weights = weights;
}

/** Another common delay in steps. */
export function setDelay(projection: usize, delay: i32): void {
  changetype<Link>(projection).delay = delay;
}

/** Spikes wait for the common delay, for which their source keeps them, and then act on the receptor's states. */
export function letWait(projection: usize): void {
  changetype<Link>(projection).waits = true;
}

/**
 * Sends the spikes that wait to the receptor's ring, which has as many columns as the delay has steps: before the
 * weights or the delay change, which concern later spikes only. Nothing happens where none wait.
 */
export function sendWaiting(projection: usize): void {
  const link = changetype<Link>(projection);
  if (!link.waits) return;
  const r = link.receptor;
  for (let ago = link.delay; ago > 0; ago--) {
    const list = keptList(link.source, ago);
    const count = load<u32>(list);
    if (count == 0 || network.step - <f64>ago < link.since) continue;
    arriveIn(link, list + 4, list + 4 + ((<usize>count) << 2), columnAhead(r, link.delay - ago));
    if (!r.fed) r.left = max(r.left, link.delay - ago + 1);
  }
  link.since = network.step;
}

/** Each synapse transmits a spike with this probability; `stream` is its random stream. */
export function setRelease(projection: usize, probability: f64, stream: u32): void {
  const p = changetype<Link>(projection);
  p.probability = probability;
  p.stream = stream;
  p.seedLow = network.seedLow;
  p.seedHigh = network.seedHigh;
}

/**
 * Short-term plasticity; the columns hold one number per source: u, x and the time of the last spike (-1 before it).
 */
export function setShortTerm(
  projection: usize, U: f64, tauRec: f64, tauFacil: f64, u: usize, x: usize, last: usize,
): bool {
  const address = allocate(<f64>offsetof<Depression>());
  if (!address) return false;
  const d = changetype<Depression>(address);
  d.U = U;
  d.tauRec = tauRec;
  d.tauFacil = tauFacil;
  d.u = u;
  d.x = x;
  d.last = last;
  changetype<Link>(projection).shortTerm = d;
  return true;
}

/**
 * Plasticity of a projection with f64 weights, still without a rule. `incomingRows`, `incoming` and `sources` index the
 * synapses by target; scaling keeps weights from `least` to `most`.
 */
export function setPlasticity(
  projection: usize, least: f64, most: f64, incomingRows: usize, incoming: usize, sources: usize, sourceCount: u32,
): usize {
  const address = allocate(<f64>offsetof<Plasticity>());
  if (!address) return 0;
  const link = changetype<Link>(projection);
  const p = changetype<Plasticity>(address);
  p.learning = true;
  p.least = p.scalingLeast = least;
  p.most = p.scalingMost = most;
  p.incomingRows = incomingRows;
  p.incoming = incoming;
  p.sources = sources;
  p.targetCount = link.target.size;
  p.sourceCount = sourceCount;
  link.plasticity = p;
  return address;
}

/**
 * Puts functions that come later into the slots of a projection's plasticity (slots.ts), 0 where there is nothing to
 * do; they read what lies at `params`. `least` and `most` are the bounds that they hold weights to.
 */
export function setRuleSlots(
  plasticity: usize, onPre: i32, onPost: i32, everyStep: i32, params: usize, least: f64, most: f64,
): void {
  const p = changetype<Plasticity>(plasticity);
  p.onPre = onPre;
  p.onPost = onPost;
  p.everyStep = everyStep;
  p.params = params;
  p.least = least;
  p.most = most;
}

/**
 * What a rule does with rows beside learning at spikes: `onRow` is called like `onPre` for the rows of all sources in
 * every step; what it or `onPre` writes to `effects`, a column as long as the longest row, is transmitted.
 */
export function setRuleRows(
  plasticity: usize, onRow: i32, effects: usize, preTransmits: bool, rowTransmits: bool,
): void {
  const p = changetype<Plasticity>(plasticity);
  p.onRow = onRow;
  p.effects = effects;
  p.preTransmits = preTransmits;
  p.rowTransmits = rowTransmits;
}

/**
 * Lets a rule read a column of neurons, as it was at the end of the step whose spikes are delivered: its address goes
 * to `into`. `ring` holds `slots` copies of it, at least as many as an interval has steps.
 */
export function addWatch(
  plasticity: usize, column: usize, ring: usize, slots: i32, bytes: usize, into: usize,
): bool {
  const address = allocate(<f64>offsetof<Watch>());
  if (!address) return false;
  const p = changetype<Plasticity>(plasticity);
  const w = changetype<Watch>(address);
  w.column = column;
  w.ring = ring;
  w.slots = slots;
  w.bytes = bytes;
  w.into = into;
  w.next = p.watches;
  p.watches = w;
  store<u32>(into, <u32>column);
  return true;
}

/**
 * Lets a rule listen to the events of a population beside those of its ends: of all its neurons, or of those here. The
 * slot is called like `onPost`.
 */
export function addHook(plasticity: usize, population: usize, slot: i32, all: bool): bool {
  const address = allocate(<f64>offsetof<Hook>());
  if (!address) return false;
  const p = changetype<Plasticity>(plasticity);
  const hook = changetype<Hook>(address);
  hook.population = population;
  hook.slot = slot;
  hook.all = all;
  if (!exists(p.hooks)) {
    p.hooks = hook;
    return true;
  }
  let last = p.hooks;
  while (exists(last.next)) last = last.next;
  last.next = hook;
  return true;
}

/** Synaptic scaling every `steps` steps towards `goal` spikes per interval; `counts` is a column by target. */
export function setScaling(plasticity: usize, steps: f64, rate: f64, goal: f64, counts: usize): void {
  const p = changetype<Plasticity>(plasticity);
  p.scalingSteps = steps;
  p.scalingRate = rate;
  p.scalingGoal = goal;
  p.counts = counts;
}

/**
 * Divides the delay of a projection with one delay: spikes reach the rule `axonal` and `dendritic` steps late. The
 * rings have a column of zeros for each of these steps, by source and by target.
 */
export function divideDelay(
  plasticity: usize,
  axonal: u32,
  axon: usize,
  dendritic: u32,
  dendrite: usize,
): void {
  const p = changetype<Plasticity>(plasticity);
  p.axonal = axonal;
  p.axon = axon;
  p.dendritic = dendritic;
  p.dendrite = dendrite;
}

/** Freezes the weights or lets them change again. */
export function setLearning(plasticity: usize, learning: bool): void {
  changetype<Plasticity>(plasticity).learning = learning;
}

/**
 * Gap junctions from one population to another; `current` is the target's column of summed gap currents, `unit` what a
 * difference of potentials is multiplied by to go with the conductances.
 */
export function addGapJunctions(
  source: usize, target: usize, rows: usize, targets: usize, conductance: f64, conductances: usize, current: usize,
  unit: f64,
): usize {
  const address = allocate(<f64>offsetof<GapJunctions>());
  if (!address) return 0;
  const gap = changetype<GapJunctions>(address);
  const from = changetype<Population>(source);
  const to = changetype<Population>(target);
  gap.rows = rows;
  gap.targets = targets;
  gap.sources = from.size;
  gap.conductance = conductance;
  gap.conductances = conductances;
  gap.sourceV = from.x0;
  gap.targetV = to.x0;
  gap.current = current;
  gap.unit = unit;
  gap.bytes = (<usize>to.padded) << 3;
  to.gapCurrent = current;
  gap.next = network.gaps;
  network.gaps = gap;
  return address;
}

/** Changes the conductance of gap junctions: a common one, or the column (f64) of each. */
export function setGapConductance(gap: usize, conductance: f64, conductances: usize): void {
  const junctions = changetype<GapJunctions>(gap);
  junctions.conductance = conductance;
  junctions.conductances = conductances;
}

/* Traces */

/** Records `count` neurons of a column (or of a population's background current) every so many steps from a step on. */
export function addRecorder(
  source: usize, backgroundOf: usize, late: bool, neurons: usize, count: i32, every: f64, from: f64,
  buffer: usize, samples: i32,
): usize {
  const address = allocate(<f64>offsetof<Recorder>());
  if (!address) return 0;
  const r = changetype<Recorder>(address);
  r.source = source;
  r.backgroundOf = backgroundOf;
  r.late = late;
  r.neurons = neurons;
  r.count = count;
  r.every = every;
  r.from = from;
  r.buffer = r.cursor = buffer;
  r.end = buffer + ((<usize>count * <usize>samples) << 3);
  r.next = network.recorders;
  network.recorders = r;
  return address;
}

/** Lets a recorder's column be filled with the output of a receptor for each sample. */
export function recordOutput(recorder: usize, population: usize, receptor: usize): void {
  const r = changetype<Recorder>(recorder);
  r.outputOf = receptor;
  r.population = population;
}

/** Lets a recorder look at state number `state` of a population that is advanced by events (events.ts). */
export function recordLook(recorder: usize, population: usize, state: i32): void {
  const r = changetype<Recorder>(recorder);
  r.lookedAt = population;
  r.state = state;
}

/** Numbers (f64) in the recorder's buffer. */
export function recorded(recorder: usize): i32 {
  const r = changetype<Recorder>(recorder);
  return <i32>((r.cursor - r.buffer) >> 3);
}

/* Profiles */

/** ms that a population took in timed steps, by POPULATION_PHASE. */
export function populationTime(population: usize, phase: i32): f64 {
  const k = changetype<Population>(population);
  if (phase == POPULATION_PHASE.background) return k.backgroundTime;
  return phase == POPULATION_PHASE.receptors ? k.receptorTime : k.integrationTime;
}

/** ms that a projection took in timed steps, by PROJECTION_PHASE. */
export function projectionTime(projection: usize, phase: i32): f64 {
  const p = changetype<Link>(projection);
  return phase == PROJECTION_PHASE.delivery ? p.deliveryTime : p.plasticityTime;
}

/** ms that gap junctions took in timed steps. */
export function gapTime(gap: usize): f64 {
  return changetype<GapJunctions>(gap).time;
}

/* Between chunks */

/** Steps done since the instance was made. */
export function stepsDone(): f64 {
  return network.step;
}

/** Begins again at step 0 with empty logs and buffers; what rings, columns and tables hold is the host's to clear. */
export function rewind(): void {
  network.step = 0;
  drained();
  wakeBlocks();
  for (let k = network.populations; exists(k); k = k.next) {
    for (let r = k.receptors; exists(r); r = r.next) {
      r.slot = r.endingSlot = r.left = 0;
    }
    for (let ago = 1; ago <= k.keptSlots; ago++) store<u32>(keptList(k, ago), 0);
  }
  for (let link = network.links; exists(link); link = link.nextLink) link.since = 0;
}

/** Another seed from now on: of noise, Poisson trains and release. */
export function reseed(seedLow: u32, seedHigh: u32): void {
  network.seedLow = seedLow;
  network.seedHigh = seedHigh;
  for (let k = network.populations; exists(k); k = k.next) {
    k.seedLow = seedLow;
    k.seedHigh = seedHigh;
  }
  for (let link = network.links; exists(link); link = link.nextLink) {
    link.seedLow = seedLow;
    link.seedHigh = seedHigh;
  }
}

/** Steps since the last drain: so many entries of each population's counts are valid. */
export function stepsSinceDrain(): i32 {
  return network.since;
}

/** Empties the spike logs and trace buffers after the host has copied them. */
export function drained(): void {
  network.since = 0;
  for (let k = network.populations; exists(k); k = k.next) {
    // Fractions lie in a block of their own behind the log's capacity; both start anew together.
    if (k.fractions) k.fractions -= ((k.log - k.logStart) >> 2) << 3;
    k.log = k.stepStart = k.logStart;
  }
  for (let r = network.recorders; exists(r); r = r.next) r.cursor = r.buffer;
}
