/** Populations that only send spikes. */
import { stepsOf, timeOf } from "../../model/grid.js";
import { float, text } from "../python.js";
import { ExchangeError } from "../report.js";
import { poissonGenerators } from "./devices.js";
import type { Plan, Script } from "./script.js";

/** Writes a population that only sends spikes. */
export function createSource(script: Script, plan: Plan): void {
  const { spec, path, variable, plays } = plan;
  const { populations } = script.sections;
  const { source } = spec;
  if (source?.kind === "spikeTrain") {
    script.uses.play = true;
    const steps = source.times.map((t) => Math.max(1, stepsOf(t, script.dt)));
    const [neurons, at] = plays ? [source.neurons, steps] : sooner(script, source.neurons, steps, path);
    const times = script.arrays.of(
      `${variable}_times`,
      at.map((k) => timeOf(k, script.dt)),
      "np.array",
    );
    const cells_ = script.arrays.of(`${variable}_neurons`, neurons, "np.array");
    const generators = plays ? variable : script.names.of(`${variable}_generators`);
    populations.push(
      `${generators} = nest.Create("spike_generator", ${spec.size})`,
      `play(${generators}, ${times.text}, ${cells_.text}${plays ? "" : `, sooner=${float(script.leadMs)}`})`,
    );
    if (!plays) createParrots(script, plan, generators, "one_to_one");
    return script.report.exact(path, plays ? "spike_generator" : "spike_generator and parrot_neuron");
  }
  if (source?.kind !== "poisson") throw new ExchangeError(`${path}: a source of this kind is not for networks.`);
  const generators = script.names.of(`${variable}_generators`);
  const { create, oneEach } = poissonGenerators(script, source.rate, {}, spec.size, `${variable}_rate`);
  populations.push(`${generators} = ${create}`);
  createParrots(script, plan, generators, oneEach ? "one_to_one" : "all_to_all");
  script.report.approximate(
    path,
    `poisson_generator and parrot_neuron: other random numbers, and the first spikes come ${float(script.leadMs)} ms later`,
  );
}

function createParrots(script: Script, { spec, variable }: Plan, generators: string, rule: string): void {
  const { populations } = script.sections;
  populations.push(
    `${variable} = nest.Create("parrot_neuron", ${spec.size})`,
    `nest.Connect(${generators}, ${variable}, ${text(rule)}, {"delay": ${float(script.leadMs)}})`,
  );
}

/** A parrot repeats a spike a delay later; one of the first steps would have to be given before the start. */
function sooner(
  script: Script,
  neurons: Uint32Array,
  steps: Float64Array,
  path: string,
): [Uint32Array, Float64Array] {
  const kept = Uint32Array.from(steps.keys()).filter((i) => (steps[i] as number) > script.lead);
  const lost = steps.length - kept.length;
  if (lost > 0) {
    const message = `${lost} ${lost === 1 ? "spike" : "spikes"} at ${float(script.leadMs)} ms or before: sources of synapses that change repeat the spikes of a generator, a step later at least`;
    script.report.dropped(path, message);
  }
  return [Uint32Array.from(kept, (i) => neurons[i] as number), Float64Array.from(kept, (i) => steps[i] as number)];
}
