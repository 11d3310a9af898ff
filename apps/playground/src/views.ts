/** The views of the page: each an element `sp-ID`, loaded when it is opened. */
import "./views/network.js";

export interface ViewEntry {
  readonly id: string;
  readonly title: string;
  load(): Promise<unknown>;
}

export const VIEWS: readonly [ViewEntry, ...ViewEntry[]] = [
  { id: "network", title: "Network", load: () => Promise.resolve() },
  { id: "neuron", title: "Neuron", load: () => import("./views/neuron.js") },
  { id: "equations", title: "Equations", load: () => import("./views/equations.js") },
  { id: "compare", title: "Compare", load: () => import("./views/compare.js") },
  { id: "brunel", title: "Brunel's map", load: () => import("./views/brunel.js") },
  { id: "microcircuit", title: "Microcircuit", load: () => import("./views/microcircuit.js") },
  { id: "document", title: "Model file", load: () => import("./views/document.js") },
  { id: "branches", title: "Branches", load: () => import("./views/branches.js") },
  { id: "lessons", title: "Lessons", load: () => import("./views/lessons.js") },
  { id: "gallery", title: "Gallery", load: () => import("./views/gallery.js") },
];
