/** Commands, options and help; turns what happened into an exit status and at most one message. */
import { Command, CommanderError, Option } from "commander";
import { InstabilityError, SpikeletError, VERSION } from "../index.js";
import { FORMATS } from "../io/formats.js";
import { FORMAT_TITLES } from "../exchange/names.js";
import { InputError, isFault } from "./errors.js";
import { Status } from "./status.js";
import { dim, errorText } from "./terminal.js";

const EPILOGUE = `
Examples:
  spikelet run network.json           simulate; results go to results/network
  spikelet run network.json --seed 7  the same network, other random numbers
  spikelet check network.json         is the file right, and dt small enough?
  spikelet models adex                parameters, units, equations of a model
  spikelet kinds whiteNoise           fields of a background current
  spikelet plot hodgkinHuxley --bifurcation --range 0..180

Exit status: 0 done, 1 internal error, 2 the input is at fault,
  3 the run became unstable, 130 cancelled.
`;

const [{ name: FORMAT, files: FILES }, ...OTHERS] = FORMATS;

/** The files of the formats, a line each of the default one. */
const TABLE_LINES = [
  ...FILES.map(({ name, summary }) => `  ${name.padEnd(15)}  ${summary}`),
  ...OTHERS.map(({ name, files }) => {
    const more = files.length > 2 ? ", ..." : "";
    const names = files.slice(0, 2).map((file) => file.name);
    return `  ${`${names.join(", ")}${more}`.padEnd(32)}  instead, with --format ${name}`;
  }),
].join("\n");

const RUN_EPILOGUE = `
Times are numbers in ms or texts with a unit (us, ms, s, min, h):
--dt 0.05, --duration "2 s", --snapshot-every "1 min".

Files in the folder of results:
  run.json         rates, timing, findings and the model file that was run
${TABLE_LINES}
  raster.svg, rate.svg, traces.svg  figures of what was recorded
  snapshot.spikelet  with --snapshot-every: what --resume goes on from

A small model file:
  { "dt": 0.1, "duration": 500,
    "populations": [
      { "name": "exc", "model": "izhikevich", "size": 100,
        "background": [ { "kind": "whiteNoise", "sigma": 10, "mean": 5 } ] } ],
    "record": [
      { "population": "exc", "variables": ["spikes"] },
      { "population": "exc", "variables": ["v", "u"], "neurons": [0] } ] }

Examples:
  spikelet run network.json
  spikelet run network.json --out results/long --duration "10 s" --no-plots
  spikelet run network.json --json --quiet | jq .populations.exc.rate
  make-network | spikelet run - --out results/piped
  spikelet run network.json --stream --duration "1 h" --snapshot-every "1 min"
  spikelet run --resume results/network/snapshot.spikelet
  spikelet run network.json --seeds 1..10

Ctrl-C stops a run and keeps the results so far (exit status 130).
`;

const SWEEP_EPILOGUE = `
Values: 1,2,5   0..1:0.25 (in steps)   0..1/5 (five values)
  1..1000/4 log (equal ratios)   1..10 (whole numbers)   [{"normal":[-60,5]},-60]

Examples:
  spikelet sweep network.json --vary "populations.exc.background[0].amplitude=200..400/11"
  spikelet sweep network.json --vary projections[0].weight=2..8:2 --vary seed=1..5 --out results/weights
  spikelet sweep network.json --vary dt=0.1,0.05 --prepare --out cluster && cd cluster && sbatch slurm.sh
  spikelet sweep --collect cluster

Each run is one line of commands.txt; its results are in points/0001 and so on, all rates in sweep.csv.
`;

const FIT_EPILOGUE = `
A document of a fit:
  { "model": "adex", "params": { "E_L": -67 },
    "vary": { "C_m": [50, 500], "g_L": [2, 40], "b": ["0 pA", "0.2 nA"] },
    "to": { "fi": [[100, 0], [150, 12.8], [300, 35.5]],
            "spikes": { "times": "spikes.csv", "current": { "dt": 0.1, "file": "current.csv" } } } }

Examples:
  spikelet fit cell.json --out fitted.json
  spikelet fit lif --vary C_m=50..500 --vary "tau_m=5 ms..50 ms" --set E_L=-67 --to rates.csv
  spikelet fit izhikevich --vary d=0..20 --gain 0.001..0.1 --to rates.csv

rates.csv has two columns: the current, and the rate in Hz. The result is the same for any --jobs.
`;

const FORMATS_EPILOGUE = `
Formats:
${Object.entries(FORMAT_TITLES).map(([name, title]) => `  ${name.padEnd(9)} ${title}`).join("\n")}

Examples:
  spikelet export network.json --to nest --explicit --out nest && python3 nest/network.py
  spikelet export network.json --to sonata --strict
  spikelet import nest/circuit_config.json --from sonata --out network.json
`;

/**
 * Runs the command line.
 *
 * @param words what follows the program's name
 * @param core the compiled core, if that is under way
 * @returns the exit status
 */
export async function main(
  words: readonly string[],
  core?: Promise<Uint8Array<ArrayBuffer> | undefined>,
): Promise<number> {
  let status: number = Status.done;
  const program = commands(words, core, (code) => {
    status = code;
  });
  try {
    await program.parseAsync(words, { from: "user" });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? Status.done : Status.input;
    return statusOf(error);
  }
}

/** What the words of the call may be. `finish` takes the exit status of the command that was carried out. */
function commands(
  words: readonly string[],
  core: Promise<Uint8Array<ArrayBuffer> | undefined> | undefined,
  finish: (status: number) => void,
): Command {
  const program = new Command("spikelet")
    .description("Simulates spiking neural networks.")
    .version(VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .addHelpText("after", EPILOGUE)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`${usageText(text, words)}\n`) });
  program
    .command("run")
    .summary("simulate a model file and write the results")
    .description("Simulates a model file and writes the results into a folder.")
    .argument("[file]", "model file (JSON); - reads standard input")
    .option("-o, --out <dir>", "folder of the results: new, empty or an earlier run's (default: results/<file's name>)")
    .option("--dt <ms>", "time step instead of the file's")
    .option("--duration <ms>", "time to simulate instead of the file's")
    .option("--seed <n>", "seed of everything random instead of the file's")
    .option(
      "--set <place=value>",
      "a value in place of the file's, such as populations.exc.params.tau_m=15; may be given again",
      collect,
    )
    .option("--seeds <list>", "a run for each seed, such as 1..10 or 3,5,8, in folders of their own: DIR-seed-1, ...")
    .option("--overwrite", "let the runs of --seeds replace earlier results")
    .option("--threads <n>", "threads, 1 to 64; the results are the same for any number")
    .option(`--format <${FORMATS.map(({ name }) => name).join("|")}>`, `format of spikes, traces and weights (default: ${FORMAT})`)
    .option("--session-start <date>", "when time 0 was, for --format nwb, such as 2026-11-29T12:00:00Z (default: 1970-01-01T00:00:00Z)")
    .option("--no-plots", "write no figures")
    .option("--stream", "write spikes and traces while running, with bounded memory; no figures then")
    .option("--snapshot-every <ms>", "save the run every so often, to go on with it later")
    .option("--resume <snapshot>", "go on from a snapshot instead of running a file; --duration is the whole time then")
    .option("--profile", "measure where the time goes: a table, and the profile in run.json")
    .option("-q, --quiet", "print errors and warnings only")
    .option("--json", "print the content of run.json to standard output, and nothing else there")
    .addHelpText("after", RUN_EPILOGUE)
    .action(async (file: string | undefined, options: Record<string, unknown>) => {
      const [{ run }, { runSeeds }] = await Promise.all([import("./run.js"), import("./seeds.js")]);
      finish(await (options.seeds === undefined ? run : runSeeds)(file, options, await core));
    });
  program
    .command("check")
    .summary("validate a model file, look for risks to stability")
    .description("Validates a model file and prints findings: time steps and time constants that endanger the result.")
    .argument("<file>", "model file (JSON); - reads standard input")
    .option("--compare", "also run with dt and dt/2 and print how far the spikes move")
    .option("--json", "print as JSON")
    .action(async (file: string, options: Record<string, unknown>) => {
      const { check } = await import("./check.js");
      finish(await check(file, options));
    });
  program
    .command("models")
    .summary("list the neuron models, or one with all its parameters")
    .description("Lists the neuron models, or describes one: states, parameters, equations, methods and presets.")
    .argument("[name]", "id of a model, such as adex, or a model file, for the models that it defines")
    .option("--json", "print as JSON")
    .addOption(new Option("--latex", "print the equations as LaTeX").conflicts("json"))
    .action(async (name: string | undefined, options: Record<string, unknown>) => {
      const { listModels, describeModel } = await import("./models.js");
      const form = options.json === true ? "json" : options.latex === true ? "latex" : "text";
      if (name === undefined) listModels(form);
      else await describeModel(name, form);
    });
  program
    .command("kinds")
    .summary("list what networks are made of beside neurons, or one kind with all its fields")
    .description(
      "Lists receptors, background currents, plasticity, connection rules, layouts and distributions, or describes one: its fields with units, defaults and ranges.",
    )
    .argument("[name]", "name of a kind, such as whiteNoise, or of a sort, such as receptors")
    .option("--model <id>", "name units as they are for this model")
    .option("--json", "print as JSON")
    .action(async (name: string | undefined, options: Record<string, unknown>) => {
      const { printKinds } = await import("./kinds.js");
      printKinds(name, options);
    });
  program
    .command("plot")
    .summary("draw more figures of a folder of results, or of a model's equations")
    .description(
      "Reads the results of a run and draws intervals, spectra, phase planes and the raster with its rate; or draws what the equations of a model do, without a run.",
    )
    .argument("<dir>", "folder that spikelet run wrote; for the figures of equations a model, or a model file")
    .option("--phase-plane", "of a model with two states: nullclines, fixed points, separatrices, the path from rest")
    .option("--bifurcation", "of a model: fixed points and cycles over its input or a parameter")
    .option("--fi", "of a model: firing rate over a constant input")
    .option("--prc", "of a model: phase response of v")
    .option("--current <I>", "of a model: constant input, for --phase-plane and --prc (default: 0)")
    .option("--parameter <name>", "of a model: what --bifurcation changes (default: I)")
    .option("--range <low..high>", "of a model: from where to where, for --bifurcation and --fi")
    .option("--preset <name>", "of a model: a preset")
    .option("--param <name=value>", "of a model: a parameter; may be given again", collect)
    .option("--box <state=low..high>", "of a model: range of a state; may be given again", collect)
    .option("-o, --out <dir>", "of a model: folder of the figures (default: here)")
    .option("--from <ms>", "start of what is drawn")
    .option("--to <ms>", "end of what is drawn")
    .option("--population <name>", "draw one population only")
    .option("--bin <ms>", "width of the bins of rates, intervals and spectra")
    .option("--size <WxH>", "width and height of each figure in px, such as 1200x700")
    .option("--format <svg|png|pdf>", "format of the figures (default: svg); png and pdf need packages beside spikelet")
    .option("--colors <list>", "colours of the series, such as #0072b2,#d55e00")
    .action(async (directory: string, options: Record<string, unknown>) => {
      const [{ drawingOf, plot }, { rheobase, vectorField }] = await Promise.all([
        import("./plot.js"),
        import("../index.js"),
      ]);
      // what equations need is loaded for them only
      if (["phasePlane", "bifurcation", "fi", "prc"].some((view) => options[view] === true)) {
        const { plotEquations } = await import("./dynamics.js");
        finish(await plotEquations(directory, options, drawingOf(options)));
      } else finish(await plot(directory, options, { field: vectorField, rheobase }));
    });
  program
    .command("export")
    .summary("write a network for another tool")
    .description("Writes a model file for another simulator or format, and says of each part whether it is exact there.")
    .argument("<file>", "model file (JSON); - reads standard input")
    .requiredOption("--to <format>", "format, see the list below")
    .option("-o, --out <dir>", "folder: new, empty or an earlier export's (default: exports/<file's name>-<format>)")
    .option("--explicit", "write each synapse, drawn number and starting value, so that spikes can be compared one by one")
    .option("--strict", "refuse what is not exact there")
    .option("--flavour <name>", "one of the flavours of the format")
    .option("--dt <ms>", "time step instead of the file's")
    .option("--duration <ms>", "time to simulate instead of the file's")
    .option("--seed <n>", "seed instead of the file's")
    .option("--json", "print the report as JSON")
    .addHelpText("after", FORMATS_EPILOGUE)
    .action(async (file: string, options: Record<string, unknown>) => {
      const { exportFile } = await import("./exchange.js");
      finish(await exportFile(file, options));
    });
  program
    .command("import")
    .summary("read a network of another tool")
    .description("Reads a network of another tool and writes it as a model file.")
    .argument("<path>", "the file that the other tool is given")
    .requiredOption("--from <format>", "format, see the list below")
    .requiredOption("-o, --out <file>", "model file to write")
    .option("--strict", "refuse what is not exact here")
    .option("--json", "print the report as JSON")
    .addHelpText("after", FORMATS_EPILOGUE)
    .action(async (path: string, options: Record<string, unknown>) => {
      const { importFile } = await import("./exchange.js");
      finish(await importFile(path, options));
    });
  program
    .command("sweep")
    .summary("run a model file with many values, a run for each")
    .description("Runs a model file once for each combination of values, on all cores, and writes one table of the results.")
    .argument("[file]", "model file (JSON)")
    .option(
      "--vary <place=values>",
      "a place of the file and its values; may be given again, then each goes with each",
      collect,
    )
    .option("--together", "the first values belong together, the second ones, ...: as many for each place")
    .option("-o, --out <dir>", "folder: new, empty, or that of the same sweep, which goes on (default: results/<file's name>-sweep)")
    .option("--jobs <n>", "runs at the same time (default: the cores of this machine)")
    .option("--threads <n>", "threads of each run (default: 1)")
    .option("--dt <ms>", "time step instead of the file's")
    .option("--duration <ms>", "time to simulate instead of the file's")
    .option(`--format <${FORMATS.map(({ name }) => name).join("|")}>`, `format of spikes, traces and weights (default: ${FORMAT})`)
    .option("--plots", "write the figures of each run")
    .option("--overwrite", "let the runs of another sweep in the folder be replaced")
    .option("--prepare", "write the commands, for Slurm and GNU parallel, and run nothing")
    .option("--collect <dir>", "write the table of a sweep whose runs were made elsewhere")
    .option("-q, --quiet", "print errors and warnings only")
    .option("--json", "print the table as JSON")
    .addHelpText("after", SWEEP_EPILOGUE)
    .action(async (file: string | undefined, options: Record<string, unknown>) => {
      const { sweep } = await import("./sweep.js");
      finish(await sweep(file, options));
    });
  program
    .command("fit")
    .summary("find the parameters of a model from a neuron's f-I curve or spike times")
    .description("Finds the parameters of a model, within bounds, with the least squares of a neuron's f-I curve, its spike times, or both.")
    .argument("[file]", "document of a fit (JSON), or id of a model")
    .option("--vary <name=low..high>", "a parameter to find and its bounds; may be given again", collect)
    .option("--to <file>", "f-I curve: a CSV file with two columns, current and rate in Hz")
    .option("--set <name=value>", "a parameter that is fixed; may be given again", collect)
    .option("--preset <name>", "preset that the fixed parameters come from")
    .option("--gain <number|low..high>", "what the currents are multiplied with for the model (default: 1)")
    .option("--method <name>", "method of the integration instead of the model's default")
    .option("--dt <ms>", "time step (default: 0.1)")
    .option("--seed <n>", "seed of the search (default: 1)")
    .option("--generations <n>", "most generations of the global search (default: 100)")
    .option("--jobs <n>", "processes that share the work (default: the cores of this machine)")
    .option("-o, --out <file>", "write what was found as JSON")
    .option("-q, --quiet", "print errors only, and the result")
    .option("--json", "print what was found as JSON")
    .addOption(new Option("--worker").hideHelp())
    .addHelpText("after", FIT_EPILOGUE)
    .action(async (file: string | undefined, options: Record<string, unknown>) => {
      const { fitModel } = await import("./fit.js");
      finish(await fitModel(file, options));
    });
  return program;
}

/** An option that may be given several times. */
function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** A message of the option parser in the words of this program: one line, and where the help is. */
function usageText(text: string, words: readonly string[]): string {
  const plain = text.trim().replace(/^error: /, "").replace(/\s*\(Did you mean (.+)\?\)$/s, "; did you mean $1?");
  const file = /^unknown command '(.+\.json)'/.exec(plain)?.[1];
  const message =
    file === undefined ? plain.replace(/[^?.]$/, "$&.") : `${file} is no command; did you mean: spikelet run ${file}`;
  const command = words.find((word) =>
    ["run", "check", "models", "kinds", "plot", "export", "import", "sweep", "fit"].includes(word),
  );
  return `${errorText(message)}\n${dim(`Help: spikelet ${command === undefined ? "" : `${command} `}--help`)}`;
}

/** Prints the message of an error and says which exit status belongs to it. */
function statusOf(error: unknown): number {
  const debug = process.env.SPIKELET_DEBUG !== undefined && process.env.SPIKELET_DEBUG !== "";
  const stack = debug && error instanceof Error ? `\n${error.stack}` : "";
  const known = error instanceof InstabilityError || error instanceof InputError || error instanceof SpikeletError;
  if (known && !isFault(error)) {
    process.stderr.write(`${errorText(error.message)}${stack}\n`);
    return error instanceof InstabilityError ? Status.unstable : Status.input;
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  process.stderr.write(
    `${errorText(`internal error: ${message}`)}\n` +
      `This is a fault of Spikelet ${VERSION}, not of your model. Please report it with the command and the model ` +
      `file${debug ? "" : "; SPIKELET_DEBUG=1 shows where it happened"}.${stack}\n`,
  );
  return Status.internal;
}
