/** A receptor kernel of a network's own, which has the name of the kind. */
export const OWN = {
  name: "own",
  params: { tau: "5 ms" },
  equations: "ds/dt = -s/tau : 1",
  onSpike: "s += w",
  output: "s*pA",
};
