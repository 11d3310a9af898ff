/** Figures as SVG text: pure functions of recorded data, for any host. */
export { type ActivityOptions, activityFigure } from "./activity.js";
export { type FiCurveOptions, fiCurveFigure, type SpectrumFigureOptions, spectrumFigure } from "./curves.js";
export { type IsiOptions, isiFigure, type WeightsOptions, weightsFigure } from "./histogram.js";
export { type MembraneOptions, membraneFigure } from "./membrane.js";
export { PALETTE, withColours } from "./palette.js";
export { type PhasePlaneOptions, phasePlaneFigure, type Trajectory } from "./phase-plane.js";
export { type RasterOptions, rasterFigure } from "./raster.js";
export { type RateOptions, rateFigure } from "./rate.js";
export { type TracesOptions, tracesFigure } from "./traces.js";
