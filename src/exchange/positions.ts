/** Where neurons are, for tools that take coordinates. */
import { isDrawn, placed, type Positions, type PositionsSpec } from "../kinds/layouts.js";

/** Coordinates of neurons whose layout is not drawn, and after how much their space repeats. */
export function placesOf(positions: PositionsSpec, size: number): Positions {
  return placed(positions, {
    size,
    fill: (f) => Float64Array.from({ length: size }, (_, i) => f(i)),
    draw: () => {
      throw new RangeError("a layout that is drawn has no coordinates of its own");
    },
    cosTurns: (x) => Math.cos(2 * Math.PI * x),
    sinTurns: (x) => Math.sin(2 * Math.PI * x),
  });
}

/** After how much the space of a population repeats, in both directions; 0 for never. */
export function periodOf(positions: PositionsSpec | undefined, size: number): readonly [x: number, y: number] {
  return positions === undefined || isDrawn(positions) ? [0, 0] : placesOf(positions, size).period;
}
