/** Tables of gates and functions of a potential in a core's memory: what assembly/integrators/rateTable.ts reads. */
import type { Core } from "../core/core.js";

/** Rows per mV. */
const DENSITY = 4;

/**
 * The largest error of a gate's step, and relative one of a function, for which a table will do; what is steeper is
 * evaluated.
 */
const TOLERANCE = 1e-9;

/** The range of a potential that a table covers, in mV; beyond it the rates are evaluated. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Where own models have their potentials is not known: from below any reversal potential to above any spike. */
export const ANYWHERE: Span = { from: -200, to: 200 };

/** Around the potential from which built-in models measure their rates. */
export function around(rest: number): Span {
  return { from: rest - 100, to: rest + 150 };
}

/** What a table is made of. */
export interface Tabulated {
  /** Table index of the function that computes the gates' steps. */
  readonly pairs: number;
  /** The gates' states, or a number of functions. */
  readonly states: readonly number[];
  readonly functions?: number;
  readonly span: Span;
  /** Stored unit of the potential, in mV. */
  readonly unit: number;
}

function rowsOf({ from, to }: Span): number {
  return (to - from) * DENSITY;
}

/** Numbers in pairs of a row. */
function pairsOf({ states, functions = 0 }: Pick<Tabulated, "states" | "functions">): number {
  return states.length + Math.ceil(functions / 2);
}

/** Bytes of a table. */
export function gateTableBytes(core: Core, table: Pick<Tabulated, "states" | "functions" | "span">): number {
  return core.exports.rateTableBytes(pairsOf(table), rowsOf(table.span));
}

/** Takes all tables from a population: its rates are evaluated. */
export function clearTables(core: Core, population: number): void {
  core.exports.addRates(population, 0, 0, 0, 0, 0, 0, false);
}

/** Gives a population one more table, whose rows may have been filled before. */
export function addTable(core: Core, population: number, address: number, table: Tabulated): void {
  const { pairs, states, functions = 0, span, unit } = table;
  core.exports.addRates(
    population,
    address,
    pairs,
    pairsOf(table),
    span.from / unit,
    DENSITY * unit,
    rowsOf(span),
    functions > 0,
  );
  for (const [j, state] of states.entries()) core.exports.setGate(address, j, state);
}

/** Fills a population's table from its parameters; whether it comes near enough to what it stands for. */
export function fillTable(core: Core, population: number, address: number): boolean {
  return core.exports.fillRates(population, address) <= TOLERANCE;
}
