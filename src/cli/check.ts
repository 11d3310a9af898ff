/** `spikelet check`: is the model file right, and does anything endanger the result? */
import { compareTimeSteps, Simulation, SpikeletError, type TimeStepComparison } from "../index.js";
import { toDocument } from "../io/document.js";
import { InputError } from "./errors.js";
import { findingsText, hasErrors } from "./findings.js";
import { loadModel, type Model } from "./input.js";
import { Status } from "./status.js";
import { brief, grouped, table, timeText } from "./terminal.js";

/**
 * Checks a model file and prints the findings to standard output.
 *
 * @returns the exit status: 2 when a finding of level error is among them
 */
export async function check(file: string, options: Readonly<Record<string, unknown>>): Promise<number> {
  const model = await loadModel(file);
  const findings = (await create(model)).check();
  const failed = hasErrors(findings);
  const comparison = options.compare === true && !failed ? await compareTimeSteps(withoutFiles(model)) : undefined;
  const { name, dt, duration, seed, populations, projections } = model.spec;
  if (options.json === true) {
    const sizes = Object.fromEntries(populations.map((p) => [p.name, { model: p.model.id, size: p.size, method: p.method }]));
    const content = { file: model.label, name, ok: !failed, dt, duration, seed, populations: sizes, findings, ...(comparison && { comparison }) };
    process.stdout.write(`${JSON.stringify(content, null, 2)}\n`);
  } else {
    process.stdout.write(findingsText(findings, process.stdout));
    const neurons = populations.reduce((sum, { size }) => sum + size, 0);
    const counts = [
      counted(populations.length, "population"),
      counted(neurons, "neuron"),
      counted(projections.length, "projection"),
    ].join(", ");
    const levels = ["error", "warning", "note"].map((level) => [level, findings.filter((f) => f.level === level).length] as const);
    const found = levels.filter(([, count]) => count > 0).map(([level, count]) => counted(count, level)).join(", ");
    process.stdout.write(
      `${model.label}: ${name}, ${counts}, ${timeText(duration)} in steps of ${timeText(dt)}\n` +
        `${failed ? `It cannot be run: ${found}.` : found === "" ? "It can be run; there is nothing to say." : `It can be run: ${found}.`}\n`,
    );
    if (comparison) process.stdout.write(comparisonText(comparison, dt, duration));
  }
  return failed ? Status.input : Status.done;
}

async function create(model: Model): Promise<Simulation> {
  try {
    return await Simulation.fromSpec(model.spec);
  } catch (error) {
    if (error instanceof SpikeletError) throw new InputError(`${model.label}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** The document with the content of the files that it names in their place. */
function withoutFiles(model: Model): unknown {
  const { spec } = model;
  return toDocument({
    ...spec,
    populations: spec.populations.map((population) => ({
      ...population,
      background: population.background.map((entry) => {
        if (entry.kind !== "samples") return entry;
        const { file: _, ...rest } = entry;
        return rest;
      }),
    })),
    projections: spec.projections.map((projection) => {
      if (projection.rule.rule !== "list") return projection;
      const { file: _file, columns: _columns, ...rule } = projection.rule;
      return { ...projection, rule };
    }),
  });
}

function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;
}

function comparisonText(comparison: readonly TimeStepComparison[], dt: number, duration: number): string {
  const ms = (value: number): string => (Number.isFinite(value) ? `${Number(value.toPrecision(4))}` : "-");
  const rows = comparison.map(({ population, spikes, rates, firstShift, medianShift, largestShift }) => [
    population,
    grouped(spikes[0]),
    grouped(spikes[1]),
    brief(rates[0]),
    brief(rates[1]),
    ms(firstShift),
    ms(medianShift),
    ms(largestShift),
  ]);
  const heading = ["population", "spikes", "at dt/2", "rate (Hz)", "at dt/2", "first shift (ms)", "median", "largest"];
  return [
    "",
    `The same network with dt = ${timeText(dt)} and ${timeText(dt / 2)} over ${timeText(duration)}:`,
    "",
    ...table([heading, ...rows], [1, 2, 3, 4, 5, 6, 7]),
    "",
    "A shift is how far a spike moves when the step is halved: about the error of dt in a network that is not chaotic.",
    "In a chaotic or noisy network trust the first shift and the rates only.",
    "",
  ].join("\n");
}
