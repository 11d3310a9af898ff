/**
 * Spikelet: spiking neural networks in JavaScript, on a WebAssembly SIMD core.
 *
 * @module spikelet
 */
export * from "./analysis/index.js";
export { type CoreSource, MemoryError } from "./core/core.js";
export { parseModelFile, toDocument, type ModelDocument } from "./io/document.js";
export type { ResultFormat, RunTables } from "./io/format.js";
export { resultFormats } from "./io/own-formats.js";
export {
  ConnectionError,
  DocumentError,
  DuplicateNameError,
  FailedRunError,
  InstabilityError,
  LengthError,
  MissingKeyError,
  SpikeletError,
  StateError,
  UnavailableError,
  UnitError,
  UnknownKeyError,
  UnknownNameError,
  ValueRangeError,
  ValueTypeError,
} from "./model/errors.js";
export { type Kind, type KindField, kinds, kindsNamed, type KindSort, type KindSortName } from "./kinds/listing.js";
export { latexOf } from "./model/latex.js";
export { parseDocument, parseDuration, type ParseOptions, parseTimeStep } from "./model/parse.js";
export {
  defineModel,
  type DefinedRecord,
  type Diagnostic,
  EquationError,
  type EventDefinition,
  type ModelDefinition,
  type ParameterDefinition,
  type PresetDefinition,
} from "./model/own.js";
export {
  definePlasticityRule,
  type OwnPlasticitySpec,
  type PlasticityRule,
  type PlasticityRuleDefinition,
  type RuleVariableRecord,
} from "./model/ownRule.js";
export {
  defineReceptorKernel,
  type OwnReceptorInput,
  type ReceptorKernel,
  type ReceptorKernelDefinition,
  type ReceptorKernelRecord,
} from "./model/receptorKernel.js";
export type { Family, KernelRecord, Method, ModelRecord } from "./model/record.js";
export type { NetworkSpec } from "./model/spec.js";
export * from "./models/index.js";
export * from "./plot/index.js";
export type { Results } from "./sim/results.js";
export { compareTimeSteps, type TimeStepComparison } from "./sim/compare.js";
export {
  fit,
  type FitErrors,
  fitErrors,
  type FitOptions,
  type FitProgress,
  type FitRates,
  type FitResult,
  type FitSearch,
  type FitSpikes,
  type FitTargets,
  type FittedRates,
  type FittedSpikes,
} from "./sim/fit.js";
export type { Finding, Level } from "./model/findings.js";
export { SnapshotError } from "./sim/objectGraph.js";
export {
  background,
  type BackgroundInput,
  type ConnectOptions,
  type OwnReceptorChange,
  type PlasticityChange,
  type PopulationOptions,
  type Quantity,
  receptor,
  type ReceptorChange,
  type ReceptorInput,
  type RecordOptions,
  type SynapseInput,
  type ValueInput,
} from "./sim/options.js";
export type { Population } from "./sim/population.js";
export { RheobaseError } from "./sim/rheobase.js";
export type { Profile, TimeShare } from "./sim/profile.js";
export {
  type Jacobian,
  jacobian,
  type JacobianOptions,
  modelRheobase as rheobase,
  restingState,
  vectorField,
  type VectorFieldOptions,
} from "./sim/questions.js";
export { type Projection, type WeightHistogram, weightHistogram } from "./sim/projection.js";
export type {
  SpikeRecording,
  TraceRecording,
  WeightRecording,
  WeightRecordOptions,
  WeightSamples,
} from "./sim/recording.js";
export type { PopulationReport, Progress, Report, RunOptions } from "./sim/report.js";
export { type ExecutionOptions, type RestoreOptions, Simulation, type SimulationOptions } from "./sim/simulation.js";
export { VERSION } from "./version.js";
