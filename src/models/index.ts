/** The built-in models. A new one is a file beside this, a kernel in assembly/models and a line here. */
import { adaptiveLif } from "./adaptiveLif.js";
import { adex } from "./adex.js";
import { correlated } from "./correlated.js";
import { eif } from "./eif.js";
import { fitzhughNagumo } from "./fitzhughNagumo.js";
import { hodgkinHuxley } from "./hodgkinHuxley.js";
import { izhikevich } from "./izhikevich.js";
import { lif } from "./lif.js";
import { morrisLecar } from "./morrisLecar.js";
import { poisson } from "./poisson.js";
import { qif } from "./qif.js";
import { renewal } from "./renewal.js";
import { spikeTrain } from "./spikeTrain.js";
import { traubMiles } from "./traubMiles.js";

export {
  adaptiveLif,
  adex,
  correlated,
  eif,
  fitzhughNagumo,
  hodgkinHuxley,
  izhikevich,
  lif,
  morrisLecar,
  poisson,
  qif,
  renewal,
  spikeTrain,
  traubMiles,
};

/** What fires without being a neuron: populations of these models play spikes. */
export const sources = { poisson, spikeTrain, renewal, correlated } as const;

/** Every built-in neuron model under its id, from the simplest to the most detailed. */
export const models = {
  lif,
  adaptiveLif,
  qif,
  eif,
  adex,
  izhikevich,
  fitzhughNagumo,
  morrisLecar,
  hodgkinHuxley,
  traubMiles,
} as const;
