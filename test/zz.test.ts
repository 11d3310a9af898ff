import { models, type ModelRecord } from "../src/index.js";
import { continueEquilibria } from "../src/dynamics/equilibria.js";
import { continueCycles } from "../src/dynamics/cycles.js";
import { it } from "vitest";
it("x", async () => {
  const run = async (m: ModelRecord, o: any) => {
    const r = await continueEquilibria(m, o);
    for (const h of r.branches.flatMap(b=>b.bifurcations).filter(b=>b.type==="hopf")) {
    const t=performance.now();
    const c = await continueCycles(m, {...o, start: h});
    console.log(m.id, h.value, (performance.now()-t).toFixed(1), c.points.length, c.ends, c.end, c.points.at(-1)?.period, JSON.stringify(c.bifurcations.map(b=>[b.type,b.value,b.period])), Math.max(...c.points.map(p=>Math.abs(p.multipliers[0]!.re-1))));
    }
  };
  await run(models.fitzhughNagumo, {from:0,to:2});
  for (const preset of ["hopf","snic","homoclinic"]) await run(models.morrisLecar, {from:-50,to:250, preset});
  await run(models.hodgkinHuxley, {from:0,to:200});
});
