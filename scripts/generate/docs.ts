/** The reference page of each model, their index, and the JSON Schema of model files: all from the model records. */
import { type BackgroundRecord, backgrounds, scopeFields } from "../../src/kinds/backgrounds.js";
import { type DistributionRecord, distributions, numbersText } from "../../src/kinds/distributions.js";
import { type Field, type Fields, mayBeLeftOut } from "../../src/kinds/field.js";
import { type LayoutRecord, layouts } from "../../src/kinds/layouts.js";
import {
  fieldText,
  type Kind,
  type KindField,
  kinds,
  type KindSort,
  UNKNOWN_UNITS,
  type Units,
  unitOf,
} from "../../src/kinds/listing.js";
import {
  divisionFields,
  plasticities,
  type PlasticityRecord,
  scalingFields,
  shortTermFields,
} from "../../src/kinds/plasticity.js";
import { type ReceptorRecord, receptors } from "../../src/kinds/receptors.js";
import { allRuleKeys, ruleNames, ruleOf } from "../../src/kinds/rules.js";
import { KERNEL_METHODS } from "../../src/lang/receptor.js";
import type { ModelDefinition } from "../../src/model/definition.js";
import { latexOf } from "../../src/model/latex.js";
import { RULE_METHODS } from "../../src/lang/rule.js";
import { libraryNames } from "../../src/model/library.js";
import { lif } from "../../src/models/index.js";
import {
  MAX_ENTRIES,
  MAX_POINTS,
  MAX_MODELS,
  MAX_POPULATIONS,
  MAX_SAMPLES,
  MAX_SEED,
  MAX_SIZE,
  MAX_SPIKES,
  membraneUnit,
  noiseUnit,
  RATES,
} from "../../src/model/parse.js";
import type { ModelRecord, ParameterRecord } from "../../src/model/record.js";

const NOTICE = "<!-- Written by `npm run generate` from the model record. Edit the record, not this page. -->";

/** A number as people write it: 0.0666667 for 1/15. */
function number(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** The text of a cell: a bar would end it. */
function cell(text: string): string {
  return text.replace(/\|/g, "\\|");
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
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

/** Equations, conditions, resets and starts of a definition, as they stand in it. */
function definitionText({ definition }: ModelRecord): string {
  const { equations, threshold, reset, refractory, events = [], init = {} } = definition as ModelDefinition;
  const lines = (text: string | readonly string[] = []): readonly string[] =>
    typeof text === "string" ? text.split("\n") : text;
  const behind = (head: string, text: string | readonly string[] | undefined): string[] =>
    text === undefined ? [] : [`${head}: ${lines(text).join("; ")}`];
  const rest = [
    ...behind("threshold", threshold),
    ...behind("reset", reset),
    ...behind("refractory", refractory === undefined ? undefined : String(refractory)),
    ...events.map((event) => `event ${event.name}: ${event.condition}: ${lines(event.reset).join("; ")}`),
    ...Object.entries(init).map(([name, value]) => `init ${name}: ${value}`),
  ];
  return [...lines(equations), ...(rest.length === 0 ? [] : ["", ...rest])].join("\n");
}

function start(model: ModelRecord): string {
  if (model.init === "rest") return "A neuron starts at rest: at the stable equilibrium without input.";
  const parts = Object.entries(model.init).map(([name, text]) =>
    text === "equilibrium" ? `\`${name}\` in equilibrium with \`v\`` : `\`${name} = ${text}\``,
  );
  return `A neuron starts at ${parts.join(", ")}.`;
}

/** Parameters of the sources in their examples. */
const PLAYED: Readonly<Record<string, object>> = {
  poisson: { rate: 20 },
  spikeTrain: { times: [10, 40, 40, 90], neurons: [0, 1, 2, 0] },
  renewal: { kind: "gamma", rate: 20, shape: 4 },
  correlated: { kind: "multiple", rate: 20, correlation: 0.2, tau: 2 },
};

/** A source shows what it does in the neurons it drives. */
function sourceExample(model: ModelRecord): object {
  const size = model.id === "spikeTrain" ? 3 : 100;
  const weight = model.id === "spikeTrain" ? 500 : 40;
  return {
    name: `${model.id}-example`,
    dt: 0.1,
    duration: 200,
    populations: [
      { name: "input", model: model.id, size, params: PLAYED[model.id] },
      { name: "neurons", model: "lif", size: 5, receptors: { exc: { kernel: "exponential", tau: 5 } } },
    ],
    projections: [{ source: "input", target: "neurons", rule: "allToAll", weight, delay: 1 }],
    record: [
      { population: "input", variables: ["spikes"] },
      { population: "neurons", variables: ["spikes", "v"], neurons: [0] },
    ],
  };
}

function exampleDocument(model: ModelRecord): object {
  if (model.family === "source") return sourceExample(model);
  const { current, dt, duration } = model.example ?? { current: 0, dt: 0.1, duration: 200 };
  return {
    name: `${model.id}-example`,
    dt,
    duration,
    populations: [
      { name: "neurons", model: model.id, size: 1, background: [{ kind: "constant", amplitude: current }] },
    ],
    record: [{ population: "neurons", variables: ["spikes", ...Object.keys(model.states)] }],
  };
}

/** The model file that stands on the model's page. */
export function modelExample(model: ModelRecord): string {
  const document = exampleDocument(model);
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

function parameterRows(model: ModelRecord): string[][] {
  return [
    ...Object.entries(model.params).map(([name, record]) => [
      `\`${name}\``,
      number(record.default),
      record.unit,
      record.range ?? "any",
      record.text,
    ]),
    ...Object.entries(model.inputs ?? {}).map(([name, record]) => [
      `\`${name}\``,
      "none",
      record.unit,
      record.allowed,
      record.text,
    ]),
  ];
}

function example(model: ModelRecord): string[] {
  return ["## Example", `Save it as \`${model.id}.json\` and run \`spikelet run ${model.id}.json\`.`, `\`\`\`json\n${modelExample(model)}\n\`\`\``];
}

function references(model: ModelRecord): string[] {
  return model.references.length === 0
    ? []
    : ["## References", model.references.map((reference) => `- ${reference}`).join("\n")];
}

const PARAMETER_HEAD = ["parameter", "default", "unit", "allowed", "meaning"];

function sourcePage(model: ModelRecord): string {
  const sections = [
    `# ${model.title}`,
    NOTICE,
    `\`${model.id}\`: ${model.summary}`,
    model.text,
    "A source has no state, no receptors and no background; it may have `positions`, its `spikes` can be recorded, and it is the source of projections, never their target.",
    "## Parameters",
    table(PARAMETER_HEAD, parameterRows(model)),
    ...example(model),
    ...references(model),
  ];
  return `${sections.join("\n\n")}\n`;
}

/** The rows of the default method in the two tables of errors: the neuron, in ms at dt 0.1, in per cent at dt 0.1. */
function defaultErrors(model: ModelRecord, accuracy: string): string[][] {
  const rows = accuracy
    .split("\n")
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .filter(([, neuron = "", method]) => neuron.split(/[ ,]/)[0] === model.id && method === `\`${model.methods[0]}\``);
  const neurons = [...new Set(rows.map(([, neuron = ""]) => neuron))];
  return neurons.map((neuron) => {
    const [spikes = [], intervals = []] = rows.filter((row) => row[1] === neuron);
    return [neuron, `${spikes[3]} ms`, intervals[3] ?? ""];
  });
}

function stateTable(model: ModelRecord): string {
  return table(
    ["state", "unit", "meaning"],
    Object.entries(model.states).map(([name, state]) => [`\`${name}\``, state.unit, state.text]),
  );
}

function presetSections(model: ModelRecord): string[] {
  const presets = Object.entries(model.presets);
  if (presets.length === 0) return [];
  const sources = [...new Set(presets.map(([, preset]) => preset.source))];
  return [
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
  ];
}

/** The reference page of a model of the library, in Markdown. */
export function libraryPage(model: ModelRecord): string {
  const { id } = model;
  const current = model.current === "" ? "a pure number" : `in ${model.current}`;
  const conductance = model.conductance === "" ? "a pure number" : `in ${model.conductance}`;
  const sections: string[] = [
    `# ${model.title}`,
    NOTICE,
    `\`${id}\`: ${model.summary}`,
    model.text,
    `A model of the [library](README.md#library), written [as equations](../equations.md): \`"model": "${id}"\` in a model file, \`import { ${id} } from "spikelet/models"\` in a program.`,
    `![${model.title}](../images/library/${id}.svg)`,
    "## Equations",
    `$$\n${latexOf(model)}\n$$`,
    "The same as text:",
    `\`\`\`text\n${definitionText(model)}\n\`\`\``,
    `\`I\` is the sum of background and receptor currents, ${current}; the conductance of a receptor is ${conductance}.`,
    "## States",
    stateTable(model),
    "## Parameters",
    table(PARAMETER_HEAD, parameterRows(model)),
    ...presetSections(model),
    "## Methods",
    `${model.methods.map((method) => `\`${method}\``).join(", ")}; the first is the default.`,
    ...example(model),
    ...references(model),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

/**
 * The reference page of a model or source, in Markdown.
 *
 * @param accuracy the measured tables of docs/numerics.md
 */
export function modelPage(model: ModelRecord, accuracy = ""): string {
  if (model.family === "source") return sourcePage(model);
  const sections: string[] = [`# ${model.title}`, NOTICE, `\`${model.id}\`: ${model.summary}`, model.text];
  sections.push("## Equations", `$$\n${latexOf(model)}\n$$`, "The same as text:", `\`\`\`text\n${equations(model)}\n\`\`\``);
  const current = model.current === "" ? "a pure number" : `in ${model.current}`;
  const conductance = model.conductance === "" ? "a pure number" : `in ${model.conductance}`;
  sections.push(`\`I\` is the sum of background and receptor currents, ${current}; the conductance of a receptor is ${conductance}. ${start(model)}`);
  if (model.conditions && model.conditions.length > 0) {
    sections.push(
      `Every neuron must satisfy ${model.conditions.map((condition) => `\`${condition}\``).join(" and ")}.`,
    );
  }
  sections.push("## States", stateTable(model));
  sections.push("## Parameters", table(PARAMETER_HEAD, parameterRows(model)), ...presetSections(model));
  const limits = model.maxStep ?? {};
  sections.push(
    "## Methods",
    `The first is the default. A limit is the largest dt at which the method was seen to stay bounded with the default parameters; accuracy needs a smaller one.`,
    table(
      ["method", "limit of dt"],
      model.methods.map((method) => [
        `\`${method}\``,
        limits[method] === undefined ? "general rules" : `${limits[method]} ms`,
      ]),
    ),
  );
  const errors = defaultErrors(model, accuracy);
  if (errors.length > 0) {
    sections.push(
      `Errors of the default, \`${model.methods[0]}\`, at dt 0.1 ms, from [numerics](../numerics.md#how-large-the-errors-are): the largest of a spike time with times on the grid and with interpolated ones, and that of the mean interval. In square brackets: by how many spikes the number differs.`,
      table(["neuron (spikes)", "largest, grid / interpolated", "mean interval"], errors),
    );
  }
  if (model.rates) {
    sections.push(
      `Under \`strangSplitting\` and \`exponentialEuler\` the step of a gate is a function of v alone. It comes from a table, whose error is below 1e-10, unless ${model.rates.map((name) => `\`${name}\``).join(" or ")} differs between neurons; \`"rates": "exact"\` in the population evaluates the rates in every step, which takes about twice the time.`,
    );
  }
  sections.push(...example(model), ...references(model));
  return `${sections.join("\n\n")}\n`;
}

/** The index of the reference pages, in Markdown. */
export function modelIndex(
  models: readonly ModelRecord[],
  sources: readonly ModelRecord[],
  library: readonly ModelRecord[] = [],
): string {
  const family = {
    resets: "spike timing, with reset",
    membrane: "membrane trace, no reset",
    source: "source",
  } as const;
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
  return `# Neuron models\n\n${NOTICE}\n\nModels of spike timing diverge by design and are reset; models of the membrane trace make a whole action potential, and a spike is an upward crossing of \`V_th\`. Other models are [written as equations](../equations.md).\n\n${table(head, rows)}\n\n${sourceIndex(sources)}\n\n${libraryIndex(library)}\n`;
}

function libraryIndex(library: readonly ModelRecord[]): string {
  const rows = library.map((model) => [
    `[\`${model.id}\`](${model.id}.md)`,
    model.title,
    Object.keys(model.states).join(", "),
    model.current === "" ? "pure number" : model.current,
    model.methods[0] ?? "",
    Object.keys(model.presets).map((name) => `\`${name}\``).join(", "),
    model.summary,
  ]);
  const head = ["id", "model", "states", "current", "default method", "presets", ""];
  return `## Library\n\n${LIBRARY}\n\n${table(head, rows)}`;
}

const LIBRARY = [
  "Models of papers, ready to use. They are text in the language of [own models](../equations.md), compiled when a network uses them; a model file names them like the built-in ones, and a program imports them:",
  '```ts\nimport { background, Simulation } from "spikelet";\nimport { connorStevens } from "spikelet/models";\n\nconst sim = await Simulation.create({ dt: 0.02 });\nsim.population("cells", connorStevens, 10, { background: [background.constant("12 uA/cm2")] });\n```',
  "A document's own model of the same name takes the place of the library's. What is saved of a network (`toDocument`, snapshots, `run.json` of a run) holds the definitions of the library's models that it uses, so that it means the same in any later version; a document that has the name only follows the library of the version that reads it. The equations and numbers of each model are tested against those of its paper; those of several neurons also against Brian2, by a script that writes them there once more (`scripts/exchange/library-brian2.py`).",
].join("\n\n");

function sourceIndex(sources: readonly ModelRecord[]): string {
  const rows = sources.map((model) => [`[\`${model.id}\`](${model.id}.md)`, model.title, model.summary]);
  return `## Sources\n\nPopulations that only send spikes; they stand in a model file like populations of neurons.\n\n${table(["id", "source", ""], rows)}`;
}

type Schema = Record<string, unknown>;
type Bound = ParameterRecord["range"];

/** Stands for a unit that depends on another part of the document. */
const RECEPTOR_UNIT = UNKNOWN_UNITS.weight;

/* What models, kernels and rules as text have in common. Texts themselves are beyond a schema. */

function string(description: string): Schema {
  return { description, type: "string" };
}

function lines(description: string): Schema {
  return {
    description: `${description} One text, or an array of lines.`,
    anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }],
  };
}

function numberOrText(description: string): Schema {
  return { description, type: ["number", "string"] };
}

function definedParameters(): Schema {
  const parameter = object("A parameter.", ["default"], {
    default: numberOrText("Value: a number in the unit, or a text with a unit."),
    unit: string("Unit; that of the default when left out."),
    range: { description: "Allowed values.", enum: ["> 0", ">= 0"] },
    text: string("What it is."),
  });
  return {
    description: "Parameters by name.",
    type: "object",
    additionalProperties: { anyOf: [{ type: ["number", "string"] }, parameter] },
  };
}

/** A rule of plasticity as text. */
function ownRule(): Schema {
  const statements = (when: string): Schema => lines(`Statements ${when}, such as w += a*x.`);
  return object("A rule of plasticity as text; docs/plasticity-rules.md has the language.", ["name"], {
    name: { description: "The kind by which projections name it.", type: "string", pattern: "^[A-Za-z][\\w-]*$" },
    text: string("What the rule is."),
    references: { description: "Where it comes from.", type: "array", items: { type: "string" } },
    params: definedParameters(),
    synapse: lines("Variables: dx/dt = expression : unit, x : unit, or x = expression : unit, with flags in brackets."),
    onPre: statements("for each spike of the source"),
    onPost: statements("for each spike of the target"),
    onStep: statements("for each synapse and step"),
    onInterval: statements("for each synapse and target at the end of every interval"),
    interval: numberOrText("A time (a number is in ms), or an expression of parameters."),
    onEvents: {
      description: "Statements for events of the target's model, by their names.",
      type: "object",
      additionalProperties: statements("for each event"),
    },
    onModulator: statements("for each spike of the population that the projection names as modulator"),
    bounds: {
      description: "Least and largest value of variables.",
      type: "object",
      additionalProperties: { type: "array", items: { type: ["number", "string"] }, minItems: 2, maxItems: 2 },
    },
    init: {
      description: "Where variables start, 0 by default: numbers in their units, or expressions of parameters.",
      type: "object",
      additionalProperties: { type: ["number", "string"] },
    },
    method: { description: "Method of equations that are integrated in each step.", enum: [...RULE_METHODS] },
  });
}

const STATEMENTS = "dX/dt = expression : unit for a state, x = expression : unit for an intermediate quantity.";

/** A model as text: its keys, and what kind of value stands there. */
function ownModel(): Schema {
  const event = object("A second condition with its own reset.", ["name", "condition"], {
    name: string("Name of the event."),
    condition: string("Condition, such as v > -50*mV."),
    reset: lines("Statements."),
  });
  return object("A neuron model as equations; docs/equations.md has the language.", ["name", "equations"], {
    name: { description: "Name that populations use.", type: "string", pattern: "^[A-Za-z][\\w-]*$" },
    title: string("Name for people; the name when left out."),
    text: string("What the model is."),
    references: { description: "Where the equations come from.", type: "array", items: { type: "string" } },
    current: string("Unit of the current I; 1 is a pure number."),
    equations: lines(STATEMENTS),
    params: definedParameters(),
    presets: {
      description: "Named sets of parameters, which populations choose as their preset.",
      type: "object",
      propertyNames: { pattern: "^[A-Za-z][\\w-]*$" },
      additionalProperties: object("A named set of parameters.", ["params"], {
        params: {
          description: "A number in the parameter's unit, or a text with a unit; the others keep their default.",
          type: "object",
          additionalProperties: { type: ["number", "string"] },
        },
        text: string("What the neuron does with it."),
        source: string("Where the numbers come from."),
      }),
    },
    threshold: string("Condition of a spike."),
    reset: lines("Statements such as v = c and u += d."),
    refractory: numberOrText("A time (a number is in ms), or a condition."),
    events: { description: "More conditions with resets.", type: "array", items: event },
    init: {
      description: "Where states start: a number in the state's unit, or an expression.",
      type: "object",
      additionalProperties: { type: ["number", "string"] },
    },
  });
}

/** A receptor kernel of the document's own. */
function ownKernel(): Schema {
  return object(
    "A receptor kernel as equations; docs/own-receptors.md has the rules.",
    ["name", "equations", "onSpike", "output"],
    {
      name: { description: "Name that receptors use.", type: "string", pattern: "^[A-Za-z][\\w-]*$" },
      text: string("What the kernel is."),
      references: { description: "Where the equations come from.", type: "array", items: { type: "string" } },
      current: string("Unit of the current of the models that it is for; pA when left out."),
      weight: string("Unit of the weights; a pure number when left out."),
      equations: lines(STATEMENTS),
      params: definedParameters(),
      reads: {
        description: "Units of the states of the neuron that it reads; v in mV is always there.",
        type: "object",
        additionalProperties: { type: "string" },
      },
      onSpike: lines("Statements such as s += w: what the sum w of the weights that arrive in a step does."),
      output: string("Current into the cell; with a factor (E_rev - v) the receptor is a conductance."),
      init: {
        description: "Where states start: a number in the state's unit, or an expression; else at 0.",
        type: "object",
        additionalProperties: { type: ["number", "string"] },
      },
      method: { description: "How the states are advanced.", enum: [...KERNEL_METHODS] },
    },
  );
}

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
    const numeric: Schema = {
      type: "number",
      ...(bound === "> 0" ? { exclusiveMinimum: 0 } : bound === ">= 0" ? { minimum: 0 } : {}),
    };
    if (of === "") return numeric;
    return this.reference(`quantity ${of}${boundName(bound)}`, () => ({
      description: `A number in ${of}, or a text with a unit that converts to it${of === RECEPTOR_UNIT ? "" : `, such as "10 ${of}"`}.`,
      anyOf: [
        numeric,
        {
          type: "string",
          pattern: `^\\s*${bound === undefined ? "[+-]?" : "\\+?"}(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?\\s*(?:[A-Za-zµμΩ(]|1\\s*/|/).*$`,
        },
      ],
    }));
  }

  /** One value per neuron: a quantity, an array of quantities or a distribution. */
  value(of: string, bound?: Bound): Schema {
    return this.reference(`value ${of === "" ? "number" : of}${boundName(bound)}`, () => ({
      description: `${of === "" ? "A pure number" : `A value in ${of}`}: one for all neurons, an array with one per neuron, or a distribution.`,
      anyOf: [
        this.quantity(of, bound),
        { type: "array", minItems: 1, items: this.quantity(of, bound) },
        this.distribution(of, bound),
      ],
    }));
  }

  distribution(of: string, bound?: Bound): Schema {
    return this.reference(`distribution ${of === "" ? "number" : of}${boundName(bound)}`, () => {
      const properties = Object.entries<DistributionRecord>(distributions).map(([name, record]): [string, Schema] => {
        const items = record.arguments.map(({ pure, range, bound: implied }) => {
          const allowed = range ?? implied;
          return this.quantity(pure ? "" : of, allowed === "value" ? bound : (allowed as Bound));
        });
        const tuple = { type: "array", prefixItems: items, items: false, minItems: items.length };
        return [name, { description: numbersText(record), ...(record.single ? items[0] : tuple) }];
      });
      return {
        description: "Random values, drawn once from the seed.",
        type: "object",
        properties: Object.fromEntries(properties),
        oneOf: properties.map(([name]) => ({ required: [name] })),
        additionalProperties: false,
      };
    });
  }

  /** Rows of a quantity that changes in time. */
  points(of: string, bound?: Bound): Schema {
    const slope = this.quantity(of === "" ? "1/ms" : `${of}/ms`);
    return {
      type: "array",
      minItems: 1,
      maxItems: MAX_POINTS,
      items: {
        type: "array",
        prefixItems: [this.quantity("ms"), this.quantity(of, bound), slope],
        items: false,
        minItems: 2,
      },
    };
  }

  /** A rate in Hz, constant or in rows. */
  rate(): Schema {
    return this.reference("rate", () => ({
      description: "A rate in Hz: one for all neurons, an array with one per neuron, a distribution, or rows in time.",
      anyOf: [
        this.value("Hz", ">= 0"),
        object("A rate that changes in time.", ["points"], {
          points: {
            description: "Rows [time, rate, slope per ms]: each holds until the next.",
            ...this.points("Hz", ">= 0"),
          },
        }),
      ],
    }));
  }
}

function boundName(bound: Bound): string {
  return bound === "> 0" ? " positive" : bound === ">= 0" ? " not negative" : "";
}

/** An object with these keys and no others. */
function object(
  description: string,
  required: readonly string[],
  properties: Record<string, Schema | boolean>,
  more: Schema = {},
): Schema {
  const comment = {
    description: "A remark: a text, or an array of texts. Nothing reads it.",
    type: ["string", "array"],
    items: { type: "string" },
  };
  return {
    description,
    type: "object",
    properties: { ...properties, comment },
    required: [...required],
    additionalProperties: false,
    ...more,
  };
}

const RESERVED = Object.getOwnPropertyNames(Object.prototype).sort();

function newName(description: string, pattern: string): Schema {
  return { description, type: "string", pattern, maxLength: 64, not: { enum: RESERVED } };
}

/** The JSON Schema (draft 2020-12) of model files for these models and sources. */
export function modelSchema(models: readonly ModelRecord[], sources: readonly ModelRecord[]): object {
  const defs = new Definitions();
  const text = (description: string, known?: readonly string[]): Schema => ({
    description,
    type: "string",
    ...(known ? { enum: [...known] } : {}),
  });
  const ms = (description: string, bound?: Bound): Schema => ({ description, ...defs.quantity("ms", bound) });

  const population = object(
    "A set of neurons of one model, or a source of spikes.",
    ["name", "model", "size"],
    {
      name: newName("Name, unique in the network.", "^[\\p{L}\\p{N}_](?:[\\p{L}\\p{N}_.+ -]*[\\p{L}\\p{N}_+])?$"),
      model: text("Neuron model, a source, a model of the library, or the name of one of the document's own models."),
      preset: text("A named set of parameters of the model."),
      size: { description: "Number of neurons.", type: "integer", minimum: 1, maximum: MAX_SIZE },
      method: text("Integration method; each model has a default.", [
        ...new Set(models.flatMap((model) => model.methods)),
      ]),
      rates: text(
        "Models with gates under exponentialEuler: the gates' steps from a table (the default) or from the rates' exponentials.",
        RATES,
      ),
      params: {
        description: "Parameters; those not named have the default of the preset or of the model.",
        type: "object",
      },
      init: {
        description: "Initial values of states and of receptors (g_NAME, i_NAME; of own kernels STATE_NAME).",
        type: "object",
      },
      receptors: { description: "Receptors by name.", type: "object" },
      background: { description: "Background currents; they add up.", type: "array" },
      positions: defs.reference("positions", positions),
    },
    {
      allOf: [...models, ...sources].map((model) => ({
        if: { properties: { model: { const: model.id } }, required: ["model"] },
        then: defs.reference(`population ${model.id}`, () =>
          model.family === "source" ? sourceOf(model, defs) : populationOf(model, defs),
        ),
      })),
    },
  );

  const projection = projectionSchema(defs);

  const places = (description: string): Schema => ({
    description,
    type: "array",
    items: { type: "integer", minimum: 0 },
    minItems: 1,
    uniqueItems: true,
  });
  const times = {
    every: ms("Sampling interval, a multiple of dt; dt when left out.", "> 0"),
    from: ms("Start of the recording; 0 when left out.", ">= 0"),
  };
  const recordWeights = object("Weights of a plastic projection to record.", ["projection", "variables"], {
    projection: {
      description: 'The projection: its place in the list, counted from 0, or its name, such as "exc -> inh (ampa)".',
      anyOf: [{ type: "integer", minimum: 0 }, { type: "string" }],
    },
    variables: {
      description: 'One name: "weight", or a variable of the projection\'s own rule.',
      type: "array",
      items: { type: "string" },
      minItems: 1,
      maxItems: 1,
    },
    synapses: places("Synapses, counted from 0, by source, then delay, then target; all when left out."),
    ...times,
  });
  const recordPopulation = object("What to record from a population.", ["population", "variables"], {
    population: text("Name of the population."),
    variables: {
      description: 'Names: "spikes", states, g_NAME or i_NAME of receptors, "I_background".',
      type: "array",
      items: { type: "string" },
      minItems: 1,
      uniqueItems: true,
    },
    neurons: places("Neurons, counted from 0; all when left out."),
    ...times,
    interpolate: {
      description:
        "Spike times between the steps, where a line from v to v crosses the threshold; needs spikes in variables. Default: false.",
      type: "boolean",
    },
  });
  const record: Schema = { if: { required: ["projection"] }, then: recordWeights, else: recordPopulation };

  const document = object("A network for Spikelet.", ["dt", "duration", "populations"], {
    $schema: text("Address of this schema, for editors."),
    version: { description: "Version of the format.", const: 1 },
    name: { description: "Name of the network.", type: "string", minLength: 1, maxLength: 200, pattern: "^\\P{Cc}*$" },
    dt: ms("Time step.", "> 0"),
    duration: ms("Time to simulate.", ">= 0"),
      seed: {
        description: "Seed of all random numbers; 1 when left out.",
        type: "integer",
        minimum: 0,
        maximum: MAX_SEED,
      },
      models: {
        description: "Models as equations; populations name them.",
        type: "array",
        items: defs.reference("model", ownModel),
        maxItems: MAX_MODELS,
      },
      plasticityRules: {
        description: "Rules of plasticity as text; projections name them.",
        type: "array",
        items: defs.reference("plasticityRule", ownRule),
        maxItems: MAX_MODELS,
      },
    receptorKernels: {
      description: "Receptor kernels as equations; receptors name them.",
      type: "array",
      items: defs.reference("receptor kernel", ownKernel),
      maxItems: MAX_MODELS,
    },
    populations: { type: "array", items: { $ref: "#/$defs/population" }, minItems: 1, maxItems: MAX_POPULATIONS },
    projections: { type: "array", items: { $ref: "#/$defs/projection" }, maxItems: MAX_ENTRIES },
    record: { type: "array", items: { $ref: "#/$defs/record" }, maxItems: MAX_ENTRIES },
  }, {
    allOf: [
      {
        if: { not: { required: ["models"] } },
        then: inPopulations({
          model: { enum: [...models.map(({ id }) => id), ...sources.map(({ id }) => id), ...libraryNames()] },
        }),
      },
      {
        if: { not: { required: ["receptorKernels"] } },
        then: inPopulations({
          receptors: { additionalProperties: { properties: { kernel: { enum: Object.keys(receptors) } } } },
        }),
      },
      {
        if: { not: { required: ["plasticityRules"] } },
        then: {
          properties: {
            projections: {
              items: { properties: { plasticity: { properties: { kind: { enum: Object.keys(plasticities) } } } } },
            },
            record: {
              items: { if: { required: ["projection"] }, then: { properties: { variables: { const: ["weight"] } } } },
            },
          },
        },
      },
    ],
  });
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: "urn:spikelet:model-file:1",
    title: "Spikelet model file",
    ...document,
    $defs: { population, projection, record, ...defs.all },
  };
}

/** What holds of all populations. */
function inPopulations(properties: Record<string, Schema>): Schema {
  return { properties: { populations: { items: { properties } } } };
}

/** What gap junctions have not. */
const SYNAPSE_KEYS = ["event", "receptor", "delay", "shortTerm", "release", "plasticity", "scaling"];

function choice(description: string, known: readonly string[]): Schema {
  return { description, type: "string", enum: [...known] };
}

function projectionSchema(defs: Definitions): Schema {
  const name = (description: string): Schema => ({ description, type: "string" });
  const share: Schema = { type: "number", exclusiveMinimum: 0, maximum: 1 };
  const weight: Schema = {
    ...defs.reference("weight", () => ({
      anyOf: [
        defs.quantity(RECEPTOR_UNIT),
        { type: "array", items: defs.quantity(RECEPTOR_UNIT) },
        defs.distribution(RECEPTOR_UNIT),
      ],
    })),
    description: "Jump of v (delta), peak conductance (with E_rev), peak current, or the conductance of gap junctions; an array has one per pair of a list.",
  };
  const ruleKeys = allRuleKeys();
  const conditions: Schema[] = ruleNames().map((rule) => {
    const { fields, listed, multapses } = ruleOf(rule);
    const foreign = ruleKeys.filter((key) => !Object.hasOwn(fields, key));
    return when(
      { properties: { rule: { const: rule } }, required: ["rule"] },
      {
        properties: {
          ...Object.fromEntries(foreign.map((key) => [key, false])),
          ...(multapses === "always"
            ? { multapses: { const: true } }
            : multapses === undefined
              ? { multapses: { const: false } }
              : {}),
          ...(listed
            ? {}
            : { weight: { type: ["number", "string", "object"] }, delay: { type: ["number", "string", "object"] } }),
        },
        // a file may have a column of weights
        ...(listed
          ? { oneOf: [{ required: ["pairs", "weight"] }, { required: ["file"] }] }
          : { required: [...requiredFields(fields), "weight"] }),
      },
    );
  });
  conditions.push(
    when(
      { properties: { gapJunction: { const: true } }, required: ["gapJunction"] },
      { properties: Object.fromEntries(SYNAPSE_KEYS.map((key) => [key, false])) },
    ),
    when(
      { anyOf: [{ required: ["plasticity"] }, { required: ["scaling"] }] },
      { properties: { weightPrecision: { const: "float64" } } },
    ),
    when(
      { properties: { plasticity: { required: ["dendriticDelayFraction"] } }, required: ["plasticity"] },
      { properties: { delay: { type: ["number", "string"] } } },
    ),
    // with plasticity the bounds are said there
    when({ not: { required: ["plasticity"] } }, { properties: { scaling: { required: ["w_max"] } } }),
  );
  return object(
    "Synapses from one population onto a receptor of another or of itself, or gap junctions between their membranes.",
    ["source", "target", "rule"],
    {
      source: name("Population of the spikes."),
      event: name("Event of the source's model to listen to, in place of its spikes."),
      target: name("Population of the receptor."),
      receptor: name("Receptor of the target; may be left out where it has exactly one."),
      rule: choice("Which pairs of neurons are connected.", ruleNames()),
      ...Object.fromEntries(ruleKeys.map((key) => [key, ruleField(key, defs)])),
      weight,
      delay: {
        ...defs.value("ms", ">= 0"),
        description: "ms, at least one step; dt when left out. An array has one per pair of a list.",
      },
      autapses: {
        description: `Whether a neuron may connect to itself. Default: true, but false for ${listed(rulesWith((rule) => rule.withoutAutapses === true))} within one population.`,
        type: "boolean",
      },
      multapses: {
        description: `Whether a pair of neurons may have several synapses. Default: true for ${listed(rulesWith(({ multapses }) => multapses === "default" || multapses === "always"))}, false for ${listed(rulesWith(({ multapses }) => multapses === "allowed"))}; the other rules make none.`,
        type: "boolean",
      },
      weightPrecision: choice("Storage of per-synapse weights. Default: float32; weights that change are float64.", [
        "float32",
        "float64",
      ]),
      gapJunction: {
        description: "Gap junctions instead of synapses: currents weight (v_source - v_target). Default: false.",
        type: "boolean",
      },
      shortTerm: object(
        "Short-term plasticity of Tsodyks and Markram.",
        requiredFields(shortTermFields),
        fieldSchemas(shortTermFields, {}, defs, "last"),
      ),
      release: { ...share, description: "Probability that a synapse transmits a spike; 1 when left out." },
      plasticity: defs.reference("plasticity", () => plasticity(defs)),
      scaling: object(
        "Synaptic scaling: every interval the weights onto a target are multiplied by 1 + rate (rho_0 - r)/rho_0.",
        // with plasticity the bounds are said there
        requiredFields(scalingFields).filter((key) => key !== "w_max"),
        fieldSchemas(scalingFields, {}, defs, "last"),
      ),
    },
    { allOf: conditions },
  );
}

function when(condition: Schema, consequence: Schema): Schema {
  return { if: condition, then: consequence };
}

/** What a number of this range is in a schema. */
function limits(range: string | undefined): Schema {
  if (range === "> 0") return { exclusiveMinimum: 0 };
  if (range === ">= 0") return { minimum: 0 };
  if (range === "0 to 1") return { minimum: 0, maximum: 1 };
  return range === "> 0 to 1" ? { exclusiveMinimum: 0, maximum: 1 } : {};
}

/**
 * The schema of a field.
 *
 * @param place where the description of a pure number stands
 */
function fieldSchema(
  field: Field,
  units: Units,
  defs: Definitions,
  place: "first" | "last" = "first",
  text = fieldText(field, units),
): Schema {
  const described = (schema: Schema): Schema => ({ ...schema, description: text });
  const plain = (schema: Schema): Schema => (place === "last" ? described(schema) : { description: text, ...schema });
  switch (field.type) {
    case "number": {
      const range = field.range ?? field.bound;
      if (field.unit === "") return plain({ type: "number", ...limits(range) });
      return described(defs.quantity(unitOf(field.unit, units), range as Bound));
    }
    case "value":
      return described(
        defs.value(unitOf(field.unit, units), field.range === "weight" ? undefined : (field.range as Bound)),
      );
    case "points":
      return defs.points(unitOf(field.unit, units));
    case "rate":
      return described(defs.rate());
    case "integer":
      return { description: text, type: "integer", minimum: field.least };
    case "choice":
      return choice(text, field.known);
    case "flag":
      return { description: text, type: "boolean" };
    case "name":
      return { description: text, type: "string" };
    case "text":
      return {
        description: text,
        type: "string",
        minLength: 1,
        ...(field.longest === undefined ? {} : { maxLength: field.longest }),
      };
    case "list":
      return {
        description: text,
        type: "array",
        items: defs.quantity(unitOf(field.unit, units)),
        minItems: 1,
        maxItems: MAX_SAMPLES,
      };
    case "column":
      return { description: text, anyOf: [{ type: "string" }, { type: "integer", minimum: 0, maximum: 10_000 }] };
    case "neurons":
      return {
        description: text,
        type: "array",
        items: { type: "integer", minimum: 0 },
        minItems: 1,
        uniqueItems: true,
      };
    case "pairs": {
      const neurons = { type: "array", items: { type: "integer", minimum: 0 } };
      return {
        description: text,
        anyOf: [
          { type: "array", items: { ...neurons, minItems: 2, maxItems: 2 } },
          {
            type: "object",
            properties: { sources: neurons, targets: neurons },
            required: ["sources", "targets"],
            additionalProperties: false,
          },
        ],
      };
    }
  }
}

function fieldSchemas(
  fields: Fields,
  units: Units,
  defs: Definitions,
  place: "first" | "last" = "first",
): Record<string, Schema> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, field]) => [key, fieldSchema(field as Field, units, defs, place)]),
  );
}

/** Fields that must be given. */
function requiredFields(fields: Fields): string[] {
  return Object.keys(fields).filter((key) => !mayBeLeftOut(fields[key] as Field));
}

/** Rules of some sort. */
function rulesWith(test: (rule: ReturnType<typeof ruleOf>) => boolean): string[] {
  return ruleNames().filter((name) => test(ruleOf(name)));
}

/** "a, b and c". */
function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** A key of a projection that belongs to rules: the text says what it is in each of them. */
function ruleField(key: string, defs: Definitions): Schema {
  const owners = ruleNames().flatMap((name) => {
    const field = ruleOf(name).fields[key];
    return field === undefined ? [] : [{ name, field: field as Field }];
  });
  const [first] = owners as [(typeof owners)[number], ...(typeof owners)[number][]];
  const text = owners.map(({ name, field }) => `${name}: ${fieldText(field, {})}`).join(" ");
  // a file has a name of any kind
  if (first.field.type === "text") return { description: text, type: "string" };
  return fieldSchema(first.field, {}, defs, "first", text);
}

function plasticity(defs: Definitions): Schema {
  return {
    description: "Spike-timing dependent plasticity.",
    anyOf: [
      ...Object.entries<PlasticityRecord>(plasticities).map(([kind, { text, fields }]) =>
        object(`${text}.`, ["kind", ...requiredFields(fields)], {
          kind: { const: kind },
          ...fieldSchemas({ ...fields, ...divisionFields }, {}, defs, "last"),
        }),
      ),
      {
        description: "A rule of plasticityRules, with parameters that differ from its own.",
        type: "object",
        required: ["kind"],
        properties: {
          kind: { description: "Name of the rule.", type: "string", not: { enum: Object.keys(plasticities) } },
          modulator: { description: "Population whose spikes onModulator is for.", type: "string" },
          ...fieldSchemas(divisionFields, {}, defs, "last"),
        },
        additionalProperties: { type: ["number", "string"] },
      },
    ],
  };
}

function positions(): Schema {
  const defs = new Definitions();
  return {
    description: "Where the neurons are, for the rule distance. The unit of lengths is yours.",
    anyOf: [
      ...Object.entries<LayoutRecord>(layouts).map(([kind, { text, fields }]) =>
        object(`${text}.`, [kind], {
          [kind]: object(`${text}.`, requiredFields(fields), fieldSchemas(fields, {}, defs)),
        }),
      ),
      {
        type: "array",
        items: { type: "array", items: { type: "number" }, minItems: 2, maxItems: 2 },
        minItems: 1,
        maxItems: MAX_SIZE,
        description: "[x, y] of each neuron.",
      },
    ],
  };
}

/** What a population of this source may hold. */
function sourceOf(model: ModelRecord, defs: Definitions): Schema {
  const spikes = (items: Schema): Schema => ({ type: "array", items, maxItems: MAX_SPIKES });
  const kinds: Readonly<Record<string, readonly string[]>> = {
    renewal: ["gamma", "lognormal", "refractory"],
    correlated: ["multiple", "single"],
  };
  const inputs: Record<string, Schema> = {
    kind: { enum: kinds[model.id] ?? [] },
    times: spikes(defs.quantity("ms", ">= 0")),
    neurons: spikes({ type: "integer", minimum: 0 }),
    file: { type: "string", minLength: 1 },
    population: { type: "string", minLength: 1 },
  };
  const given = Object.entries(model.inputs ?? {}).map(([name, record]): [string, Schema] => [
    name,
    { ...inputs[name], description: `${record.text}.` },
  ]);
  const rates = Object.entries(model.params).map(([name, record]): [string, Schema] => [
    name,
    {
      ...(model.id === "poisson"
        ? { anyOf: [defs.rate(), { description: "An expression of t, i and N in Hz.", type: "string" }] }
        : model.id === "renewal"
          ? defs.value(record.unit, record.range)
          : defs.quantity(record.unit, record.range)),
      description: `${record.text}; default ${number(record.default)} ${record.unit}`.trim(),
      default: record.default,
    },
  ]);
  return {
    properties: {
      ...Object.fromEntries(
        ["preset", "method", "rates", "init", "receptors", "background"].map((key) => [key, false]),
      ),
      params: {
        type: "object",
        properties: Object.fromEntries([...rates, ...given]),
        additionalProperties: false,
        ...(Object.hasOwn(kinds, model.id) ? { required: ["kind"] } : {}),
        ...(model.id !== "spikeTrain"
          ? {}
          : {
              oneOf: [
                { required: ["times", "neurons"], properties: { file: false } },
                { required: ["file"], properties: { times: false, neurons: false } },
              ],
            }),
      },
    },
    ...(given.length === 0 ? {} : { required: ["params"] }),
  };
}

/** What a population of this model may hold. The names of its keys are checked by the population itself. */
function populationOf(model: ModelRecord, defs: Definitions): Schema {
  const presets = Object.keys(model.presets);
  const membrane = membraneUnit(model);
  return {
    properties: {
      preset:
        presets.length === 0
          ? false
          : {
              description: Object.entries(model.presets)
                .map(([name, preset]) => `${name}: ${preset.text}`)
                .join("; "),
              enum: presets,
            },
      method: { enum: [...model.methods] },
      ...(model.rates ? {} : { rates: false }),
      params: {
        type: "object",
        properties: Object.fromEntries(
          Object.entries(model.params).map(([name, record]) => [name, parameter(record, defs)]),
        ),
        additionalProperties: false,
      },
      init: {
        type: "object",
        properties: Object.fromEntries(
          Object.entries(model.states).map(([name, state]) => [
            name,
            { ...defs.value(state.unit), description: state.text },
          ]),
        ),
        patternProperties: {
          "^g_[A-Za-z_]\\w*$": {
            ...defs.value(model.conductance, ">= 0"),
            description: "Initial conductance of a receptor.",
          },
          "^i_[A-Za-z_]\\w*$": { ...defs.value(model.current), description: "Initial current of a receptor." },
          "^[A-Za-z]\\w*_[A-Za-z_]\\w*$": { description: "Initial state of a receptor with a kernel of one's own." },
        },
        additionalProperties: false,
      },
      receptors: {
        type: "object",
        propertyNames: newName("Name of the receptor.", "^[A-Za-z_]\\w*$"),
        additionalProperties: defs.reference(`receptor ${membrane === "" ? "number" : membrane}`, () =>
          receptor(membrane, defs),
        ),
      },
      background: {
        type: "array",
        items: defs.reference(`background ${model.current === "" ? "number" : model.current}`, () =>
          background(model, defs),
        ),
      },
    },
  };
}

function parameter(record: ParameterRecord, defs: Definitions): Schema {
  const unitText = record.unit === "" ? "" : ` ${record.unit}`;
  return {
    ...defs.value(record.unit, record.range),
    description: `${record.text}; default ${number(record.default)}${unitText}`,
    default: record.default,
  };
}

function receptor(membrane: string, defs: Definitions): Schema {
  const kernels = Object.entries<ReceptorRecord>(receptors).filter(
    ([, { millivolts }]) => millivolts === undefined || membrane === "mV",
  );
  return {
    description: "A conductance with E_rev, a current without; delta is a jump of v. The peak is the weight. (In models with equations delta may name another state.)",
    anyOf: [
      ...kernels.map(([kernel, { text, fields }]) => {
        const { E_rev, ...others } = fields;
        const own = Object.fromEntries(Object.entries(others).filter(([, field]) => !field.ownModels));
        return object(`${text}.`, ["kernel", ...requiredFields(own)], {
          kernel: { const: kernel },
          ...fieldSchemas(own, {}, defs),
          // what most have in common stands last, and is one text
          ...(E_rev === undefined
            ? {}
            : { E_rev: fieldSchema(E_rev as Field, { membrane }, defs, "first", String(E_rev.text)) }),
        });
      }),
      {
        description: "A kernel of the document's own, with its parameters.",
        type: "object",
        required: ["kernel"],
        properties: { kernel: { type: "string", not: { enum: Object.keys(receptors) } } },
        additionalProperties: { type: ["number", "string", "array"] },
      },
    ],
  };
}

function background(model: ModelRecord, defs: Definitions): Schema {
  const units: Units = { current: model.current, noise: noiseUnit(model) };
  const scope = fieldSchemas(scopeFields, units, defs);
  return {
    description: `A background current${model.current === "" ? "" : ` in ${model.current}`}.`,
    anyOf: Object.entries<BackgroundRecord>(backgrounds).map(([kind, { text, fields, schema }]) =>
      // kinds may have a start of their own
      object(
        `${text}.`,
        ["kind", ...requiredFields(fields)],
        { kind: { const: kind }, ...scope, ...fieldSchemas(fields, units, defs) },
        { ...schema },
      ),
    ),
  };
}

/** The rows of a table of fields; those that must be given say so. */
function fieldTable(fields: readonly KindField[]): string {
  const rows = fields.map(({ name, type, required, text, choices }) => {
    const rows = type === "points" ? "Rows [time in ms, value, slope per ms]." : "";
    const words = choices && text.startsWith("Default") ? `${choices.join(" or ")}. ` : "";
    return [`\`${name}\`${required ? " (required)" : ""}`, `${words}${text === "" ? rows : text}`];
  });
  return table(["key", "meaning"], rows);
}

function kindText({ name, text, fields }: Kind): string {
  const head = `\`${name}\`: ${text}.`;
  return fields.length === 0 ? head : `${head}\n\n${fieldTable(fields)}`;
}

/** The parts of docs/model-file.md that follow from the records of kinds, by the names of their marks. */
export function kindTables(): Readonly<Record<string, string>> {
  // the page names the units of models in pA and mV
  const { distributions, receptors, backgrounds, positions, rules, plasticity } = kinds(lif);
  const each = ({ kinds: all }: KindSort): string => all.map(kindText).join("\n\n");
  const code = (name: string): string => `\`${name}\``;
  return {
    distributions: table(
      ["distribution", "numbers"],
      distributions.kinds.map(({ name, fields }) => [code(name), fields.map(({ text }) => text.slice(0, -1)).join()]),
    ),
    receptors: each(receptors),
    backgrounds: `Every entry may have\n\n${fieldTable(backgrounds.common)}\n\n${each(backgrounds)}`,
    positions: each(positions),
    rules: table(
      ["rule", "synapses", "keys"],
      rules.kinds.map(({ name, text, fields }) => [code(name), text, fields.map((one) => code(one.name)).join(", ")]),
    ),
    plasticity: `Every kind may have\n\n${fieldTable(plasticity.common)}\n\n${each(plasticity)}`,
  };
}

/** A page with the parts between its marks written anew. */
export function withKindTables(page: string): string {
  return Object.entries(kindTables()).reduce((text, [name, part]) => {
    const [start, end] = [`<!-- kinds: ${name} -->`, `<!-- end: ${name} -->`];
    const [from, to] = [text.indexOf(start), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`docs/model-file.md has no marks for ${name}`);
    return `${text.slice(0, from + start.length)}\n\n${part}\n\n${text.slice(to)}`;
  }, page);
}
