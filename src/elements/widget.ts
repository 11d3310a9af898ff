/**
 * The file for notebooks: a module of anywidget's contract. A view is an element; what it shows stands in traits of the
 * model, and spikes, errors and settings go back there.
 */
import type { Frame } from "../worker/protocol.js";
import { defineWith } from "./define.js";
import { ownMeans } from "./program.js";
import { SpikeStore } from "./store.js";

/** What anywidget gives of the model in the kernel. */
interface Model {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, listener: () => void): void;
  off(event: string, listener: () => void): void;
}

/** What a view shows itself with. */
interface View {
  readonly model: Model;
  readonly el: HTMLElement;
}

interface Shown extends HTMLElement {
  document?: unknown;
  readonly playing: boolean;
  play(): void;
  pause(): void;
}

const ELEMENTS = ["spikelet-network", "spikelet-neuron"];

/** Sets the attributes that a trait has, and takes away those that it had. */
function setAttributes(element: HTMLElement, attributes: unknown, before: Iterable<string>): string[] {
  const given = Object.entries((attributes ?? {}) as Record<string, unknown>).filter(
    ([, value]) => value !== null && value !== undefined && value !== false,
  );
  const names = new Set(given.map(([name]) => name));
  for (const name of before) if (!names.has(name)) element.removeAttribute(name);
  for (const [name, value] of given) {
    const text = value === true ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
    if (element.getAttribute(name) !== text) element.setAttribute(name, text);
  }
  return [...names];
}

function render({ model, el }: View): () => void {
  defineWith(ownMeans());
  const wanted = String(model.get("element") ?? ELEMENTS[0]);
  const name = ELEMENTS.find((one) => one === wanted || one === `spikelet-${wanted}`);
  if (name === undefined) {
    model.set("error", `element: "${wanted}"; it must be one of ${ELEMENTS.join(", ")}.`);
    model.save_changes();
    el.textContent = `element: "${wanted}"; it must be one of ${ELEMENTS.join(", ")}.`;
    return () => undefined;
  }
  const element = document.createElement(name) as Shown;
  const store = new SpikeStore();
  let own: string[] = [];

  /** Says several things at once; a kernel that does not know a trait is not told of it. */
  const tell = (traits: Readonly<Record<string, unknown>>): void => {
    const known = Object.entries(traits).filter(([trait]) => model.get(trait) !== undefined);
    if (known.length === 0) return;
    for (const [trait, value] of known) model.set(trait, value);
    model.save_changes();
  };
  const given = {
    attributes: () => {
      own = setAttributes(element, model.get("attributes"), own);
    },
    document: () => {
      const text = model.get("document");
      if (name !== "spikelet-neuron") element.document = text === "" || text === null ? undefined : text;
    },
    playing: () => (model.get("playing") === false ? element.pause() : element.play()),
  };
  given.attributes();
  given.document();
  if (model.get("playing") === false) element.setAttribute("paused", "");
  for (const [trait, listener] of Object.entries(given)) model.on(`change:${trait}`, listener);

  element.addEventListener("spikelet-ready", () => {
    store.clear();
    tell({ error: "" });
  });
  element.addEventListener("spikelet-frame", (event) => store.add((event as CustomEvent<Frame>).detail));
  element.addEventListener("spikelet-paused", (event) => {
    const { time, waits } = (event as CustomEvent<{ readonly time: number; readonly waits: boolean }>).detail;
    tell({ time, spikes: store.columns(), ...(!waits && { playing: false }) });
  });
  element.addEventListener("spikelet-playing", () => tell({ playing: true }));
  element.addEventListener("spikelet-error", (event) => {
    tell({ error: (event as CustomEvent<{ readonly message: string }>).detail.message });
  });
  // what a slider has changed
  const changes = new MutationObserver((records) => {
    const attributes = { ...((model.get("attributes") ?? {}) as object) } as Record<string, unknown>;
    for (const { attributeName } of records)
      if (attributeName === "current" || attributeName === "drive")
        attributes[attributeName] = element.getAttribute(attributeName);
    tell({ attributes });
  });
  el.replaceChildren(element);
  changes.observe(element, { attributeFilter: ["current", "drive"] });
  return () => {
    changes.disconnect();
    for (const [trait, listener] of Object.entries(given)) model.off(`change:${trait}`, listener);
    element.remove();
  };
}

export default { render };
