/** The equations of a model with units. */
import { type CheckedModel, compileModel } from "../../lang/check.js";
import type { ModelDefinition } from "../../model/definition.js";
import { definitionOf, equationsOf } from "../../model/own.js";
import type { ModelRecord } from "../../model/record.js";
import type { ModelName } from "../mapping.js";
import { EQUATIONS } from "./mapping.js";

/** The equations of a model with units. */
export function checkedOf(record: ModelRecord, sharp: boolean): CheckedModel {
  const own = equationsOf(record);
  if (own !== undefined) return own;
  const definition = definitionOf(record);
  const patches: Readonly<Record<string, string>> = EQUATIONS[record.id as ModelName] ?? {};
  const lines = (definition.equations as readonly string[]).map((line) => {
    const [, left = "", name = "", right = "", unit = ""] = /^(d?(\w+?)(?:\/dt)?) = (.*) : (.*)$/.exec(line) ?? [];
    const state = left.endsWith("/dt");
    const patch = patches[name];
    const written = patch ?? right;
    return `${state ? `d${name}/dt` : name} = ${sharp ? withoutExponential(written) : written} : ${unit}`.replaceAll(
      "^",
      "**",
    );
  });
  const threshold = sharp ? "v >= V_T" : (definition.threshold as string);
  return compileModel({ ...definition, equations: lines, threshold } as ModelDefinition);
}

/** eif and adex without their exponential, which is their limit for Delta_T = 0. */
function withoutExponential(rhs: string): string {
  return rhs.replace(/ \+ g_L \* Delta_T \* exp\(.*?\) \/ Delta_T\)/, "").replace(/v_c/g, "v");
}
