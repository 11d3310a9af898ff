/** Figures as SVG text: pure functions of recorded data, for any host. */
export { PALETTE } from "./palette.js";
export { type RasterOptions, rasterFigure } from "./raster.js";
export { type RateOptions, rateFigure } from "./rate.js";
export { type TracesOptions, tracesFigure } from "./traces.js";
