/** `spikelet check`: is the model file right, and does anything endanger the result? */
import { compareTimeSteps, type Finding, Simulation, SpikeletError, type TimeStepComparison } from "../index.js";
import { toDocument } from "../io/document.js";
import { runText } from "../io/results.js";
import { LEVELS } from "../model/findings.js";
import { InputError, isFault } from "./errors.js";
import { findingsText, hasErrors, lateRecordings, orderedFindings } from "./findings.js";
import { loadModel, type Model } from "./input.js";
import { excessText } from "./memory.js";
import { Status } from "./status.js";
import { brief, counted, grouped, table, timeText } from "./terminal.js";

/**
 * Checks a model file and prints the findings to standard output.
 *
 * @returns the exit status: 2 when a finding of level error is among them
 */
export async function check(file: string, options: Readonly<Record<string, unknown>>): Promise<number> {
  const model = await loadModel(file);
  const simulation = await create(model);
  const tooMuch = excessText(model, simulation);
  const refused = tooMuch === undefined ? [] : [refusal("recorded-bytes", `${tooMuch}.`)];
  const findings = orderedFindings([...refused, ...(await verify(simulation)), ...lateRecordings(model.spec)]);
  const failed = hasErrors(findings);
  const comparison = options.compare === true && !failed ? await compare(model) : undefined;
  const { name, dt, duration, seed, populations, projections } = model.spec;
  const parts = populations.map((p) => [p.name, { model: p.model.id, size: p.size, method: p.method }] as const);
  if (options.json === true) {
    const content = {
      file: model.label,
      name,
      ok: !failed,
      dt,
      duration,
      seed,
      populations: Object.fromEntries(parts),
      findings,
      ...(comparison && { comparison }),
    };
    process.stdout.write(runText(content));
  } else {
    process.stdout.write(findingsText(findings, process.stdout));
    const neurons = populations.reduce((sum, { size }) => sum + size, 0);
    const counts = [
      counted(populations.length, "population"),
      counted(neurons, "neuron"),
      counted(projections.length, "projection"),
    ].join(", ");
    const verdict = failed ? "It cannot be run" : "It can be run";
    process.stdout.write(
      `${model.label}: ${name}, ${counts}, ${timeText(duration)} in steps of ${timeText(dt)}\n` +
        `${verdict}: ${countsByLevel(findings)}.\n`,
    );
    if (comparison) process.stdout.write(comparisonText(comparison, dt, duration));
  }
  return failed ? Status.input : Status.done;
}

/** The findings on a network, among them why it could not be built: what `run` would refuse is refused here. */
export async function verify(simulation: Simulation): Promise<Finding[]> {
  const findings = simulation.check();
  if (hasErrors(findings)) return findings;
  try {
    // The first run builds the network; this one ends there.
    await simulation.run(0);
    return findings;
  } catch (error) {
    if (!(error instanceof SpikeletError) || isFault(error)) throw error;
    return [refusal(error.code, error.message), ...findings];
  } finally {
    simulation.close();
  }
}

function refusal(code: string, message: string): Finding {
  return { level: "error", code, message, population: null, parameter: null, value: null, limit: null };
}

async function create(model: Model): Promise<Simulation> {
  try {
    return await Simulation.fromSpec(model.spec);
  } catch (error) {
    if (error instanceof SpikeletError) throw new InputError(`${model.label}: ${error.message}`, { cause: error });
    throw error;
  }
}

async function compare(model: Model): Promise<TimeStepComparison[]> {
  const { stderr } = process;
  if (stderr.isTTY) stderr.write("Running with dt and dt/2 ...");
  try {
    return await compareTimeSteps(withoutFiles(model));
  } finally {
    if (stderr.isTTY) stderr.write("\r\u001b[2K");
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
      ...(population.source?.kind === "spikeTrain" && {
        source: { kind: "spikeTrain" as const, times: population.source.times, neurons: population.source.neurons },
      }),
    })),
    projections: spec.projections.map((projection) => {
      if (projection.rule.rule !== "list") return projection;
      const { file: _file, columns: _columns, ...rule } = projection.rule;
      return { ...projection, rule };
    }),
  });
}

function countsByLevel(findings: readonly Finding[]): string {
  const counts = LEVELS.flatMap((level) => {
    const count = findings.filter((finding) => finding.level === level).length;
    return count === 0 ? [] : [counted(count, level)];
  });
  return counts.length === 0 ? "nothing was found" : counts.join(", ");
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
