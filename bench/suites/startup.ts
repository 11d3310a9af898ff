/** From the start of a process to its first spike. */
import { digits, spreadOf } from "../format.js";
import { summary } from "../measure.js";
import { built, program, type Ended } from "../program.js";
import type { Section, Settings, Suite } from "./suite.js";

const TARGET_MS = 150;

export const startup: Suite = {
  names: ["startup"],
  async run(_selected, settings: Settings): Promise<Section> {
    const id = "startup";
    const title = "From the start of the process to the first spike of 1000 neurons, ms";
    if (!built()) {
      const rows = [["not measured: dist/ is missing; `npm run build` makes it"]];
      return { id, title, header: [""], rows, failures: [], shortfalls: [], data: null };
    }
    await program("first-spike"); // fills the file cache
    const spikes: Ended[] = [];
    const bare: Ended[] = [];
    const traced: Ended[] = [];
    for (let round = 0; round < (settings.quick ? 5 : 15); round++) {
      spikes.push(await program("first-spike"));
      bare.push(await program("nothing"));
      if (round % 3 === 0) traced.push(await program("many-traces"));
    }
    const of = (ended: readonly Ended[], name: string) => summary(ended.map(({ said }) => said[name] ?? 0));
    const total = summary(spikes.map((run) => run.total));
    const node = summary(bare.map((run) => run.total));
    const [cpu, nodeCpu, imported] = [of(spikes, "cpu"), of(bare, "cpu"), of(spikes, "imported")];
    const [many, manyCpu] = [of(traced, "wall"), of(traced, "cpu")];
    const reached = total.median <= TARGET_MS;
    return {
      id,
      title,
      header: ["", "wall time", "CPU time", "target"],
      rows: [
        ["process start to first spike", spreadOf(total), spreadOf(cpu), `${TARGET_MS}: ${reached ? "yes" : "short"}`],
        ["of it the import of the package", spreadOf(imported), "", ""],
        ["Node alone, one line of output", spreadOf(node), spreadOf(nodeCpu), ""],
        [
          "25 populations with two traces each: built and run for 15 ms, the process warm",
          spreadOf(many),
          spreadOf(manyCpu),
          "",
        ],
      ],
      failures: [],
      shortfalls: reached ? [] : [`startup: ${digits(total.median)} ms to the first spike, target ${TARGET_MS}.`],
      data: { total, cpu, imported, node, nodeCpu, many, manyCpu },
    };
  },
};
