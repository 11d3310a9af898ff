/** Mistakes that the compiler must find, each in the line below its mark. Never run: the compiler is the test. */
import {
  adex,
  background,
  defineReceptorKernel,
  hodgkinHuxley,
  izhikevich,
  lif,
  receptor,
  rheobase,
  Simulation,
} from "../../src/index.js";

export async function misuse(): Promise<void> {
  const sim = await Simulation.create({ dt: 0.1 });
  const receptors = { ampa: receptor.exponential({ tau: 5, E_rev: 0 }), gaba: receptor.exponential({ tau: 10 }) };
  const pop = sim.population("pop", izhikevich, 10, { receptors });
  const bare = sim.population("bare", lif, 10);

  // @ts-expect-error misspelt parameter
  sim.population("a", lif, 10, { params: { tau_n: 10 } });
  // @ts-expect-error parameter of another model
  sim.population("a", lif, 10, { params: { Delta_T: 2 } });
  // @ts-expect-error misspelt state
  sim.population("a", izhikevich, 10, { init: { U: 1 } });
  // @ts-expect-error initial value of a receptor that is not there
  sim.population("a", lif, 10, { init: { g_ampa: 1 }, receptors: { nmda: receptor.delta() } });
  // @ts-expect-error unknown preset
  sim.population("a", adex, 10, { preset: "tonik" });
  // @ts-expect-error preset of another model
  sim.population("a", lif, 10, { preset: "RS" });
  // @ts-expect-error method that the model does not have
  sim.population("a", izhikevich, 10, { method: "exact" });
  // @ts-expect-error a model without gates
  sim.population("a", lif, 10, { rates: "exact" });
  // @ts-expect-error unknown way to compute rates
  sim.population("a", hodgkinHuxley, 10, { rates: "tabel" });
  // @ts-expect-error unknown method
  sim.population("a", lif, 10, { method: "rk5" });
  // @ts-expect-error unknown background kind
  sim.population("a", lif, 10, { background: [{ kind: "constnt", amplitude: 5 }] });
  // @ts-expect-error field of another kind
  sim.population("a", lif, 10, { background: [{ kind: "constant", frequency: 5 }] });
  // @ts-expect-error missing field
  sim.population("a", lif, 10, { background: [background.sine({ amplitude: 5 })] });
  // @ts-expect-error unknown background function
  sim.population("a", lif, 10, { background: [background.noise(5)] });
  // @ts-expect-error unknown kernel
  sim.population("a", lif, 10, { receptors: { ampa: { kernel: "alfa", tau: 5 } } });
  // @ts-expect-error missing time constant
  sim.population("a", lif, 10, { receptors: { ampa: receptor.exponential({ E_rev: 0 }) } });
  const own = defineReceptorKernel({
    name: "own",
    params: { tau: "5 ms" },
    equations: "ds/dt = -s/tau : 1",
    onSpike: "s += w",
    output: "s*pA",
  });
  // @ts-expect-error misspelt parameter of a kernel of one's own
  sim.population("a", lif, 10, { receptors: { ampa: own({ tua: 5 }) } });
  // @ts-expect-error initial value of a receptor that is not there, beside one with a kernel of one's own
  sim.population("a", lif, 10, { init: { s_gaba: 1 }, receptors: { ampa: own() } });
  // @ts-expect-error a kernel without an output
  defineReceptorKernel({ name: "own", equations: "ds/dt = -s/ms : 1", onSpike: "s += w" });
  // @ts-expect-error unknown option
  sim.population("a", lif, 10, { parameters: {} });
  // @ts-expect-error a name instead of a model
  sim.population("a", "lif", 10);
  // @ts-expect-error value that is no value
  sim.population("a", lif, 10, { params: { tau_m: true } });
  // @ts-expect-error unknown distribution
  sim.population("a", lif, 10, { params: { tau_m: { gauss: [10, 1] } } });

  // @ts-expect-error receptor that the target does not have
  sim.connect(bare, pop, { rule: "allToAll", receptor: "nmda", weight: 1 });
  // @ts-expect-error unknown rule
  sim.connect(bare, pop, { rule: "all", receptor: "ampa", weight: 1 });
  // @ts-expect-error rule without its parameter
  sim.connect(bare, pop, { rule: "fixedProbability", receptor: "ampa", weight: 1 });
  // @ts-expect-error parameter of another rule
  sim.connect(bare, pop, { rule: "allToAll", k: 5, receptor: "ampa", weight: 1 });
  // @ts-expect-error missing weight
  sim.connect(bare, pop, { rule: "allToAll", receptor: "ampa" });

  // @ts-expect-error state of another model
  sim.record(bare, "u");
  // @ts-expect-error receptor that the population does not have
  sim.record(pop, "g_nmda");
  // @ts-expect-error unknown option
  sim.record(pop, "v", { neuron: [0] });
  // @ts-expect-error misspelt parameter
  pop.set({ aa: 0.02 });
  // @ts-expect-error unknown background kind
  pop.setBackground([{ kind: "dc", amplitude: 1 }]);
  // @ts-expect-error unknown state
  pop.state("w");
  // @ts-expect-error unknown state
  pop.setState("w", 0);
  // @ts-expect-error time step is needed
  await Simulation.create({});
  // @ts-expect-error unknown option of a run
  await sim.run(10, { progress: () => {} });
  // @ts-expect-error misspelt parameter
  await rheobase(lif, { params: { tau: 10 } });
}
