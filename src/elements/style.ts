/** The style of the elements. A page sets the colours by custom properties; without them they follow `color-scheme`. */

const LIGHT: Readonly<Record<string, string>> = {
  paper: "#ffffff",
  panel: "#f6f7f9",
  ink: "#1c2024",
  "ink-soft": "#59636e",
  line: "#d9dee3",
  accent: "#0068a8",
  "on-accent": "#ffffff",
  danger: "#b3261e",
  "series-1": "#0072b2",
  "series-2": "#d55e00",
  "series-3": "#009e73",
  "series-4": "#cc79a7",
  "series-5": "#b8860b",
  "series-6": "#3a86c8",
};
const DARK: Readonly<Record<string, string>> = {
  paper: "#14171a",
  panel: "#1d2125",
  ink: "#e8eaed",
  "ink-soft": "#a3adb7",
  line: "#343a41",
  accent: "#56b4e9",
  "on-accent": "#10202b",
  danger: "#ff8a80",
  "series-1": "#56b4e9",
  "series-2": "#e69f00",
  "series-3": "#2fbf95",
  "series-4": "#e29ac2",
  "series-5": "#f0e442",
  "series-6": "#9aa7b4",
};

/** Names of the colours: a page sets `--spikelet-NAME`. */
export const COLORS: readonly string[] = Object.keys(LIGHT);
/** Colours for lines and populations. */
export const SERIES = COLORS.filter((name) => name.startsWith("series-"));

const variables = (colors: Readonly<Record<string, string>>): string =>
  Object.entries(colors)
    .map(([name, color]) => `--${name}: var(--spikelet-${name}, ${color});`)
    .join(" ");

export const STYLE = `
:host { display: block; contain: content; max-width: 100%; margin: 1em 0; }
:host([hidden]) { display: none; }
.probe { position: absolute; width: 0; height: 0; background: Canvas; }
.frame { ${variables(LIGHT)} }
.frame.dark { ${variables(DARK)} }
.frame {
  font: 14px/1.4 system-ui, sans-serif;
  color: var(--ink);
  background: var(--paper);
  border: 1px solid var(--line);
  border-radius: 8px;
  padding: 8px 10px;
}
.title { font-weight: 600; margin: 0 0 4px; overflow-wrap: anywhere; }
.plots { display: grid; gap: 6px; position: relative; }
.plot canvas { display: block; width: 100%; height: 100%; }
.plot { width: 100%; height: var(--spikelet-plot-height, 170px); }
.plot.raster { height: var(--spikelet-raster-height, 220px); }
.plot.rates { height: var(--spikelet-rate-height, 100px); }
.key { min-height: 20px; display: flex; flex-wrap: wrap; gap: 2px 14px; font-size: 13px; color: var(--ink-soft); }
.key span::before {
  content: ""; display: inline-block; width: 10px; height: 10px; margin-right: 5px; border-radius: 2px;
  background: currentColor;
}
${SERIES.map((name, k) => `.key .s${k}::before { background: var(--${name}); }`).join("\n")}
.bar { display: flex; flex-wrap: wrap; gap: 6px 10px; align-items: center; margin-top: 6px; }
button {
  font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--line); border-radius: 6px;
  padding: 3px 10px; min-height: 30px; cursor: pointer;
}
button.main { background: var(--accent); border-color: var(--accent); color: var(--on-accent); min-width: 4.6em; }
button:hover:not(:disabled) { border-color: var(--accent); }
button:disabled { opacity: 0.55; cursor: default; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.clock { font-variant-numeric: tabular-nums; color: var(--ink-soft); font-size: 13px; }
.sliders { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 240px), 1fr)); gap: 2px 18px; }
.sliders label { display: grid; grid-template-columns: 1fr auto; gap: 0 10px; margin-top: 6px; }
.sliders output { font-variant-numeric: tabular-nums; }
.sliders input { grid-column: 1 / 3; width: 100%; margin: 2px 0; accent-color: var(--accent); min-height: 22px; }
.error { color: var(--danger); margin: 6px 0 0; white-space: pre-wrap; overflow-wrap: anywhere; }
[hidden] { display: none !important; }
`;

/** Whether a colour is nearer to black, from what computed styles say: `rgb(20, 23, 26)`. */
export function isDark(color: string): boolean {
  const [r = 255, g = 255, b = 255] = (color.match(/[\d.]+/g) ?? []).map(Number);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b < 128;
}
