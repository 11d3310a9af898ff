/** A projection as Synapses: who is connected to whom, weights, delays, and what a spike does. */
import { isDistribution } from "../../kinds/value.js";
import { intervalSteps, stepsOf, timeOf } from "../../model/grid.js";
import { isPlastic } from "../../model/projection.js";
import type {
  Distribution,
  PlasticitySpec,
  PopulationSpec,
  ProjectionSpec,
  RuleSpec,
  SynapseValue,
} from "../../model/spec.js";
import type { Group, Shared } from "./group.js";
import { drawnText } from "./parameters.js";
import { baseUnitText, inUnit, numeral, quantity } from "./text.js";
import { isPresent } from "../mapping.js";
import { brian2Mapping } from "./mapping.js";
import { text } from "../python.js";
import { ExchangeError } from "../report.js";

/** What is known of a source or a target. */
export interface End {
  readonly variable: string;
  readonly spec: PopulationSpec;
  readonly group: Group | undefined;
}

/** A projection in the script. */
export interface Connection {
  readonly variable: string;
  readonly lines: readonly string[];
  /** Weights can be recorded: their unit. */
  readonly unit: string;
  readonly records: boolean;
  /** Variable of the weights. */
  readonly weight: string;
}

/** Names of the variables that a gap junction and scaling need in the target. */
export interface Needs {
  /** Current of a gap junction. */
  readonly current?: string;
  /** Counter of the target's spikes. */
  readonly counter?: string;
}

export class SynapseBuilder {
  private readonly spec: ProjectionSpec;
  private readonly path: string;
  private readonly variable: string;
  private readonly source: End;
  private readonly target: End;
  private readonly shared: Shared;
  private readonly needs: Needs;
  private readonly namespace: [name: string, value: string][] = [];
  private readonly model: string[] = [];
  private readonly settings: string[] = [];

  constructor(
    spec: ProjectionSpec,
    path: string,
    variable: string,
    ends: readonly [source: End, target: End],
    shared: Shared,
    needs: Needs,
  ) {
    this.spec = spec;
    this.path = path;
    this.variable = variable;
    [this.source, this.target] = ends;
    this.shared = shared;
    this.needs = needs;
  }

  build(): Connection {
    const made = this.spec.gapJunction === true ? this.gap() : this.synapses();
    return { ...made, lines: made.lines.map((line) => this.apart(line)), weight: this.apart("w") };
  }

  /**
   * Text in which the synapses' own names are not those of the target's variables, which Brian2 would take for them.
   */
  private apart(line: string): string {
    const taken = this.target.group?.taken ?? new Set<string>();
    const own = [
      ...this.namespace.map(([name]) => name),
      ...this.model.flatMap((one) => /^d?(\w+?)(?:\/dt)? [=:]/.exec(one)?.[1] ?? []),
      "released",
    ];
    return [...new Set(own)]
      .filter((name) => taken.has(name))
      .reduce(
        (text, name) =>
          text.replace(new RegExp(`\\b(d?)${name}(/dt)?\\b(?!\\()`, "g"), (whole, d: string, dt?: string) =>
            (d === "d") === (dt !== undefined) ? `${d}${name}_syn${dt ?? ""}` : whole,
          ),
        line,
      );
  }

  private gap(): Omit<Connection, "weight"> {
    const { spec, needs, target, source, shared, path } = this;
    const { model } = target.spec;
    const unit = model.conductance === "" ? "1" : model.conductance;
    const current = needs.current as string;
    const weight = this.weight(spec.weight, unit, false);
    const [a, b] = [source, target].map(
      ({ group }) => group?.recorded[Object.keys((group as Group).spec.model.states)[0] as string]?.variable,
    );
    this.model.unshift(`${current}_post = ${weight}*(${a}_pre - ${b}_post) : ${baseUnitText(model.current === "" ? "1" : model.current)} (summed)`);
    shared.report.exact(`${path}.gapJunction`, "a summed current, with the potentials at the start of the step");
    return {
      variable: this.variable,
      lines: [...this.head([], []), ...this.connect(), ...this.settings],
      unit,
      records: false,
    };
  }

  private synapses(): Omit<Connection, "weight"> {
    const { spec, source, target, shared, path } = this;
    if (source.group?.spikes === false && spec.event === undefined) {
      shared.report.exact(path, "its source has no threshold and never fires: nothing is written");
      return { variable: this.variable, lines: ["# Its source never fires."], unit: "1", records: false };
    }
    const { plasticity, shortTerm, release, scaling } = spec;
    const landing = (target.group as Group).landings[spec.receptor];
    if (landing === undefined)
      throw new ExchangeError(`${path}.receptor: ${spec.receptor} is not there.`, [], { path: `${path}.receptor` });
    const { unit } = landing;
    const plastic = isPlastic(spec);
    const weight = this.weight(spec.weight, unit, plastic);
    const delays = this.delays();
    const sent: string[] = [];
    let amount = weight;
    if (shortTerm) {
      const { U, tau_rec, tau_facil } = shortTerm;
      this.namespace.push(["U", numeral(U)], ["tau_rec", `${numeral(tau_rec)}*ms`]);
      this.model.push("dx_st/dt = (1 - x_st)/tau_rec : 1 (event-driven)");
      if (tau_facil > 0) {
        this.namespace.push(["tau_facil", `${numeral(tau_facil)}*ms`]);
        this.model.push("du_st/dt = -u_st/tau_facil : 1 (event-driven)");
        sent.push("u_st += U*(1 - u_st)");
      }
      sent.push(`released = ${tau_facil > 0 ? "u_st" : "U"}*x_st`, "x_st -= released");
      this.settings.push(`${this.variable}.x_st = 1`);
      amount = `${amount}*released`;
      shared.report.exact(`${path}.shortTerm`, "event-driven equations of each synapse");
    }
    if (release !== undefined && release < 1) {
      amount = `${amount}*int(rand() < ${numeral(release)})`;
      shared.report.approximate(`${path}.release`, "random numbers of its own");
    }
    const { variable } = landing;
    const pathways = plasticity
      ? this.plastic(plasticity, sent, amount, variable, delays)
      : this.simple(sent, amount, variable, delays, landing.ends);
    if (scaling) this.scaling(scaling);
    const lines = [
      ...this.head(pathways.pre, pathways.post),
      ...this.connect(),
      ...this.settings,
      ...pathways.delays,
      ...this.runners,
    ];
    return { variable: this.variable, lines, unit, records: plastic };
  }

  private readonly runners: string[] = [];

  /** Transmission without learning. */
  private simple(
    sent: readonly string[],
    amount: string,
    variable: string,
    delays: Delays,
    ends: number | undefined,
  ): Pathways {
    const { shared, path } = this;
    if (ends === undefined) {
      return { pre: [["pre", [...sent, `${variable}_post += ${amount}`]]], post: [], delays: delays.lines("pre", 0) };
    }
    if (sent.length > 0 || amount.includes("rand()")) {
      // What began must end with the same amount.
      this.model.push(`sent : ${baseUnitText((this.target.group as Group).landings[this.spec.receptor]?.unit ?? "1")}`);
      shared.report.approximate(`${path}.receptor`, "a spike that follows within the delay and the duration of the step ends with its own amount");
      return {
        pre: [
          ["begin", [...sent, `sent = ${amount}`, `${variable}_post += sent`]],
          ["end", [`${variable}_post -= sent`]],
        ],
        post: [],
        delays: [...delays.lines("begin", 0), ...delays.lines("end", ends)],
      };
    }
    return {
      pre: [["begin", [`${variable}_post += ${amount}`]], ["end", [`${variable}_post -= ${amount}`]]],
      post: [],
      delays: [...delays.lines("begin", 0), ...delays.lines("end", ends)],
    };
  }

  /** Learning: transmission with the weight of the time of the spike after the delay, traces at once. */
  private plastic(
    plasticity: PlasticitySpec,
    sent: readonly string[],
    amount: string,
    variable: string,
    delays: Delays,
  ): Pathways {
    const { path, shared, spec } = this;
    const landing = (this.target.group as Group).landings[spec.receptor];
    const { ends } = landing as NonNullable<typeof landing>;
    const { pre, post } = this.rule(plasticity);
    const now = shared.early && delays.least === 1;
    const keeps = !now || sent.length > 0 || ends !== undefined;
    const transmit = keeps ? `${variable}_post += sent` : `${variable}_post += ${amount}`;
    const take = keeps ? [...sent, `sent = ${amount}`] : [];
    if (keeps) this.model.push(`sent : ${baseUnitText(landing?.unit ?? "1")}`);
    shared.report.exact(`${path}.plasticity`, `${plasticity.kind}: on_pre and on_post`);
    if (keeps && this.mayOvertake(delays, ends ?? 0)) {
      shared.report.approximate(`${path}.plasticity`, "where a source fires again within the delay, its first spike transmits what is meant for its second");
    }
    const fraction = plasticity.dendriticDelayFraction;
    const whole = delays.least;
    const dendrite = fraction === undefined ? 0 : stepsOf(fraction * whole * shared.dt, shared.dt);
    const axon = fraction === undefined ? 0 : whole - dendrite;
    const apart = keeps && !now && axon > 0;
    const pathways: (readonly [string, readonly string[]])[] = [
      ...(now && keeps ? [["send", [...take, transmit]] as const] : [["transmit", [transmit]] as const]),
      ...(apart ? [["send", take] as const] : []),
      ["learn", apart || now ? pre : [...take, ...pre]],
      ...(ends === undefined ? [] : [["end", [`${variable}_post -= sent`]] as const]),
    ];
    const order = pathways.map(([name], i) => `${this.variable}.${name}.order = ${i - pathways.length}`);
    return {
      pre: pathways,
      post,
      delays: [
        ...order,
        ...(now && keeps ? [] : delays.lines("transmit", 0)),
        ...(ends === undefined ? [] : delays.lines("end", ends)),
        ...(axon > 0 ? [`${this.variable}.learn.delay = ${numeral(timeOf(axon, shared.dt))}*ms`] : []),
        ...(dendrite > 0 ? [`${this.variable}.post.delay = ${numeral(timeOf(dendrite, shared.dt))}*ms`] : []),
      ],
    };
  }

  /** Whether a source may fire twice within the delay of a synapse. */
  private mayOvertake(delays: Delays, ends: number): boolean {
    const { source, shared } = this;
    const longest = delays.longest + ends;
    if (longest <= 1) return false;
    const { spec } = source;
    if (spec.source?.kind === "spikeTrain") {
      const { times, neurons } = spec.source;
      const last = new Map<number, number>();
      for (let i = 0; i < times.length; i++) {
        const step = stepsOf(times[i] as number, shared.dt);
        const before = last.get(neurons[i] as number);
        if (before !== undefined && step - before < longest) return true;
        last.set(neurons[i] as number, step);
      }
      return false;
    }
    const hold = spec.params.t_ref;
    const least =
      typeof hold === "number" ? hold : hold instanceof Float64Array ? hold.reduce((a, b) => Math.min(a, b)) : 0;
    return spec.source !== undefined || stepsOf(least, shared.dt) + 1 < longest;
  }

  /** What learning does at a spike of the source and of the target. */
  private rule(plasticity: PlasticitySpec): { pre: string[]; post: string[] } {
    const trace = (name: string, tau: string): void => {
      this.model.push(`d${name}/dt = -${name}/${tau} : 1 (event-driven)`);
    };
    const put = (entries: Readonly<Record<string, string>>): void => {
      this.namespace.push(...Object.entries(entries));
    };
    const w = "w";
    const unit = (this.target.group as Group).landings[this.spec.receptor]?.unit ?? "1";
    const weight = (x: number): string => quantity(x, unit);
    const ms = (x: number): string => `${numeral(x)}*ms`;
    const bounded = (change: string): string => `w = clip(${change}, w_min, w_max)`;
    switch (plasticity.kind) {
      case "stdp": {
        const { A_plus, A_minus, tau_plus, tau_minus, w_min, w_max, weightDependence, pairing } = plasticity;
        put({
          A_plus: numeral(A_plus),
          A_minus: numeral(A_minus),
          tau_plus: ms(tau_plus),
          tau_minus: ms(tau_minus),
          w_min: weight(w_min),
          w_max: weight(w_max),
        });
        trace("x", "tau_plus");
        trace("y", "tau_minus");
        const jump = pairing === "all" ? "+=" : "=";
        const multiplicative = weightDependence === "multiplicative";
        return {
          pre: [bounded(`${w} - A_minus*${multiplicative ? w : "w_max"}*y`), `x ${jump} 1`],
          post: [bounded(`${w} + A_plus*${multiplicative ? "(w_max - w)" : "w_max"}*x`), `y ${jump} 1`],
        };
      }
      case "tripletStdp": {
        const { A2_plus, A3_plus, A2_minus, A3_minus, tau_plus, tau_minus, tau_x, tau_y, w_min, w_max } = plasticity;
        put({
          A2_plus: numeral(A2_plus),
          A3_plus: numeral(A3_plus),
          A2_minus: numeral(A2_minus),
          A3_minus: numeral(A3_minus),
          tau_plus: ms(tau_plus),
          tau_minus: ms(tau_minus),
          tau_x: ms(tau_x),
          tau_y: ms(tau_y),
          w_min: weight(w_min),
          w_max: weight(w_max),
        });
        for (const [name, tau] of [
          ["x", "tau_plus"],
          ["x2", "tau_x"],
          ["y", "tau_minus"],
          ["y2", "tau_y"],
        ] as const)
          trace(name, tau);
        return {
          pre: [bounded(`${w} - w_max*y*(A2_minus + A3_minus*x2)`), "x += 1", "x2 += 1"],
          post: [bounded(`${w} + w_max*x*(A2_plus + A3_plus*y2)`), "y += 1", "y2 += 1"],
        };
      }
      case "inhibitoryStdp": {
        const { eta, rho_0, tau, w_max } = plasticity;
        put({
          eta: weight(eta),
          alpha: `2*${numeral(rho_0)}*Hz*${ms(tau)}`,
          tau: ms(tau),
          w_min: weight(0),
          w_max: weight(w_max),
        });
        trace("x", "tau");
        trace("y", "tau");
        return { pre: [bounded(`${w} + eta*(y - alpha)`), "x += 1"], post: [bounded(`${w} + eta*x`), "y += 1"] };
      }
    }
  }

  private scaling({ rho_0, rate, interval, w_min, w_max }: NonNullable<ProjectionSpec["scaling"]>): void {
    const { needs, target, shared, path, variable } = this;
    const unit = (target.group as Group).landings[this.spec.receptor]?.unit ?? "1";
    const counter = needs.counter as string;
    const every = `${numeral(timeOf(intervalSteps(interval, shared.dt), shared.dt))}*ms`;
    this.namespace.push(
      ["rho_0", `${numeral(rho_0)}*Hz`],
      ["interval", every],
      ["s_min", quantity(w_min, unit)],
      ["s_max", quantity(w_max, unit)],
    );
    const scale = `clip(1 + ${numeral(rate)}*(rho_0 - ${counter}_post/interval)/rho_0, 0, inf)`;
    this.runners.push(
      `${variable}.run_regularly(`,
      `    ${text(`w = int(t > 0*ms)*clip(w*${scale}, s_min, s_max) + int(t <= 0*ms)*w`)},`,
      `    dt=${every}, when="before_start", order=-2,`,
      ")",
      `${target.variable}.run_regularly(${text(`${counter} = 0`)}, dt=${every}, when="before_start", order=-1)`,
    );
    if (shared.early && this.spec.plasticity) shared.report.approximate(`${path}.scaling`, "what is learned in an interval's last step is scaled with the next interval");
    else shared.report.exact(`${path}.scaling`, "run_regularly at the end of each interval");
  }

  // Weights and delays

  /** The text of the weight in code: a name of the namespace, or a variable of the synapses. */
  private weight(value: SynapseValue, unit: string, changes: boolean): string {
    const { shared, path, spec } = this;
    if (typeof value === "function") {
      throw new ExchangeError(
        `${path}.weight: a function of source and target; use Simulation.explicit(), which has its values.`,
        [],
        { path: `${path}.weight` },
      );
    }
    if (typeof value === "number" && !changes) {
      this.namespace.push(["w", quantity(value, unit)]);
      return "w";
    }
    this.model.push(`w : ${baseUnitText(unit)}${changes ? "" : " (constant)"}`);
    if (typeof value === "number") this.settings.push(`${this.variable}.w = ${quantity(value, unit)}`);
    else if (value instanceof Float64Array) {
      const kept = spec.weightPrecision === "float32" ? value.map(Math.fround) : value;
      this.settings.push(
        `${this.variable}.w = ${inUnit(shared.arrays.of(`${this.variable}_weights`, kept, "np.array").text, unit)}`,
      );
    } else {
      this.settings.push(`${this.variable}.w = ${this.drawn(value, unit)}`);
      shared.report.approximate(`${path}.weight`, "drawn from the same distribution: other numbers");
    }
    return "w";
  }

  /** Values of a distribution, one for each synapse. */
  private drawn(value: Distribution, unit: string): string {
    if (this.counts) return inUnit(drawnText(value, this.number, this.shared.helpers), unit);
    return text(inUnit(`(${inBrian2(value)})`, unit));
  }

  /** The script knows the number of synapses before Brian2 makes them. */
  private get counts(): boolean {
    const { rule, weight, delay } = this.spec;
    const numpy = [weight, delay].some(
      (value) => isDistribution(value) && ("gamma" in value || "truncatedNormal" in value),
    );
    return numpy || !["allToAll", "oneToOne", "fixedProbability"].includes(rule.rule);
  }

  /** The number of synapses, where the script knows it. */
  private get number(): string {
    const { rule } = this.spec;
    return rule.rule === "list" ? String(rule.sources.length) : `len(${this.variable}_i)`;
  }

  private delays(): Delays {
    const { spec, shared, path, variable } = this;
    const { dt, early } = shared;
    const { delay } = spec;
    const less = early ? 1 : 0;
    if (typeof delay === "function") {
      throw new ExchangeError(
        `${path}.delay: a function of source and target; use Simulation.explicit(), which has its values.`,
        [],
        { path: `${path}.delay` },
      );
    }
    const set = (pathway: string, value: string): string[] => [`${variable}.${pathway}.delay = ${value}`];
    if (typeof delay === "number") {
      const steps = intervalSteps(delay, dt);
      return {
        least: steps,
        longest: steps,
        lines: (pathway, more) => (steps - less + more === 0 ? [] : set(pathway, `${numeral(timeOf(steps - less + more, dt))}*ms`)),
      };
    }
    if (delay instanceof Float64Array) {
      const steps = delay.map((ms) => intervalSteps(ms, dt));
      return {
        least: steps.reduce((a, b) => Math.min(a, b), Infinity),
        longest: steps.reduce((a, b) => Math.max(a, b), 0),
        lines: (pathway, more) => {
          const counted = Uint32Array.from(steps, (n) => n - less + more);
          return set(
            pathway,
            `np.array(${shared.arrays.of(`${variable}_${pathway}_delays`, counted).text})*defaultclock.dt`,
          );
        },
      };
    }
    shared.report.approximate(`${path}.delay`, "drawn from the same distribution: other numbers");
    const later = (more: number): string => {
      const steps = more - less;
      return steps === 0 ? "" : steps > 0 ? ` + ${steps}*dt` : ` - ${-steps}*dt`;
    };
    const made = this.counts
      ? [
          `${variable}_delays = np.maximum(np.floor(${drawnText(delay, this.number, shared.helpers)}/${numeral(dt)} + 0.5), 1)`,
        ]
      : [];
    this.settings.push(...made);
    return {
      least: 1,
      longest: Number.POSITIVE_INFINITY,
      lines: (pathway, more) =>
        this.counts
          ? set(pathway, `(${variable}_delays${later(more).replace("*dt", "")})*defaultclock.dt`)
          : set(pathway, text(`clip((${inBrian2(delay)})*ms, dt, inf*second)${later(more)}`)),
    };
  }

  // Lines

  private head(pre: readonly (readonly [string, readonly string[]])[], post: readonly string[]): string[] {
    const { variable, source, target, spec, namespace, model } = this;
    const block = (name: string, lines: readonly string[], indent: string): string =>
      lines.length === 1
        ? `${name}${text(lines[0] as string)}`
        : `${name}"""\n${lines.map((line) => `${indent}    ${line}`).join("\n")}\n${indent}    """`;
    const single = pre.length === 1 && pre[0]?.[0] === "pre";
    const options = [
      ...(model.length === 0 ? [] : [block("model=", model, "    ")]),
      ...(pre.length === 0
        ? []
        : single
          ? [block("on_pre=", pre[0]?.[1] ?? [], "    ")]
          : [
              `on_pre={\n${pre.map(([name, lines]) => `        ${text(name)}: ${block("", lines, "        ")},`).join("\n")}\n    }`,
            ]),
      ...(post.length === 0 ? [] : [block("on_post=", post, "    ")]),
      ...(spec.event === undefined ? [] : [`on_event={${(single ? ["pre"] : pre.map(([name]) => name)).map((name) => `${text(name)}: ${text(spec.event as string)}`).join(", ")}${post.length > 0 ? ', "post": "spike"' : ""}}`]),
      ...(namespace.length === 0
        ? ["namespace={}"]
        : [`namespace=dict(${namespace.map(([name, value]) => `${name}=${value}`).join(", ")})`]),
    ];
    return [
      `${variable} = Synapses(`,
      `    ${source.variable}, ${target.variable},`,
      ...options.map((option) => `    ${option},`),
      ")",
    ];
  }

  private connect(): string[] {
    const { spec, variable, source, target, shared, path } = this;
    const { rule } = spec;
    const counterpart = brian2Mapping.rules[rule.rule];
    const differs = isPresent(counterpart) ? counterpart.differs : undefined;
    const where = `${path}.rule`;
    if (differs === undefined) shared.report.exact(where, isPresent(counterpart) ? counterpart.name : "");
    else shared.report.approximate(where, differs);
    const within = spec.source === spec.target;
    const others = within && !spec.autapses;
    const condition = others ? ["condition=\"i != j\""] : [];
    const sizes = [source.spec.size, target.spec.size] as const;
    if (!this.counts) {
      if (rule.rule === "oneToOne") return [`${variable}.connect(j="i")`];
      const options = rule.rule === "fixedProbability" ? [...condition, `p=${numeral(rule.p)}`] : condition;
      return [`${variable}.connect(${options.join(", ")})`];
    }
    if (rule.rule === "list") {
      const [i, j] = [
        ["sources", rule.sources],
        ["targets", rule.targets],
      ].map(([what, list]) => shared.arrays.of(`${variable}_${what as string}`, list as Uint32Array, "np.array").text);
      return [`${variable}.connect(i=${i}, j=${j})`];
    }
    return [`${variable}_i, ${variable}_j = ${this.pairs(rule, sizes, others)}`, `${variable}.connect(i=${variable}_i, j=${variable}_j)`];
  }

  /** Pairs of indices by numpy. */
  private pairs(rule: Exclude<RuleSpec, { rule: "list" }>, [n, m]: readonly [number, number], others: boolean): string {
    const { shared, spec, source, target } = this;
    const use = (helper: string, ...args: (number | string)[]): string => {
      shared.helpers.add(helper);
      return `${helper}(${args.map((arg) => (typeof arg === "number" ? numeral(arg) : arg)).join(", ")})`;
    };
    const autapses = others ? "False" : "True";
    const multapses = spec.multapses ? "True" : "False";
    switch (rule.rule) {
      case "allToAll":
        return use("with_probability", n, m, 1, autapses);
      case "fixedProbability":
        return use("with_probability", n, m, rule.p, autapses);
      case "oneToOne":
        return `np.arange(${n}), np.arange(${n})`;
      case "fixedIndegree":
        return use("fixed_degree", n, m, rule.k, autapses, multapses);
      case "fixedOutdegree":
        return `${use("fixed_degree", m, n, rule.k, autapses, multapses)}[::-1]`;
      case "fixedTotalNumber":
        return use("fixed_number", n, m, rule.n, autapses);
      case "distance": {
        const [x, y, period] = [this.positions(source), this.positions(target), periodOf(target.spec, rule.periodic)];
        return use(
          "by_distance",
          x,
          y,
          text(rule.kernel),
          rule.scale,
          rule.p,
          `(${period.map(numeral).join(", ")})`,
          autapses,
        );
      }
    }
  }

  private positions({ spec, variable }: End): string {
    const { shared } = this;
    const where = spec.positions;
    if (where === undefined)
      throw new ExchangeError(`${this.path}.rule: distance needs positions.`, [], { path: `${this.path}.rule` });
    const n = spec.size;
    switch (where.kind) {
      case "line":
        return `(${numeral(where.length / n)}*(np.arange(${n}) + 0.5), np.zeros(${n}))`;
      case "grid":
        return `(${numeral(where.spacing)}*(np.arange(${n}) % ${where.columns} + 0.5), ${numeral(where.spacing)}*(np.arange(${n})//${where.columns} + 0.5))`;
      case "disc":
        // one draw for all projections
        shared.helpers.add("disc");
        return `disc(${text(spec.name)}, ${numeral(where.radius)}, ${n})`;
      case "given":
        return `(${shared.arrays.of(`${variable}_x`, where.x, "np.array").text}, ${shared.arrays.of(`${variable}_y`, where.y, "np.array").text})`;
    }
  }
}

interface Delays {
  readonly least: number;
  readonly longest: number;
  /** Lines that set the delay of a pathway, so many steps later. */
  lines(pathway: string, more: number): string[];
}

interface Pathways {
  readonly pre: readonly (readonly [name: string, lines: readonly string[]])[];
  readonly post: readonly string[];
  readonly delays: readonly string[];
}

function periodOf({ positions, size }: PopulationSpec, periodic: boolean): readonly [number, number] {
  if (!periodic || positions === undefined) return [0, 0];
  if (positions.kind === "line") return [positions.length, 0];
  if (positions.kind === "grid")
    return [positions.columns * positions.spacing, Math.ceil(size / positions.columns) * positions.spacing];
  return [0, 0];
}

/** A distribution that Brian2 can draw from in a text. */
function inBrian2(value: Distribution): string {
  if ("uniform" in value) return `${numeral(value.uniform[0])} + ${numeral(value.uniform[1] - value.uniform[0])}*rand()`;
  if ("normal" in value) return `${numeral(value.normal[0])} + ${numeral(value.normal[1])}*randn()`;
  if ("lognormal" in value) return `exp(${numeral(value.lognormal[0])} + ${numeral(value.lognormal[1])}*randn())`;
  if ("exponential" in value) return `-${numeral(value.exponential)}*log(1 - rand())`;
  throw new RangeError("a distribution for numpy");
}

