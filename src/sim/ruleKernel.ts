/** Rules of plasticity as text: their modules for a core, and the numbers that these read. */
import { RULE_PACK } from "../core/abi.js";
import type { Core } from "../core/core.js";
import type { Indices } from "../core/kernels.js";
import { emitRule, type RuleModule } from "../lang/emitRule.js";
import { type Environment, evaluate } from "../lang/ir.js";
import type { RuleUse } from "../lang/rule.js";
import { type RuleProgram, ruleProgram } from "../lang/ruleProgram.js";
import { checkedRule, type OwnPlasticitySpec, type PlasticityRule } from "../model/ownRule.js";
import { HOST } from "../model/own.js";
import { mathematicsOf } from "./compiled.js";

/** A rule for a build of the core and the neurons that it is between. */
export interface RuleKernel {
  readonly program: RuleProgram;
  readonly made: RuleModule;
}

const compiled = new WeakMap<object, WeakMap<object, Map<string, RuleKernel>>>();

/** The module of a rule, made once for a build of the core and what it is used for. */
export function ruleKernel(rule: PlasticityRule, core: Core, use: RuleUse): RuleKernel {
  const ofBuild = compiled.get(core.build) ?? new WeakMap<object, Map<string, RuleKernel>>();
  compiled.set(core.build, ofBuild);
  const ofRule = ofBuild.get(rule.definition) ?? new Map<string, RuleKernel>();
  ofBuild.set(rule.definition, ofRule);
  const key = JSON.stringify(use);
  const known = ofRule.get(key);
  if (known !== undefined) return known;
  const program = ruleProgram(checkedRule(rule, use), mathematicsOf(core), use);
  const made = emitRule(program, RULE_PACK, core.exports.neuronsPerVector() === 2);
  const kernel = { program, made };
  ofRule.set(key, kernel);
  return kernel;
}

/** Puts a rule's functions into the cores of a network; their places in the function tables. */
export function installRule(core: Core, { made }: RuleKernel): Indices {
  return core.addKernels(made.module);
}

/** The parameters as expressions see them. */
function environment({ params }: OwnPlasticitySpec, core: Core, dt: number): Environment {
  return { params: Object.values(params), dt, math: mathematicsOf(core) };
}

/** What is common to all, as the module reads it. */
export function uniformsOf({ made }: RuleKernel, spec: OwnPlasticitySpec, core: Core, dt: number): Float64Array {
  const env = environment(spec, core, dt);
  return Float64Array.from(made.uniforms, (e) => evaluate(e, env));
}

/** What each variable's column starts with: where it starts, without what it goes to where it is held so. */
export function startsOf({ program }: RuleKernel, spec: OwnPlasticitySpec, core: Core, dt: number): number[] {
  const env = environment(spec, core, dt);
  return program.init.map((e, k) => {
    const rest = program.lazy[k]?.rest;
    return evaluate(e, env) - (rest === undefined ? 0 : evaluate(rest, env));
  });
}

/** What variables that decay go to. */
export function restsOf({ program }: RuleKernel, spec: OwnPlasticitySpec, core: Core, dt: number): number[] {
  const env = environment(spec, core, dt);
  return program.lazy.map((lazy) => (lazy?.rest === undefined ? 0 : evaluate(lazy.rest, env)));
}

/** The bounds of the weight, where the rule has any, in the unit of the projection. */
export function weightBounds(
  spec: OwnPlasticitySpec,
  use: RuleUse,
): { readonly w_min: number; readonly w_max: number } | undefined {
  const own = ruleProgram(checkedRule(spec.rule, use), {}, use).bounds.get(0);
  if (own === undefined) return undefined;
  // Compared with what a user gives: no result depends on the last bits.
  const env: Environment = { params: Object.values(spec.params), math: HOST };
  const [w_min, w_max] = own.map((e) => evaluate(e, env)) as [number, number];
  return { w_min, w_max };
}
