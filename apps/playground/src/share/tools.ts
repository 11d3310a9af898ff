/** The tools of others whose scripts the page shows: formats of `spikelet/exchange` that are text. */
export const TOOLS = ["nest", "brian2", "pynn", "neuroml"] as const;
export type Tool = (typeof TOOLS)[number];
