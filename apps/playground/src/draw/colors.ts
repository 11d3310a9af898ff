/** Colours of populations and lines, from the page's style: the palette of Okabe and Ito, light or dark. */
export function colorsOf(element: Element, count: number): string[] {
  const style = getComputedStyle(element);
  return Array.from({ length: count }, (_, k) => style.getPropertyValue(`--series-${(k % 6) + 1}`).trim() || "#888");
}

/** A colour of the style. */
export function colorOf(element: Element, name: string): string {
  return getComputedStyle(element).getPropertyValue(name).trim() || "#888";
}

/** Red, green and blue of `#rrggbb` or `#rgb`, to which styles are shortened. */
export function rgb(color: string): [number, number, number] {
  const long = color.length === 4 ? color.replace(/[^#]/g, "$&$&") : color;
  const value = Number.parseInt(long.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}
