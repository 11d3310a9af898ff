import { describe, expect, it } from "vitest";
import { parseUnit, same, tenTo, type Unit, unitName, UnitSystem } from "../../src/lang/dimensions.js";

const unit = (text: string): Unit => {
  const found = parseUnit(text);
  if (!found) throw new Error(`${text} is no unit`);
  return found;
};
const system = (current: string): UnitSystem => new UnitSystem(current, unit(current));
/** A number in `text` in the coherent system. */
const inSystem = (current: string, text: string): number => {
  const { power, factor } = system(current).scale(unit(text));
  return factor * tenTo(power);
};

describe("units", () => {
  it.each([
    ["mV", "volt*1/1", -3],
    ["uA/cm^2", "A/m**2", -2],
    ["uA/cm²", "A/m2", -2],
    ["siemens/meter**2", "S/m2", 0],
    ["pA*sqrt(ms)", "A*s^0.5", -13.5],
    ["/ms", "Hz", 3],
    ["1/(ms*mV)", "1/(s*V)", 6],
    ["namp", "A", -9],
    ["msecond", "s", -3],
    ["J/coulomb", "V", 0],
    ["mM", "mol/m3", 0],
    ["MOhm", "V/A", 6],
    ["µF·cm^-2", "F/m2", -2],
  ])("%s has the dimension of %s and 10^%d", (text, like, power) => {
    expect(unit(text).dimension).toEqual(unit(like).dimension);
    expect(unit(text).power - unit(like).power).toBeCloseTo(power, 12);
  });

  it.each([
    "mv",
    "5",
    "mV/",
    "/",
    "*mV",
    "mV ms",
    "(mV",
    "mV)",
    "mV^x",
    "sqrt",
    "Km",
    "constructor",
    "2*mV",
    "x".repeat(100),
    "(".repeat(60),
  ])("%s is none", (text) => expect(parseUnit(text)).toBeUndefined());

  it("leave h and min to the model in expressions", () => {
    for (const name of ["h", "min"]) {
      expect(unitName(name)).toBeUndefined();
      expect(unit(`1/${name}`).dimension).toEqual(unit("Hz").dimension);
    }
  });

  it("in expressions leave single letters to the model, but for V, A, s and S", () => {
    for (const name of ["m", "h", "C", "F", "M", "K", "l"]) expect(unitName(name)).toBeUndefined();
    for (const name of ["V", "A", "s", "S", "mV", "cm2", "volt", "degC"]) expect(unitName(name)).toBeDefined();
  });
});

describe("a model's system of units", () => {
  it.each([
    ["pA", "pA", 1],
    ["pA", "nS", 1],
    ["pA", "pF", 1],
    ["pA", "nA", 1000],
    ["pA", "nS/mV", 1],
    ["nA", "uS", 1],
    ["nA", "nF", 1],
    ["uA/cm2", "mS/cm2", 1],
    ["uA/cm2", "uF/cm2", 1],
    ["uA/cm2", "S/m2", 0.1],
    ["pA", "us", 0.001],
    ["pA", "V", 1000],
    ["pA", "GOhm", 1],
    ["mV", "mV", 1],
    ["1", "Hz", 0.001],
    ["pA", "deg", Math.PI / 180],
    ["pA", "minute", 60_000],
  ])("with the current %s: 1 %s is %d", (current, text, value) =>
    expect(inSystem(current, text)).toBeCloseTo(value, 14),
  );

  it.each([
    ["pA", "nS", "nS"],
    ["pA", "nF", "pF"],
    ["nA", "S", "uS"],
    ["uA/cm2", "S/m2", "mS/cm2"],
    ["uA/cm2", "F/m2", "uF/cm2"],
    ["pA", "V/s", "mV/ms"],
    ["pA", "1", "1"],
    ["pA", "Ohm", "mV/pA"],
    ["1", "1/V", "1/mV"],
    ["pA", "A/s", "pA/ms"],
    ["pA", "V**2", "mV**2"],
  ])("with the current %s: %s is written %s", (current, text, shown) => {
    expect(system(current).symbol(unit(text).dimension)).toBe(shown);
  });

  it("writes what it reads: every symbol is the unit it stands for", () => {
    for (const current of ["pA", "nA", "uA/cm2", "mV/ms", "1"]) {
      const one = system(current);
      for (const text of [
        "nS",
        "pF",
        "1/ms",
        "mV/ms",
        "1/(mV*ms)",
        "pA*ms",
        "sqrt(ms)",
        "mM",
        "MOhm",
        "pA/ms",
        "mV/sqrt(ms)",
      ]) {
        const { dimension } = unit(text);
        expect(same(unit(one.symbol(dimension)).dimension, dimension)).toBe(true);
      }
    }
  });
});
