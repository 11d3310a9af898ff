/** A model file as a program: the same network, said with the calls of the library. */

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type Fields = Readonly<Record<string, Json>>;

const WIDTH = 100;
const WORD = /^[A-Za-z_$][\w$]*$/;
/** Names that a program cannot give to something of its own. */
const TAKEN = new Set(
  (
    "await break case catch class const continue debugger default delete do else enum export extends false finally " +
    "for function if import in instanceof let new null return static super switch this throw true try typeof var " +
    "void while with yield arguments eval undefined NaN Infinity sim console Simulation defineModel"
  ).split(" "),
);

/** A key as it is written; a plain one of this name would set what the object inherits from. */
function keyOf(key: string): string {
  if (key === "__proto__") return '["__proto__"]';
  return WORD.test(key) ? key : JSON.stringify(key);
}

/** Data as it is written in a program. */
export function literal(value: Json, indent = ""): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const deeper = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((one: Json) => literal(one, deeper))
    : Object.entries(value as Fields).map(([key, one]) => `${keyOf(key)}: ${literal(one, deeper)}`);
  const [open, close, space] = Array.isArray(value) ? ["[", "]", ""] : ["{", "}", " "];
  if (parts.length === 0) return open + close;
  const line = `${open}${space}${parts.join(", ")}${space}${close}`;
  if (indent.length + line.length <= WIDTH && !line.includes("\n")) return line;
  return `${open}\n${parts.map((part) => `${deeper}${part},\n`).join("")}${indent}${close}`;
}

/** Names for a program's own things, each once. */
function namer(taken: ReadonlySet<string>): (name: string) => string {
  const used = new Set(taken);
  return (name) => {
    const word = name.replaceAll(/[^\w$]+/g, "_").replace(/^(?=\d|$)/, "_");
    let own = word;
    for (let k = 2; used.has(own); k++) own = `${word}${k}`;
    used.add(own);
    return own;
  };
}

function listOf(value: Json | undefined): readonly Fields[] {
  return Array.isArray(value) ? (value as readonly Fields[]) : [];
}

/**
 * The program of a document that `parseDocument` takes.
 *
 * @param document content of a model file
 */
export function programOf(document: object): string {
  const { name, dt, duration, seed, models, populations, projections, record } = document as Fields;
  const own = listOf(models);
  const ownNames = new Set(own.map((model) => model.name as string));
  const used = new Set(listOf(populations).map(({ model }) => model as string));
  const builtIn = [...used].filter((id) => !ownNames.has(id));
  const nameFor = namer(new Set([...TAKEN, ...builtIn]));
  const modelNames = new Map(builtIn.map((id) => [id, id]));
  const names = new Map<string, string>();
  const lines: string[] = [];
  const imports = ["Simulation", ...(own.length > 0 ? ["defineModel"] : []), ...builtIn].sort((a, b) =>
    a.localeCompare(b, "en"),
  );
  lines.push(`import { ${imports.join(", ")} } from "spikelet";`, "");
  for (const model of own) {
    const id = nameFor(model.name as string);
    modelNames.set(model.name as string, id);
    lines.push(`const ${id} = defineModel(${literal(model)});`, "");
  }
  const options: Record<string, Json> = { dt: dt as Json };
  if (seed !== undefined) options.seed = seed;
  if (name !== undefined) options.name = name;
  lines.push(`const sim = await Simulation.create(${literal(options)});`, "");
  for (const { name: population, model, size, ...rest } of listOf(populations)) {
    const id = nameFor(population as string);
    names.set(population as string, id);
    const more = Object.keys(rest).length > 0 ? `, ${literal(rest)}` : "";
    const given = `${JSON.stringify(population)}, ${modelNames.get(model as string)}, ${JSON.stringify(size)}${more}`;
    lines.push(`const ${id} = sim.population(${given});`);
  }
  if (listOf(projections).length > 0) lines.push("");
  for (const { source, target, ...rest } of listOf(projections)) {
    lines.push(`sim.connect(${names.get(source as string)}, ${names.get(target as string)}, ${literal(rest)});`);
  }
  const spikes: string[] = [];
  if (listOf(record).length > 0) lines.push("");
  for (const { population, projection, variables, ...rest } of listOf(record)) {
    const more = Object.keys(rest).length > 0 ? `, ${literal(rest)}` : "";
    if (projection !== undefined) {
      const found =
        typeof projection === "number"
          ? `sim.projections[${projection}]`
          : `sim.projections.find(({ name }) => name === ${JSON.stringify(projection)})`;
      lines.push(`const ${nameFor("weights")} = sim.recordWeights(${found}${more});`);
      continue;
    }
    for (const variable of variables as readonly string[]) {
      const id = nameFor(`${names.get(population as string)}_${variable}`);
      if (variable === "spikes") spikes.push(id);
      const { interpolate, ...others } = rest;
      const fitting = variable === "spikes" ? { ...others, ...(interpolate !== undefined && { interpolate }) } : others;
      if (variable === "spikes") delete (fitting as Record<string, Json>).every;
      const given = Object.keys(fitting).length > 0 ? `, ${literal(fitting)}` : "";
      lines.push(`const ${id} = sim.record(${names.get(population as string)}, ${JSON.stringify(variable)}${given});`);
    }
  }
  lines.push("", `await sim.run(${JSON.stringify(duration)});`, "");
  for (const id of spikes) {
    lines.push(`console.log(${id}.population, ${id}.count, "spikes,", ${id}.rate(), "Hz");`);
  }
  if (spikes.length === 0) lines.push("console.log(sim.report().populations);");
  return `${lines.join("\n")}\n`;
}
