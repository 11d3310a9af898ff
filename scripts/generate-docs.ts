/** The reference page of each model, their index, and the JSON Schema of model files: all from the model records. */
import { MAX_POINTS, MAX_SAMPLES, MAX_SIZE } from "../src/model/population.js";
import { MAX_ENTRIES, MAX_POPULATIONS, MAX_SEED, membraneUnit, noiseUnit } from "../src/model/parse.js";
import type { ModelRecord, ParameterRecord } from "../src/model/record.js";

const NOTICE = "<!-- Written by `npm run generate` from the model record. Edit the record, not this page. -->";

/** A number as people write it: 0.0666667 for 1/15. */
function number(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** The text of a cell: a bar would end it. */
function cell(text: string): string {
  return text.replace(/\|/g, "\\|");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function equations(model: ModelRecord): string {
  const lines: string[] = [];
  for (const [name, text] of Object.entries(model.functions ?? {})) lines.push(`${name} = ${text}`);
  if (lines.length > 0) lines.push("");
  for (const [name, text] of Object.entries(model.equations)) lines.push(`d${name}/dt = ${text}`);
  lines.push("");
  if (model.family === "resets") {
    const reset = Object.entries(model.reset ?? {}).map(([name, text]) => `${name} = ${text}`);
    lines.push(`spike at v >= ${model.threshold}: ${reset.join(", ")}`);
  } else {
    lines.push(`spike where v crosses ${model.threshold} upward; counted again after v < ${model.threshold} - hysteresis`);
  }
  return lines.join("\n");
}

function start(model: ModelRecord): string {
  if (model.init === "rest") return "A neuron starts at rest: at the stable equilibrium without input.";
  const parts = Object.entries(model.init).map(([name, text]) => (text === "equilibrium" ? `\`${name}\` in equilibrium with \`v\`` : `\`${name} = ${text}\``));
  return `A neuron starts at ${parts.join(", ")}.`;
}

function exampleDocument(model: ModelRecord): object {
  const { current, dt, duration } = model.example ?? { current: 0, dt: 0.1, duration: 200 };
  return {
    name: `${model.id}-example`,
    dt,
    duration,
    populations: [{ name: "neurons", model: model.id, size: 1, background: [{ kind: "constant", amplitude: current }] }],
    record: [{ population: "neurons", variables: ["spikes", ...Object.keys(model.states)] }],
  };
}

/** The model file that stands on the model's page. */
export function modelExample(model: ModelRecord): string {
  const document = exampleDocument(model) as { populations: unknown[]; record: unknown[] };
  // one line per population and recording reads better than one line per value
  const entries = Object.entries(document).map(([key, value]) => {
    if (!Array.isArray(value)) return `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`;
    return `  ${JSON.stringify(key)}: [\n${value.map((entry) => `    ${spaced(entry)}`).join(",\n")}\n  ]`;
  });
  return `{\n${entries.join(",\n")}\n}`;
}

function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    return `{ ${Object.entries(value).map(([key, entry]) => `${JSON.stringify(key)}: ${spaced(entry)}`).join(", ")} }`;
  }
  return JSON.stringify(value);
}

/** The reference page of a model, in Markdown. */
export function modelPage(model: ModelRecord): string {
  const sections: string[] = [`# ${model.title}`, NOTICE, `\`${model.id}\`: ${model.summary}`, model.text];
  sections.push("## Equations", `\`\`\`text\n${equations(model)}\n\`\`\``);
  const current = model.current === "" ? "a pure number" : `in ${model.current}`;
  const conductance = model.conductance === "" ? "a pure number" : `in ${model.conductance}`;
  sections.push(`\`I\` is the sum of background and receptor currents, ${current}; the conductance of a receptor is ${conductance}. ${start(model)}`);
  if (model.conditions && model.conditions.length > 0) {
    sections.push(`Every neuron must satisfy ${model.conditions.map((condition) => `\`${condition}\``).join(" and ")}.`);
  }
  sections.push("## States", table(["state", "unit", "meaning"], Object.entries(model.states).map(([name, state]) => [`\`${name}\``, state.unit, state.text])));
  sections.push(
    "## Parameters",
    table(
      ["parameter", "default", "unit", "allowed", "meaning"],
      Object.entries(model.params).map(([name, record]) => [`\`${name}\``, number(record.default), record.unit, record.range ?? "any", record.text]),
    ),
  );
  const presets = Object.entries(model.presets);
  if (presets.length > 0) {
    const sources = [...new Set(presets.map(([, preset]) => preset.source))];
    sections.push(
      "## Presets",
      `Chosen with \`"preset": "${presets[0]?.[0]}"\` beside \`"model": "${model.id}"\`; \`params\` still overrides single values.`,
      table(
        ["preset", "what it does", "values", "source"],
        presets.map(([name, preset]) => [
          `\`${name}\``,
          preset.text,
          Object.entries(preset.params).map(([key, value]) => `${key} ${number(value)}`).join(", "),
          `[${sources.indexOf(preset.source) + 1}]`,
        ]),
      ),
      sources.map((source, i) => `[${i + 1}] ${source}`).join("\n\n"),
    );
  }
  const limits = model.maxStep ?? {};
  sections.push(
    "## Methods",
    `The first is the default. A limit is the largest dt at which the method was seen to stay bounded with the default parameters; accuracy needs a smaller one.`,
    table(
      ["method", "limit of dt"],
      model.methods.map((method) => [`\`${method}\``, limits[method] === undefined ? "general rules" : `${limits[method]} ms`]),
    ),
  );
  sections.push("## Example", `Save it as \`${model.id}.json\` and run \`spikelet run ${model.id}.json\`.`, `\`\`\`json\n${modelExample(model)}\n\`\`\``);
  sections.push("## References", model.references.map((reference) => `- ${reference}`).join("\n"));
  return `${sections.join("\n\n")}\n`;
}

/** The index of the reference pages, in Markdown. */
export function modelIndex(models: readonly ModelRecord[]): string {
  const family = { resets: "spike timing, with reset", membrane: "membrane trace, no reset" } as const;
  const rows = models.map((model) => [
    `[\`${model.id}\`](${model.id}.md)`,
    model.title,
    family[model.family],
    Object.keys(model.states).join(", "),
    model.current === "" ? "pure number" : model.current,
    model.methods[0] ?? "",
    model.summary,
  ]);
  const head = ["id", "model", "family", "states", "current", "default method", ""];
  return `# Neuron models\n\n${NOTICE}\n\nModels of spike timing diverge by design and are reset; models of the membrane trace make a whole action potential, and a spike is an upward crossing of \`V_th\`.\n\n${table(head, rows)}\n`;
}

type Schema = Record<string, unknown>;
type Bound = ParameterRecord["range"];

/** Stands for a unit that depends on another part of the document. */
const RECEPTOR_UNIT = "the unit of the receptor";
const DISTRIBUTION_KINDS = ["uniform", "normal", "lognormal", "exponential"];

/** Collects named sub-schemas, so that each value kind is written once. */
class Definitions {
  readonly all: Record<string, Schema> = {};

  reference(name: string, make: () => Schema): Schema {
    const key = name.replace(/[^A-Za-z0-9]+/g, "_").replace(/_$/, "");
    if (!Object.hasOwn(this.all, key)) {
      // before `make`, so that order of appearance is order of definition
      this.all[key] = {};
      this.all[key] = make();
    }
    return { $ref: `#/$defs/${key}` };
  }

  /** A number in a unit, or a text with a unit. */
  quantity(of: string, bound?: Bound): Schema {
    const numeric: Schema = { type: "number", ...(bound === "> 0" ? { exclusiveMinimum: 0 } : bound === ">= 0" ? { minimum: 0 } : {}) };
    if (of === "") return numeric;
    return this.reference(`quantity ${of}${boundName(bound)}`, () => ({
      description: `A number in ${of}, or a text with a unit that converts to it${of === RECEPTOR_UNIT ? "" : `, such as "10 ${of}"`}.`,
      anyOf: [
        numeric,
        {
          type: "string",
          pattern: `^\\s*${bound === undefined ? "[+-]?" : "\\+?"}(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?\\s*(?:[A-Za-zµμΩ]|1\\s*/|/).*$`,
        },
      ],
    }));
  }

  /** One value per neuron: a quantity, an array of quantities or a distribution. */
  value(of: string, bound?: Bound): Schema {
    return this.reference(`value ${of === "" ? "number" : of}${boundName(bound)}`, () => ({
      description: `${of === "" ? "A pure number" : `A value in ${of}`}: one for all neurons, an array with one per neuron, or a distribution.`,
      anyOf: [this.quantity(of, bound), { type: "array", minItems: 1, items: this.quantity(of, bound) }, this.distribution(of, bound)],
    }));
  }

  distribution(of: string, bound?: Bound): Schema {
    return this.reference(`distribution ${of === "" ? "number" : of}${boundName(bound)}`, () => {
      const pair = (first: Schema, second: Schema): Schema => ({ type: "array", prefixItems: [first, second], items: false, minItems: 2 });
      return {
        description: "Random values, drawn once from the seed.",
        type: "object",
        properties: {
          uniform: { description: "[lowest, highest]", ...pair(this.quantity(of, bound), this.quantity(of, bound)) },
          normal: { description: "[mean, standard deviation]", ...pair(this.quantity(of), this.quantity(of, ">= 0")) },
          lognormal: { description: "[mean, standard deviation] of the logarithm", ...pair({ type: "number" }, { type: "number", minimum: 0 }) },
          exponential: { description: "mean", ...this.quantity(of, "> 0") },
        },
        oneOf: DISTRIBUTION_KINDS.map((kind) => ({ required: [kind] })),
        additionalProperties: false,
      };
    });
  }
}

function boundName(bound: Bound): string {
  return bound === "> 0" ? " positive" : bound === ">= 0" ? " not negative" : "";
}

/** An object with these keys and no others. */
function object(description: string, required: readonly string[], properties: Record<string, Schema | boolean>, more: Schema = {}): Schema {
  return { description, type: "object", properties, required: [...required], additionalProperties: false, ...more };
}

const RESERVED = Object.getOwnPropertyNames(Object.prototype).sort();

function newName(description: string, pattern: string): Schema {
  return { description, type: "string", pattern, maxLength: 64, not: { enum: RESERVED } };
}

/** The JSON Schema (draft 2020-12) of model files for these models. */
export function modelSchema(models: readonly ModelRecord[]): object {
  const defs = new Definitions();
  const text = (description: string, known?: readonly string[]): Schema => ({ description, type: "string", ...(known ? { enum: [...known] } : {}) });
  const ms = (description: string, bound?: Bound): Schema => ({ description, ...defs.quantity("ms", bound) });

  const population = object(
    "A set of neurons of one model.",
    ["name", "model", "size"],
    {
      name: newName("Name, unique in the network.", "^[\\p{L}\\p{N}_](?:[\\p{L}\\p{N}_.+ -]*[\\p{L}\\p{N}_+])?$"),
      model: text("Neuron model.", models.map((model) => model.id)),
      preset: text("A named set of parameters of the model."),
      size: { description: "Number of neurons.", type: "integer", minimum: 1, maximum: MAX_SIZE },
      method: text("Integration method; each model has a default.", [...new Set(models.flatMap((model) => model.methods))]),
      params: { description: "Parameters; those not named have the default of the preset or of the model.", type: "object" },
      init: { description: "Initial values of states and of receptors (g_NAME, i_NAME).", type: "object" },
      receptors: { description: "Receptors by name.", type: "object" },
      background: { description: "Background currents; they add up.", type: "array" },
    },
    {
      allOf: models.map((model) => ({
        if: { properties: { model: { const: model.id } }, required: ["model"] },
        then: defs.reference(`population ${model.id}`, () => populationOf(model, defs)),
      })),
    },
  );

  const weight: Schema = {
    ...defs.reference("weight", () => ({
      anyOf: [defs.quantity(RECEPTOR_UNIT), { type: "array", items: defs.quantity(RECEPTOR_UNIT) }, defs.distribution(RECEPTOR_UNIT)],
    })),
    description: "Jump of v (delta), peak conductance (with E_rev) or peak current; an array has one per pair of a list.",
  };
  const rules: Readonly<Record<string, readonly string[]>> = { allToAll: [], oneToOne: [], fixedProbability: ["p"], fixedIndegree: ["k"], list: ["pairs", "file"] };
  const ruleKeys = Object.values(rules).flat();
  const projection = object(
    "Synapses from one population onto a receptor of another or of itself.",
    ["source", "target", "rule"],
    {
      source: text("Population of the spikes."),
      target: text("Population of the receptor."),
      receptor: text("Receptor of the target; may be left out where it has exactly one."),
      rule: text("Which pairs of neurons are connected.", Object.keys(rules)),
      p: { description: "fixedProbability: probability of each pair.", type: "number", minimum: 0, maximum: 1 },
      k: { description: "fixedIndegree: synapses onto each neuron of the target.", type: "integer", minimum: 0 },
      pairs: {
        description: "list: pairs [source, target] of neurons, counted from 0.",
        type: "array",
        items: { type: "array", items: { type: "integer", minimum: 0 }, minItems: 2, maxItems: 2 },
      },
      file: text("list: a CSV file with the columns source, target and, if wanted, weight and delay."),
      weight,
      delay: { ...defs.value("ms", ">= 0"), description: "ms, at least one step; dt when left out. An array has one per pair of a list." },
      autapses: { description: "Whether a neuron may connect to itself. Default: true, but false for fixedProbability within one population.", type: "boolean" },
      multapses: { description: "Whether a pair of neurons may have several synapses. Default: true for fixedIndegree, false for list; the other rules make none.", type: "boolean" },
      weightPrecision: text("Storage of per-synapse weights. Default: float32.", ["float32", "float64"]),
    },
    {
      allOf: Object.entries(rules).map(([rule, keys]) => {
        const foreign = ruleKeys.filter((key) => !keys.includes(key));
        return {
          if: { properties: { rule: { const: rule } }, required: ["rule"] },
          then: {
            properties: {
              ...Object.fromEntries(foreign.map((key) => [key, false])),
              ...(rule === "fixedIndegree" || rule === "list" ? {} : { multapses: { const: false } }),
              ...(rule === "list" ? {} : { weight: { type: ["number", "string", "object"] }, delay: { type: ["number", "string", "object"] } }),
            },
            // a file may have a column of weights
            ...(rule === "list" ? { oneOf: [{ required: ["pairs", "weight"] }, { required: ["file"] }] } : { required: [...keys, "weight"] }),
          },
        };
      }),
    },
  );

  const record = object("What to record from a population.", ["population", "variables"], {
    population: text("Name of the population."),
    variables: {
      description: 'Names: "spikes", states, g_NAME or i_NAME of receptors, "I_background".',
      type: "array",
      items: { type: "string" },
      minItems: 1,
      uniqueItems: true,
    },
    neurons: { description: "Neurons, counted from 0; all when left out.", type: "array", items: { type: "integer", minimum: 0 }, minItems: 1, uniqueItems: true },
    every: ms("Sampling interval, a multiple of dt; dt when left out.", "> 0"),
    from: ms("Start of the recording; 0 when left out.", ">= 0"),
  });

  const document = object("A network for Spikelet.", ["dt", "duration", "populations"], {
    $schema: text("Address of this schema, for editors."),
    version: { description: "Version of the format.", const: 1 },
    name: { description: "Name of the network.", type: "string", minLength: 1, maxLength: 200, pattern: "^\\P{Cc}*$" },
    dt: ms("Time step.", "> 0"),
    duration: ms("Time to simulate.", ">= 0"),
    seed: { description: "Seed of all random numbers; 1 when left out.", type: "integer", minimum: 0, maximum: MAX_SEED },
    populations: { type: "array", items: { $ref: "#/$defs/population" }, minItems: 1, maxItems: MAX_POPULATIONS },
    projections: { type: "array", items: { $ref: "#/$defs/projection" }, maxItems: MAX_ENTRIES },
    record: { type: "array", items: { $ref: "#/$defs/record" }, maxItems: MAX_ENTRIES },
  });
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: "urn:spikelet:model-file:1",
    title: "Spikelet model file",
    ...document,
    $defs: { population, projection, record, ...defs.all },
  };
}

/** What a population of this model may hold. The names of its keys are checked by the population itself. */
function populationOf(model: ModelRecord, defs: Definitions): Schema {
  const presets = Object.keys(model.presets);
  const membrane = membraneUnit(model);
  return {
    properties: {
      preset: presets.length === 0 ? false : { description: Object.entries(model.presets).map(([name, preset]) => `${name}: ${preset.text}`).join("; "), enum: presets },
      method: { enum: [...model.methods] },
      params: {
        type: "object",
        properties: Object.fromEntries(Object.entries(model.params).map(([name, record]) => [name, parameter(record, defs)])),
        additionalProperties: false,
      },
      init: {
        type: "object",
        properties: Object.fromEntries(Object.entries(model.states).map(([name, state]) => [name, { ...defs.value(state.unit), description: state.text }])),
        patternProperties: {
          "^g_[A-Za-z_]\\w*$": { ...defs.value(model.conductance, ">= 0"), description: "Initial conductance of a receptor." },
          "^i_[A-Za-z_]\\w*$": { ...defs.value(model.current), description: "Initial current of a receptor." },
        },
        additionalProperties: false,
      },
      receptors: {
        type: "object",
        propertyNames: newName("Name of the receptor.", "^[A-Za-z_]\\w*$"),
        additionalProperties: defs.reference(`receptor ${membrane === "" ? "number" : membrane}`, () => receptor(membrane, defs)),
      },
      background: {
        type: "array",
        items: defs.reference(`background ${model.current === "" ? "number" : model.current}`, () => background(model, defs)),
      },
    },
  };
}

function parameter(record: ParameterRecord, defs: Definitions): Schema {
  const unitText = record.unit === "" ? "" : ` ${record.unit}`;
  return { ...defs.value(record.unit, record.range), description: `${record.text}; default ${number(record.default)}${unitText}`, default: record.default };
}

function receptor(membrane: string, defs: Definitions): Schema {
  return {
    description: "Exponential: a conductance with E_rev, a current without. Delta: a jump of v.",
    anyOf: [
      object("A jump of v.", ["kernel"], { kernel: { const: "delta" } }),
      object("A decaying conductance or current.", ["kernel", "tau"], {
        kernel: { const: "exponential" },
        tau: { ...defs.quantity("ms", "> 0"), description: "Time constant of the decay." },
        E_rev: { ...defs.quantity(membrane), description: "Reversal potential; with it the receptor is a conductance." },
      }),
    ],
  };
}

function background(model: ModelRecord, defs: Definitions): Schema {
  const current = model.current;
  const noise = noiseUnit(model);
  const value = (description: string, bound?: Bound): Schema => ({ ...defs.value(current, bound), description });
  const ms = (description: string, bound?: Bound): Schema => ({ ...defs.quantity("ms", bound), description });
  const kind = (name: string, description: string, required: readonly string[], properties: Record<string, Schema>, more: Schema = {}): Schema =>
    object(description, ["kind", ...required], { kind: { const: name }, ...properties }, more);
  const slope = defs.quantity(current === "" ? "1/ms" : `${current}/ms`);
  return {
    description: `A background current${current === "" ? "" : ` in ${current}`}.`,
    anyOf: [
      kind("constant", "A constant current.", ["amplitude"], { amplitude: value("Current.") }),
      kind("piecewise", "Rows [time, amplitude, slope per ms]: each holds until the next.", ["points"], {
        points: {
          type: "array",
          minItems: 1,
          maxItems: MAX_POINTS,
          items: { type: "array", prefixItems: [defs.quantity("ms"), defs.quantity(current), slope], items: false, minItems: 2 },
        },
      }),
      kind(
        "pulses",
        "Rectangular pulses.",
        ["amplitude", "width"],
        {
          amplitude: value("Current during a pulse."),
          start: ms("Start of the first pulse; 0 when left out.", ">= 0"),
          width: ms("Length of a pulse.", "> 0"),
          period: ms("From one pulse to the next.", "> 0"),
          count: { description: "Number of pulses; without it one, or with a period no end.", type: "integer", minimum: 1 },
        },
        { anyOf: [{ required: ["period"] }, { properties: { count: { const: 1 } } }] },
      ),
      kind("ramp", "From one current to another between two times; constant before and after.", ["end", "from", "to"], {
        start: ms("Start; 0 when left out.", ">= 0"),
        end: ms("End.", "> 0"),
        from: value("Current at the start."),
        to: value("Current at the end."),
      }),
      kind("sine", "offset + amplitude sin(2 pi frequency t + phase).", ["amplitude", "frequency"], {
        amplitude: value("Amplitude."),
        frequency: { ...defs.quantity("Hz", ">= 0"), description: "Frequency." },
        phase: { ...defs.quantity("rad"), description: "Phase; 0 when left out." },
        offset: value("Mean; 0 when left out."),
      }),
      kind("whiteNoise", "Gaussian white noise, independent per neuron.", ["sigma"], {
        sigma: { ...defs.value(noise, ">= 0"), description: `Intensity in ${noise}.` },
        mean: value("Mean; 0 when left out."),
      }),
      kind("ornsteinUhlenbeck", "Gaussian noise with a correlation time, independent per neuron.", ["sigma", "tau"], {
        mean: value("Mean; 0 when left out."),
        sigma: value("Stationary standard deviation.", ">= 0"),
        tau: ms("Correlation time.", "> 0"),
      }),
      kind(
        "samples",
        "Given values, each held for dt; the last one holds on.",
        ["dt"],
        {
          dt: ms("Time from one value to the next.", "> 0"),
          values: { description: "The values.", type: "array", items: defs.quantity(current), minItems: 1, maxItems: MAX_SAMPLES },
          file: { description: "A CSV file with one column of values.", type: "string", minLength: 1 },
        },
        { oneOf: [{ required: ["values"] }, { required: ["file"] }] },
      ),
      kind("rheobase", "A constant current: a multiple of the least that makes the neuron fire.", ["fraction"], {
        fraction: { ...defs.value(""), description: "The multiple." },
      }),
    ],
  };
}
