/** The core's only export list. */
export { allocate, allocated } from "./memory";
export {
  addBackground,
  addPopulation,
  addProjection,
  addReceptor,
  addRecorder,
  clearBackground,
  configure,
  drained,
  longestChunk,
  neuronsPerVector,
  padding,
  recorded,
  setAmplitude,
  setBounds,
  setColumn,
  setFactors,
  setLog,
  setParams,
  setProcess,
  setRing,
  setShape,
  setWeights,
  spikesLogged,
  stepCounts,
  stepsDone,
  stepsSinceDrain,
} from "./build";
export { record, run } from "./network";
export { guardLastFinite, guardNeuron, guardPopulation, guardValue } from "./guard";
export {
  fillRandom,
  graphCount,
  graphDelays,
  graphOrder,
  graphPlace,
  graphRows,
  graphSegmentRows,
  graphSegments,
  graphSegmentTable,
  graphTargets,
  graphWeights,
} from "./synapses/connect";
export { kernelIndex, prepareModel } from "./generated/kernels";
export { cosh, cosTurns, exp, expBlock, expm1, exprel, log, log1p, sinTurns, tanh } from "./math";
export {
  gaussian,
  gaussianBlock,
  philox,
  poisson,
  poissonBlock,
  streamExponential,
  streamGaussian,
  streamInteger,
  streamLognormal,
  streamStart,
  streamUniform,
  uniform,
  uniformBlock,
  word,
} from "./random";
