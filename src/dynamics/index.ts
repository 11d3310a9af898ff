/**
 * Dynamics of models, from their equations: fixed points, limit cycles, their branches and bifurcations, phase
 * responses, and the time steps at which methods are stable. For built-in models and models as text alike.
 *
 * @module spikelet/dynamics
 */
export type { Complex } from "../analysis/linear.js";
export {
  type BifurcationFigureOptions,
  bifurcationFigure,
  type DrawnBranch,
  type DrawnCycles,
  type PhaseResponseFigureOptions,
  phaseResponseFigure,
} from "../plot/bifurcation.js";
export {
  type BifurcationCurve,
  type BifurcationCurveOptions,
  continueBifurcation,
  type CurveEvent,
  type CurvePoint,
} from "./curves.js";
export {
  continueCycles,
  type Cycle,
  type CycleBifurcation,
  type CycleBranch,
  type CycleBranchOptions,
  CycleError,
  type CyclePoint,
} from "./cycles.js";
export { type BifurcationDiagram, bifurcationDiagram, type DiagramOptions } from "./diagram.js";
export {
  type Bifurcation,
  type Branch,
  type BranchPoint,
  continueEquilibria,
  type ContinuationOptions,
  type Equilibria,
} from "./equilibria.js";
export { type FiCurve, fiCurve, type FiCurveChoice } from "./fi-curve.js";
export {
  type FixedPoint,
  type FixedPointKind,
  type FixedPointOptions,
  type FixedPoints,
  fixedPoints,
} from "./fixed-points.js";
export type { ModelAt } from "./given.js";
export {
  limitCycle,
  type LimitCycleOptions,
  type PhaseResponse,
  phaseResponse,
  type PhaseResponseOptions,
} from "./limit-cycle.js";
export { separatrix, type Separatrix, type SeparatrixOptions } from "./separatrix.js";
export { largestStableStep, type StableStep, type StableStepOptions } from "./step.js";
