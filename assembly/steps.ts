/** Room for the rounding of a quotient of two decimals, as part of it: src/model/grid.ts says why. */
export const ROOM: f64 = 8.881784197001252e-16;

/**
 * Steps in `ms`: the nearest whole number, halves up. The rule of src/model/grid.ts.
 */
export function stepsOf(ms: f64, dt: f64): f64 {
  const steps = ms / dt;
  const whole = floor(steps);
  const room = steps < 281474976710656.0 ? steps * ROOM : 0.0;
  return steps - whole + room >= 0.5 ? whole + 1 : whole;
}
