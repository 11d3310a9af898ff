/** Where neurons are: the coordinates that a layout stands for. */
import type { Core } from "../core/core.js";
import { placed, type Positions } from "../kinds/layouts.js";
import type { PopulationSpec, PositionsSpec } from "../model/spec.js";
import { drawNumbers, streamOf } from "./values.js";

export type { Positions } from "../kinds/layouts.js";

/** The coordinates of a population that has positions; those that are drawn come from the seed. */
export function positionsOf(core: Core, population: PopulationSpec): Positions {
  const { size, name } = population;
  const { cosTurns, sinTurns } = core.exports;
  return placed(population.positions as PositionsSpec, {
    size,
    fill: (f) => Float64Array.from({ length: size }, (_, i) => f(i)),
    draw: (what) => drawNumbers(core, { uniform: [0, 1] }, { first: 0, size }, streamOf(core, name, "position", what)),
    cosTurns,
    sinTurns,
  });
}
