/** Projections: connectors, synapses, plasticity, and where neurons are. */
import { itemPath, keyPath } from "../../model/check.js";
import { intervalSteps, timeOf } from "../../model/grid.js";
import type { PlasticitySpec, PopulationSpec, ProjectionSpec, SynapseValue, Value } from "../../model/spec.js";
import { isPresent } from "../mapping.js";
import { periodOf } from "../positions.js";
import { MILLI, pynn } from "./mapping.js";
import { type Receptors, signOf } from "./cells.js";
import {
  boundsOf,
  call,
  code,
  type Code,
  distributionOf,
  float,
  int,
  isDistribution,
  randomDistribution,
  refuse,
  scaled,
  type Script,
  text,
  valueOf,
  variableOf,
} from "./script.js";

/** What weights are multiplied by: nS and pA become uS and nA, jumps stay mV. */
export function weightFactor({ shape }: Receptors): number {
  return shape === "delta" ? 1 : MILLI;
}

type RuleOf<R extends ProjectionSpec["rule"]["rule"]> = ProjectionSpec["rule"] & { readonly rule: R };

interface Place {
  readonly path: string;
  readonly name: string;
  readonly source: PopulationSpec;
  readonly target: PopulationSpec;
  readonly factor: number;
}

/** A value of synapses that is no function. */
function plain(value: SynapseValue, path: string): Value {
  if (typeof value !== "function") return value;
  return refuse(
    path,
    "it is a function of source and target; export the network of simulation.explicit(), which has its numbers.",
  );
}

/** Delays as PyNN takes them, in whole steps and one at least. */
function delayOf(script: Script, { path, name, source, target }: Place, projection: ProjectionSpec): Code {
  const { dt } = script.network;
  const value = plain(projection.delay, keyPath(path, "delay"));
  const whole = (ms: number): number => timeOf(intervalSteps(ms, dt), dt);
  if (typeof value === "number") return code(float(whole(value)));
  if (value instanceof Float64Array) return valueOf(script, `${name}_delays`, value.map(whole));
  const [low, high] = boundsOf(value);
  if (low >= dt) return randomDistribution(distributionOf(value, 1));
  // the smallest delay is a step: NEST refuses what is below
  if ("normal" in value) {
    const [mu, sigma] = value.normal;
    return randomDistribution({ name: "normal_clipped_to_boundary", params: { mu, sigma, low: dt, high } });
  }
  const drawn = randomDistribution(distributionOf(value, 1)).text;
  if (projection.rule.rule === "list") return code(`np.maximum(DT, ${drawn}.next(${projection.rule.sources.length}))`);
  return code(`np.maximum(DT, ${drawn}.next(${source.size * target.size})).reshape(${source.size}, ${target.size})`);
}

/** The greatest delay that may be drawn or is given, in ms. */
export function longestDelay(script: Script): number {
  const { dt, projections } = script.network;
  const steps = projections.filter(({ gapJunction }) => !gapJunction).map(
    ({ delay }) => (typeof delay === "function" ? 1 : Math.min(intervalSteps(boundsOf(delay)[1], dt), 1e6)),
  );
  return timeOf(steps.reduce((a, b) => Math.max(a, b), 1), dt);
}

/** Which of the values stand in the list of a `FromListConnector`, one for each synapse. */
function isColumn(value: Value, delay: Code): boolean {
  return value instanceof Float64Array || (isDistribution(value) && delay.text.startsWith("np.maximum"));
}

function listConnector(script: Script, { name, factor, path }: Place, projection: ProjectionSpec, delay: Code): Code {
  const { sources, targets } = projection.rule as RuleOf<"list">;
  const weight = plain(projection.weight, keyPath(path, "weight"));
  const columns: [string, Code][] = [];
  if (weight instanceof Float64Array) columns.push(["weight", valueOf(script, `${name}_weights`, weight, factor)]);
  if (isColumn(projection.delay as Value, delay)) columns.push(["delay", delay]);
  const all = [
    script.arrays.of(`${name}_sources`, sources),
    script.arrays.of(`${name}_targets`, targets),
    ...columns.map(([, column]) => column),
  ];
  return code(
    call(
      "sim.FromListConnector",
      { column_names: columns.map(([key]) => key) },
      [code(`np.column_stack([${all.map((column) => column.text).join(", ")}])`)],
    ),
  );
}

const DISTANCE: Readonly<Record<RuleOf<"distance">["kernel"], (scale: string) => string>> = {
  box: (s) => `(d <= ${s})`,
  linear: (s) => `(1 - d / ${s}) * (d <= ${s})`,
  gaussian: (s) => `exp(-(d / ${s})**2 / 2)`,
  exponential: (s) => `exp(-d / ${s})`,
};

function connectorOf(script: Script, place: Place, projection: ProjectionSpec, delay: Code): Code {
  const { rule, autapses, multapses } = projection;
  const { path, source, target } = place;
  const within = source === target;
  const self = within && !autapses ? { allow_self_connections: false } : {};
  const rng = { rng: code("rng") };
  // weights of both signs, which PyNN would refuse
  const safe = signOf(projection.weight) === 0 ? { safe: false } : {};
  const again = multapses ? { with_replacement: true } : {};
  switch (rule.rule) {
    case "list":
      return listConnector(script, place, projection, delay);
    case "allToAll":
      return code(call("sim.AllToAllConnector", { ...self, ...safe }));
    case "oneToOne":
      // one cell onto one: PyNN's OneToOneConnector fails there with NumPy 2
      return code(call(source.size === 1 ? "sim.AllToAllConnector" : "sim.OneToOneConnector", safe));
    case "fixedProbability":
      return code(call("sim.FixedProbabilityConnector", { ...self, ...rng, ...safe }, [rule.p]));
    case "fixedIndegree":
      return code(call("sim.FixedNumberPreConnector", { ...again, ...self, ...rng, ...safe }, [int(rule.k)]));
    case "fixedOutdegree":
      return code(call("sim.FixedNumberPostConnector", { ...again, ...self, ...rng, ...safe }, [int(rule.k)]));
    case "fixedTotalNumber":
      if (within && !autapses) script.report.approximate(
        path,
        "FixedTotalNumberConnector makes synapses of cells onto themselves, whatever it is told",
      );
      if (!multapses) script.report.approximate(
        path,
        "FixedTotalNumberConnector may make several synapses between two cells, whatever it is told",
      );
      return code(call("sim.FixedTotalNumberConnector", { ...rng, ...safe }, [int(rule.n)]));
    case "distance": {
      const kernel = DISTANCE[rule.kernel](float(rule.scale));
      return code(
        call(
          "sim.DistanceDependentProbabilityConnector",
          { ...self, ...rng, ...safe },
          [rule.p === 1 ? kernel : `${float(rule.p)} * ${kernel}`],
        ),
      );
    }
  }
}

/** The space of distances that close on themselves, or undefined. */
function spaceOf(projection: ProjectionSpec, target: PopulationSpec): Code | undefined {
  const { rule } = projection;
  if (rule.rule !== "distance" || !rule.periodic) return undefined;
  const sides = periodOf(target.positions, target.size).map((side) => (side > 0 ? `(0.0, ${float(side)})` : "None"));
  return code(`Space(periodic_boundaries=(${sides.join(", ")}, None))`);
}

/** Where the cells are, as lines. */
export function positionLines(script: Script, population: PopulationSpec): string[] {
  const { positions, size } = population;
  if (positions === undefined) return [];
  const variable = variableOf(script, population.name);
  switch (positions.kind) {
    case "line":
      return [
        `${variable}.positions = np.array([(np.arange(${size}) + 0.5) * ${float(positions.length / size)}, np.zeros(${size}), np.zeros(${size})])`,
      ];
    case "grid": {
      const { columns, spacing } = positions;
      const x = `(np.arange(${size}) % ${columns} + 0.5) * ${float(spacing)}`;
      return [
        `${variable}.positions = np.array([${x}, (np.arange(${size}) // ${columns} + 0.5) * ${float(spacing)}, np.zeros(${size})])`,
      ];
    }
    case "disc": {
      const radius = script.names.of(`${variable}_radius`);
      const angle = script.names.of(`${variable}_angle`);
      return [
        `${radius}, ${angle} = ${float(positions.radius)} * np.sqrt(rng.next(${size})), 2 * np.pi * rng.next(${size})`,
        `${variable}.positions = np.array([${radius} * np.cos(${angle}), ${radius} * np.sin(${angle}), np.zeros(${size})])`,
      ];
    }
    case "given": {
      const x = script.arrays.of(`${variable}_x`, positions.x, "np.array").text;
      const y = script.arrays.of(`${variable}_y`, positions.y, "np.array").text;
      return [`${variable}.positions = np.array([${x}, ${y}, np.zeros(${size})])`];
    }
  }
}

type Stdp = Extract<PlasticitySpec, { readonly kind: "stdp" }>;

/** The type of a synapse with what changes its weight; what PyNN does not have is left out and said. */
function synapseOf(
  script: Script,
  { path, factor }: Place,
  projection: ProjectionSpec,
  receptors: Receptors,
  args: Readonly<Record<string, Code>>,
): string {
  const { backend, report } = script;
  const { plasticity, shortTerm, release, scaling } = projection;
  const at = (key: string): string => keyPath(path, key);
  const drop = (key: string, why: string): void => report.dropped(at(key), `${why}: left out`);
  if (scaling !== undefined) drop("scaling", absentOf("scaling"));
  if (plasticity?.kind === "tripletStdp") drop("plasticity", absentOf("tripletStdp"));
  else if (plasticity?.kind === "inhibitoryStdp") {
    if (backend === "neuron") {
      alone("plasticity");
      report.approximate(at("plasticity"), `Vogels2011Rule: ${present("inhibitoryStdp").differs}`);
      const rule = call(
        "sim.Vogels2011Rule",
        { eta: scaled(plasticity.eta, factor), rho: scaled(plasticity.rho_0, MILLI), tau: plasticity.tau },
      );
      return stdpOf(rule, call("sim.AdditiveWeightDependence", { w_min: 0, w_max: scaled(plasticity.w_max, factor) }));
    }
    drop("plasticity", `pyNN.${backend} has no Vogels2011Rule`);
  } else if (plasticity !== undefined) {
    alone("plasticity");
    return spikePairs(plasticity);
  }
  if (shortTerm !== undefined) {
    if (receptors.shape === "delta") drop(
      "shortTerm",
      "PyNN's TsodyksMarkramSynapse needs a synaptic time constant, which jumps have not",
    );
    else if (backend === "brian2") drop("shortTerm", "pyNN.brian2 0.13 fails on TsodyksMarkramSynapse");
    else {
      if (release !== undefined) drop(
        "release",
        "PyNN has no synapse that is both TsodyksMarkramSynapse and SimpleStochasticSynapse",
      );
      report.approximate(at("shortTerm"), `TsodyksMarkramSynapse: ${present("shortTerm").differs}`);
      return call(
        "sim.TsodyksMarkramSynapse",
        { U: shortTerm.U, tau_rec: shortTerm.tau_rec, tau_facil: shortTerm.tau_facil, ...args },
      );
    }
  }
  if (release !== undefined && shortTerm === undefined) {
    if (backend === "brian2") drop("release", "pyNN.brian2 has no SimpleStochasticSynapse");
    else {
      report.exact(at("release"), "SimpleStochasticSynapse: the same law, numbers of the simulator's own");
      return call("sim.SimpleStochasticSynapse", { p: release, ...args });
    }
  }
  return call("sim.StaticSynapse", args);

  /** Beside a rule of plasticity there is nothing else. */
  function alone(kind: string): void {
    if (shortTerm !== undefined) drop("shortTerm", `PyNN has one mechanism for a projection, here ${kind}`);
    if (release !== undefined) drop("release", `PyNN has one mechanism for a projection, here ${kind}`);
  }

  function stdpOf(timing: string, weights: string): string {
    return call("sim.STDPMechanism", {
      timing_dependence: code(timing),
      weight_dependence: code(weights),
      dendritic_delay_fraction: code("0.0 if backend == \"brian2\" else 1.0"),
      ...args,
    });
  }

  function spikePairs(rule: Stdp): string {
    report.approximate(at("plasticity"), `STDPMechanism with SpikePairRule: ${differencesOf(rule).join("; ")}`);
    const bounds = (value: number): Code => {
      // NEST's Wmax is not scaled as weights of jumps are
      if (receptors.shape !== "delta") return code(float(scaled(value, factor)));
      script.helpers.add("native");
      return code(`${float(value)} / NATIVE`);
    };
    const weights =
      rule.weightDependence === "additive" ? "sim.AdditiveWeightDependence" : "sim.MultiplicativeWeightDependence";
    return stdpOf(
      call(
        "sim.SpikePairRule",
        { tau_plus: rule.tau_plus, tau_minus: rule.tau_minus, A_plus: rule.A_plus, A_minus: rule.A_minus },
      ),
      call(weights, { w_min: backend === "nest" ? 0 : bounds(rule.w_min), w_max: bounds(rule.w_max) }),
    );
  }

  function differencesOf(rule: Stdp): string[] {
    const found = [present("stdp").differs as string];
    const fraction = rule.dendriticDelayFraction;
    if (backend === "brian2") found.push(
      "the whole delay is axonal there, and a weight keeps to w_min at spikes of the source only, to w_max at those of the target",
    );
    else if (fraction !== 1) found.push(
        `the whole delay is dendritic there, here ${fraction === undefined ? "both spikes count when they happen" : `a share of ${fraction}`}`,
    );
    if (rule.pairing !== "all") found.push(`all pairs count there, here those of pairing "${rule.pairing}"`);
    if (backend === "nest" && rule.w_min !== 0) found.push(`weights go down to 0 in NEST, here to ${rule.w_min}`);
    const others = script.network.projections.filter(
      ({ plasticity: other, target }) =>
        target === projection.target && other?.kind === "stdp" && other.tau_minus !== rule.tau_minus,
    );
    if (backend === "nest" && others.length > 0) found.push(
      "NEST has one tau_minus for a cell: that of its last projection counts for all",
    );
    if (backend === "neuron") found.push("NEURON changes the weight with the source's spikes only");
    return found;
  }
}

function absentOf(kind: keyof typeof pynn.plasticity): string {
  const counterpart = pynn.plasticity[kind];
  return isPresent(counterpart) ? counterpart.name : counterpart.absent;
}

function present(kind: keyof typeof pynn.plasticity): { readonly differs?: string } {
  const counterpart = pynn.plasticity[kind];
  return isPresent(counterpart) ? counterpart : {};
}

const DRAWN = new Set(["fixedProbability", "fixedIndegree", "fixedOutdegree", "fixedTotalNumber", "distance"]);

/** The lines of a projection. */
export function projectionLines(
  script: Script,
  projection: ProjectionSpec,
  index: number,
  receptorsOf: ReadonlyMap<string, Receptors>,
): string[] {
  const { network, report } = script;
  const path = itemPath("$.projections", index);
  const find = (name: string): PopulationSpec => network.populations.find((one) => one.name === name) as PopulationSpec;
  const source = find(projection.source);
  const target = find(projection.target);
  if (projection.gapJunction) {
    report.dropped(path, "PyNN's standard cells have no gap junctions: the projection is left out");
    return [];
  }
  const receptors = receptorsOf.get(target.name) as Receptors;
  const variable = `${variableOf(script, source.name)}_${variableOf(script, target.name)}_${projection.receptor}`;
  const place: Place = { path, name: variable, source, target, factor: weightFactor(receptors) };
  if (projection.rule.rule === "list" && projection.rule.sources.length === 0) {
    report.exact(path, "no synapses: left out");
    return [];
  }
  if (projection.rule.rule === "oneToOne" && source === target && !projection.autapses) {
    report.exact(path, "each cell onto itself without autapses is no synapse: left out");
    return [];
  }
  const weight = plain(projection.weight, keyPath(path, "weight"));
  const sign = signOf(weight);
  const slot = receptors.slotOf(
    projection.receptor,
    sign === 0 && isDistribution(weight) && meanOf(weight) < 0 ? -1 : sign,
  );
  const delay = delayOf(script, place, projection);
  const connector = connectorOf(script, place, projection, delay);
  const listed = projection.rule.rule === "list";
  const args = {
    ...(
      listed && weight instanceof Float64Array ? {} : {
        weight: valueOf(script, `${variable}_weights`, weight, place.factor),
      }
    ),
    ...(listed && isColumn(projection.delay as Value, delay) ? {} : { delay }),
  };
  const synapse = synapseOf(script, place, projection, receptors, args);
  const space = spaceOf(projection, target);
  const kind = /^sim\.(\w+)/.exec(connector.text)?.[1] ?? "";
  const law =
    DRAWN.has(projection.rule.rule) || isDistribution(weight) || isDistribution(projection.delay as Value)
      ? ": the same law, numbers of PyNN's own"
      : "";
  report.exact(path, `${kind}, ${slot}${law}`);
  return [
    "sim.Projection(",
    `    ${variableOf(script, source.name)}, ${variableOf(script, target.name)},`,
    `    ${connector.text},`,
    `    ${synapse},`,
    `    receptor_type=${text(slot)}${space === undefined ? "" : `, space=${space.text}`},`,
    ")",
  ];
}

function meanOf(value: Value): number {
  const [low, high] = boundsOf(value);
  return low + high;
}
