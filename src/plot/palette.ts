import { rangeError } from "../analysis/types.js";

/**
 * Colours that people with any kind of colour vision tell apart, from Okabe and Ito (Color Universal Design, 2008),
 * without the yellow, which is too light for lines on white, and with a darker orange and sky blue for the same
 * reason.
 */
export const PALETTE = ["#0072b2", "#d55e00", "#009e73", "#b8508c", "#d98c00", "#3a9bd1", "#4a4a4a"] as const;

let colours: readonly string[] = PALETTE;

/**
 * Draws figures in other colours.
 *
 * @param wanted colours `#rrggbb` of the series, in turn; at least one
 * @param draw makes the figures
 * @returns what `draw` returns
 * @throws ValueRangeError when there is no colour or one has another form
 */
export function withColours<T>(wanted: readonly string[], draw: () => T): T {
  const wrong = wanted.findIndex((text) => !/^#[0-9a-f]{6}$/i.test(text));
  if (wrong >= 0) throw rangeError(`colours[${wrong}]`, wanted[wrong] as string, "", "of the form #rrggbb");
  if (wanted.length === 0) throw rangeError("colours.length", 0, "", ">= 1");
  const before = colours;
  colours = wanted;
  try {
    return draw();
  } finally {
    colours = before;
  }
}

/** The colour of the series with this index; the colours repeat after the last. */
export function colour(index: number): string {
  return colours[index % colours.length] as string;
}

/**
 * Dashes that tell series of one colour apart: none until colours repeat, then dashed, then dotted.
 *
 * @param index index of the series
 * @param scale units in a px
 */
export function dashes(index: number, scale = 1): string | undefined {
  const pattern = [undefined, [5, 3], [1.5, 2.5]][Math.floor(index / colours.length) % 3];
  return pattern?.map((length) => length * scale).join(" ");
}

/** Red, green and blue (0 to 255) of a colour `#rrggbb`. */
export function rgb(hex: string): [number, number, number] {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}
