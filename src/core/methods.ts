/** The integration methods as the host sees them. */
import type { Method } from "../model/record.js";
import { STAGE } from "./abi.js";

/** When a method looks at its input: bits of STAGE. */
const STAGES: Readonly<Record<Method, number>> = {
  euler: STAGE.start,
  heun: STAGE.start | STAGE.end,
  rk4: STAGE.start | STAGE.middle | STAGE.end,
  exponentialEuler: STAGE.start,
  exact: STAGE.start | STAGE.middle | STAGE.middleIsStart,
  halfStep: STAGE.start,
  strangSplitting: STAGE.start | STAGE.startIsMiddle,
  rosenbrock: STAGE.start | STAGE.startIsMiddle,
  eventDriven: STAGE.start,
};

/** When a method looks at its input, with a model of so many states: bits of STAGE. */
export function stagesOf(method: Method, states: number): number {
  // With one state the exact method needs the input of one equation only.
  return method === "exact" && states === 1 ? STAGE.start : STAGES[method];
}

/** Methods that take conductances as a current at the start of the step. */
export const FOLDS: readonly Method[] = ["euler", "halfStep"];

/** Methods under which the step of a gate depends on v alone, so that a table can have it. */
export const TABULATES: readonly Method[] = ["exponentialEuler", "strangSplitting"];
