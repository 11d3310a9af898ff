/**
 * Models of papers as text, ready to use: `sim.population("cells", connorStevens, 100)`. In a model file their names
 * stand like those of built-in models. docs/models/README.md lists them.
 *
 * @module spikelet/models
 */
import { libraryRecord } from "../model/library.js";
import * as connor from "./connorStevens.js";
import * as escape from "./escapeSrm.js";
import * as glif from "./glif.js";
import * as hill from "./hillTononi.js";
import * as izhikevich from "./izhikevich2007.js";
import * as pinsky from "./pinskyRinzel.js";
import * as minimal from "./pospischil.js";
import * as map from "./rulkov.js";
import * as theta from "./thetaNeuron.js";
import * as wilson from "./wilsonCowan.js";

export type { LibraryRecord } from "../model/library.js";

/** Leaky integrate-and-fire: the first level of the Allen Institute's generalised neurons. */
export const glif1 = /* @__PURE__ */ libraryRecord(glif.glif1);
/** GLIF 1 with reset rules and a threshold that spikes raise. */
export const glif2 = /* @__PURE__ */ libraryRecord(glif.glif2);
/** GLIF 1 with after-spike currents. */
export const glif3 = /* @__PURE__ */ libraryRecord(glif.glif3);
/** GLIF 1 with reset rules, a threshold that spikes raise and after-spike currents. */
export const glif4 = /* @__PURE__ */ libraryRecord(glif.glif4);
/** GLIF 4 with a threshold that follows the potential. */
export const glif5 = /* @__PURE__ */ libraryRecord(glif.glif5);
/** Spike response model that fires by chance, at an exponential escape rate. */
export const escapeSrm = /* @__PURE__ */ libraryRecord(escape.escapeSrm);
/** The normal form of type I neurons: a phase on a circle. */
export const thetaNeuron = /* @__PURE__ */ libraryRecord(theta.thetaNeuron);
/** Quadratic neuron with recovery in physical units: RS, IB, CH, LTS, FS, TC, RTN. */
export const izhikevich2007 = /* @__PURE__ */ libraryRecord(izhikevich.izhikevich2007);
/** Neuron with a dynamic threshold and the intrinsic currents of thalamus and cortex. */
export const hillTononi = /* @__PURE__ */ libraryRecord(hill.hillTononi);
/** Two-dimensional map that spikes and bursts; one iteration per step. */
export const rulkov = /* @__PURE__ */ libraryRecord(map.rulkov);
/** Hodgkin-Huxley neuron with an A current. */
export const connorStevens = /* @__PURE__ */ libraryRecord(connor.connorStevens);
/** Minimal Hodgkin-Huxley neurons of cortex: RS, FS, IB, LTS. */
export const pospischil = /* @__PURE__ */ libraryRecord(minimal.pospischil);
/** Pyramidal cell of area CA3 in two compartments. */
export const pinskyRinzel = /* @__PURE__ */ libraryRecord(pinsky.pinskyRinzel);
/** Excitatory and inhibitory firing rates of a piece of cortex. */
export const wilsonCowan = /* @__PURE__ */ libraryRecord(wilson.wilsonCowan);
