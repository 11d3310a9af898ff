/**
 * The roofs of the roofline figure (docs/performance.md), and the work of its points. Times come from the other suites.
 */
import { MODEL_CASES } from "../cases/models.js";
import { digits, spreadOf } from "../format.js";
import { machine } from "../machine.js";
import { cobaWork, countingCore, eventWork, modelWork, type Work } from "../roofline/operations.js";
import { type Rate, roofs } from "../roofline/roofs.js";
import type { Section, Settings, Suite } from "./suite.js";

export const roofline: Suite = {
  names: ["roofline"],
  async run(_selected, settings: Settings): Promise<Section> {
    const where = machine();
    const measured = await roofs(settings);
    const core = countingCore();
    const models: Record<string, Work> = {};
    for (const entry of MODEL_CASES) models[entry.name] = await modelWork(entry, core);
    const coba = await cobaWork(core);
    const event = await eventWork(core);
    const { arithmetic, near, far } = measured;
    const roof = (name: string, rate: Rate): string[] => [name, digits(rate.best), spreadOf(rate), "", "", "", ""];
    const work = (name: string, { operations, vectors, bytes }: Work): string[] =>
      [name, "", "", digits(operations), vectors > 0 ? digits(vectors) : "", digits(bytes), digits(operations / bytes)];
    return {
      id: "roofline",
      title: "Roofs (10^9 per second), and work per neuron and step",
      header: [
        "",
        "roof: best round",
        "all rounds",
        "operations",
        "vector instructions",
        "bytes",
        "operations per byte",
      ],
      rows: [
        roof("f64x2 multiplications and additions", arithmetic),
        roof("bytes read, L2 cache", near.read),
        roof("bytes read and written, L2 cache", near.update),
        roof("scattered additions, L2 cache", near.scatter),
        roof("bytes read, memory", far.read),
        roof("bytes read and written, memory", far.update),
        roof("scattered additions, memory", far.scatter),
        ...MODEL_CASES.map(({ name, method }) => work(`${name} (${method})`, models[name] as Work)),
        work("COBA with its receptors and events", coba),
        work("a synaptic event", event),
      ],
      failures: [],
      shortfalls: [],
      data: { machine: where, quick: settings.quick, roofs: measured, work: { models, coba, event } },
    };
  },
};
