/** The models of the library. A new one is a file beside this and a line here and in index.ts. */
import { connorStevens } from "./connorStevens.js";
import type { LibraryEntry } from "./entry.js";
import { escapeSrm } from "./escapeSrm.js";
import { glif1, glif2, glif3, glif4, glif5 } from "./glif.js";
import { hillTononi } from "./hillTononi.js";
import { izhikevich2007 } from "./izhikevich2007.js";
import { pinskyRinzel } from "./pinskyRinzel.js";
import { pospischil } from "./pospischil.js";
import { rulkov } from "./rulkov.js";
import { thetaNeuron } from "./thetaNeuron.js";
import { wilsonCowan } from "./wilsonCowan.js";

/** Every model under its name, from the simplest to the most detailed. */
export const library: Readonly<Record<string, LibraryEntry>> = {
  glif1,
  glif2,
  glif3,
  glif4,
  glif5,
  escapeSrm,
  thetaNeuron,
  izhikevich2007,
  hillTononi,
  rulkov,
  connorStevens,
  pospischil,
  pinskyRinzel,
  wilsonCowan,
};
