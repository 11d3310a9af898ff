/**
 * Steps in `ms`: the nearest whole number, halves up. The rule of src/model/grid.ts, where it is explained: what lies nearer to a
 * half than 2^-50 of itself is a half.
 */
export function stepsOf(ms: f64, dt: f64): f64 {
  const steps = ms / dt;
  const whole = floor(steps);
  const room = steps < 281474976710656.0 ? steps * 8.881784197001252e-16 : 0.0;
  return steps - whole + room >= 0.5 ? whole + 1 : whole;
}
