/** Where neurons are: the coordinates that a layout stands for. */
import type { Core } from "../core/core.js";
import type { PopulationSpec, PositionsSpec } from "../model/spec.js";
import { drawNumbers, streamOf } from "./values.js";

/** Coordinates of a population's neurons, and the lengths after which its space repeats (0: not at all). */
export interface Positions {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly period: readonly [x: number, y: number];
}

/** The coordinates of a population that has positions; those of a disc are drawn from the seed. */
export function positionsOf(core: Core, population: PopulationSpec): Positions {
  const { size, name } = population;
  const layout = population.positions as PositionsSpec;
  const fill = (f: (i: number) => number): Float64Array => Float64Array.from({ length: size }, (_, i) => f(i));
  switch (layout.kind) {
    case "line":
      return {
        x: fill((i) => ((i + 0.5) * layout.length) / size),
        y: new Float64Array(size),
        period: [layout.length, 0],
      };
    case "grid": {
      const { columns, spacing } = layout;
      return {
        x: fill((i) => ((i % columns) + 0.5) * spacing),
        y: fill((i) => (Math.floor(i / columns) + 0.5) * spacing),
        period: [columns * spacing, Math.ceil(size / columns) * spacing],
      };
    }
    case "disc": {
      const { cosTurns, sinTurns } = core.exports;
      const draw = (what: string): Float64Array =>
        drawNumbers(core, { uniform: [0, 1] }, { first: 0, size }, streamOf(core, name, "position", what));
      const turns = draw("angle");
      // The area within a radius grows with its square.
      const radius = draw("radius").map((u) => layout.radius * Math.sqrt(u));
      return {
        x: fill((i) => (radius[i] as number) * cosTurns(turns[i] as number)),
        y: fill((i) => (radius[i] as number) * sinTurns(turns[i] as number)),
        period: [0, 0],
      };
    }
    case "given":
      return { x: layout.x, y: layout.y, period: [0, 0] };
  }
}
