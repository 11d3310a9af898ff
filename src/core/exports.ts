import type { WasmMemory } from "./platform.js";

/** What the core exports (assembly/index.ts): addresses and indices are numbers, booleans are 0 or 1. */
export interface CoreExports extends Record<string, unknown> {
  readonly memory: WasmMemory;
  /** 0 when memory is exhausted. */
  allocate(bytes: number): number;
  allocated(): number;
  /** Gives back what was allocated since `allocated()` answered `mark`. */
  release(mark: number): void;
  /** Makes the memory as large as a snapshot's; 0 when there is no room. */
  restore(bytes: number): number;
  configure(dt: number, seedLow: number, seedHigh: number): void;
  padding(): number;
  neuronsPerVector(): number;
  longestChunk(): number;

  kernelIndex(model: number, method: number, variant: number): number;
  prepareModel(model: number, lane: number, dt: number): void;

  addPopulation(size: number, offset: number, kernel: number, stages: number, folds: boolean, lowest: number, highest: number): number;
  setParams(population: number, kernel: number, params: number, stride: number): void;
  /** Fills a table of the gates' rates, and gives it to a population (0: rates are evaluated). */
  fillRates(model: number, lane: number, table: number, first: number, dt: number): void;
  tableBytes(): number;
  setRates(population: number, table: number, first: number): void;
  setColumn(population: number, which: number, address: number): void;
  setBounds(population: number, lowest: number, highest: number): void;
  setLog(population: number, log: number, capacity: number, fractions: number): void;
  setInbox(population: number, inbox: number, counts: number): void;
  spikesLogged(population: number): number;
  stepCounts(population: number): number;

  addBackground(population: number, kind: number, stream: number): number;
  backgroundBytes(): number;
  linkBackground(population: number, background: number, kind: number, stream: number): void;
  clearBackground(population: number): void;
  setAmplitude(background: number, aColumn: number, a: number, bColumn: number, b: number): void;
  setShape(background: number, p0: number, p1: number, p2: number, p3: number, table: number, rows: number): void;
  setWindow(background: number, from: number, until: number): void;
  setProcess(background: number, state: number): void;
  startProcess(background: number, population: number, first: number, count: number): void;

  addReceptor(population: number, kernel: number, conductance: boolean, state: number, decay: number, E: number): number;
  setDecay(receptor: number, decay: number, E: number): void;
  setFactors(receptor: number, f0: number, f1: number, f2: number, f0Column: number, f1Column: number): void;
  moveRing(receptor: number, ring: number, slots: number): void;
  setRing(receptor: number, ring: number, slots: number, slotBytes: number): void;

  addProjection(
    source: number,
    target: number,
    receptor: number,
    rows: number,
    targets: number,
    wide: boolean,
    delay: number,
    weightKind: number,
    weight: number,
    weights: number,
    segmentRows: number,
    segments: number,
  ): number;
  setWeights(projection: number, kind: number, weight: number, weights: number): void;
  setDelay(projection: number, delay: number): void;
  setRelease(projection: number, probability: number, stream: number): void;
  setShortTerm(projection: number, U: number, tauRec: number, tauFacil: number, u: number, x: number, last: number): number;
  /** 0 when memory is exhausted. */
  setPlasticity(
    projection: number,
    rule: number,
    nearest: boolean,
    aPlus: number,
    aMinus: number,
    a3Plus: number,
    a3Minus: number,
    tauPlus: number,
    tauMinus: number,
    tauX: number,
    tauY: number,
    least: number,
    most: number,
    pre: number,
    preStride: number,
    post: number,
    postStride: number,
    incomingRows: number,
    incoming: number,
    sources: number,
  ): number;
  setScaling(plasticity: number, steps: number, rate: number, goal: number, counts: number): void;
  setRule(
    plasticity: number,
    aPlus: number,
    aMinus: number,
    a3Plus: number,
    a3Minus: number,
    tauPlus: number,
    tauMinus: number,
    tauX: number,
    tauY: number,
    least: number,
    most: number,
    sources: number,
  ): void;
  divideDelay(plasticity: number, axonal: number, axon: number, sources: number, dendritic: number, dendrite: number): void;
  setLearning(plasticity: number, learning: boolean): void;
  addGapJunctions(
    source: number,
    target: number,
    rows: number,
    targets: number,
    conductance: number,
    conductances: number,
    current: number,
  ): number;
  setGapConductance(gap: number, conductance: number, conductances: number): void;

  /** Makes a population a source: kind 0 Poisson trains, 1 given spikes. */
  setSource(population: number, kind: number, reserve: number): void;
  setBombarded(background: number, receptor: number): void;
  setRise(receptor: number, rise: number, decay: number, transfer: number, gain: number, block: number): void;
  setRiseFactors(receptor: number, r0: number, r1: number, r2: number, r0Column: number, r1Column: number): void;
  setEnding(receptor: number, ending: number, slots: number): void;
  graphSpace(sources: number, targets: number, kernel: number, scale: number, periodX: number, periodY: number): void;

  graphRule(
    rule: number,
    sources: number,
    targets: number,
    from: number,
    to: number,
    p: number,
    k: number,
    autapses: boolean,
    multapses: boolean,
    stream: number,
  ): void;
  graphPairs(sources: number, targets: number, count: number): void;
  graphWeights(
    kind: number,
    wide: boolean,
    origin: number,
    distribution: number,
    a: number,
    b: number,
    low: number,
    high: number,
    column: number,
  ): void;
  graphDelays(
    origin: number,
    distribution: number,
    a: number,
    b: number,
    low: number,
    high: number,
    column: number,
    most: number,
  ): void;
  /** So much work of placing and of sorting; a BUILD of shard.ts. */
  graphPlace(work: number): number;
  graphSort(work: number): number;
  /** Done part of a projection's building, from 0 to 1. */
  graphProgress(): number;
  graphCount(): number;
  graphWide(): number;
  graphRowTable(): number;
  graphTargetColumn(): number;
  graphWeightColumn(): number;
  graphDelayColumn(): number;
  graphSegmentRows(): number;
  graphSegmentTable(): number;
  graphLongest(): number;
  graphLeast(): number;
  fillRandom(
    into: number,
    first: number,
    count: number,
    stream: number,
    distribution: number,
    a: number,
    b: number,
    low: number,
    high: number,
  ): void;

  addRecorder(
    source: number,
    backgroundOf: number,
    late: boolean,
    neurons: number,
    count: number,
    every: number,
    from: number,
    buffer: number,
    samples: number,
  ): number;
  recorded(recorder: number): number;

  record(): void;
  run(steps: number): number;
  /** Shards: delivers the spikes of pending steps and advances by further ones; a STATUS, `full` without room for the next. */
  turnOver(pending: number, steps: number, next: number): number;
  stepsDone(): number;
  stepsSinceDrain(): number;
  rewind(): void;
  reseed(seedLow: number, seedHigh: number): void;
  drained(): void;

  /** Profiles: see assembly/stopwatch.ts and PROFILE in abi.ts. */
  setProfiling(on: boolean, period: number): void;
  profiling(): number;
  profileTotal(which: number): number;
  addExchange(ms: number): void;
  populationTime(population: number, phase: number): number;
  projectionTime(projection: number, phase: number): number;
  gapTime(gap: number): number;

  guardPopulation(): number;
  guardNeuron(): number;
  guardValue(): number;
  guardLastFinite(): number;

  exp(x: number): number;
  expm1(x: number): number;
  exprel(x: number): number;
  log1p(x: number): number;
  sinTurns(x: number): number;
  cosTurns(x: number): number;
  tanh(x: number): number;
  log(x: number): number;
}
