/** Values in a model file by their place. */
import { describe, expect, it } from "vitest";
import { readPlace, withValue } from "../../src/io/place.js";

const document = {
  dt: 0.1,
  populations: [
    { name: "exc", model: "lif", size: 3 },
    { name: "in.h 2", model: "lif", size: 1, background: [{ kind: "constant", amplitude: 5 }] },
  ],
  projections: [{ source: "exc", target: "exc" }],
};
const put = (place: string, value: unknown): unknown => withValue(document, readPlace(place), value);

describe("a place", () => {
  it.each([
    ["dt", ["dt"]],
    ["$.dt", ["dt"]],
    ["populations.exc.params.tau_m", ["populations", "exc", "params", "tau_m"]],
    ["populations[1].background[0].amplitude", ["populations", 1, "background", 0, "amplitude"]],
    ['populations["in.h 2"].size', ["populations", "in.h 2", "size"]],
  ])("is read: %s", (text, steps) => {
    expect(readPlace(text)).toEqual(steps);
  });

  it.each(["", ".", "a..b", "a.", "a[", "a[x]", "a[-1]", "a[0", '["a'])("is refused: %j", (text) => {
    expect(() => readPlace(text)).toThrow(/is no place in a model file/);
  });
});

describe("a value", () => {
  it("is put in by name or by place, and all else stays", () => {
    const changed = put("populations.exc.size", 7) as typeof document;
    expect(changed.populations[0]).toEqual({ name: "exc", model: "lif", size: 7 });
    expect(changed.populations[1]).toBe(document.populations[1]);
    expect(put('populations["in.h 2"].background[0].amplitude', 8)).toMatchObject({
      populations: [{}, { background: [{ amplitude: 8 }] }],
    });
    expect(document.populations[0]?.size).toBe(3);
  });

  it("makes the objects that are missing on the way, as own keys whatever their name", () => {
    expect(put("populations.exc.params.tau_m", 12)).toMatchObject({ populations: [{ params: { tau_m: 12 } }, {}] });
    const odd = put("populations.exc.__proto__.x", 1) as typeof document;
    expect(Object.keys(odd.populations[0] as object)).toContain("__proto__");
    expect(({} as { x?: number }).x).toBeUndefined();
  });

  it.each([
    ["populations.ex.size", '$.populations has no element "ex"; did you mean "exc"? Known: exc, in.h 2.'],
    ["projections.exc.weight", '$.projections has no element "exc". Its elements have no names: say $.projections[0], ...'],
    ["projections[3].weight", "$.projections[3] is not there; elements: 0 to 0."],
    ["dt.x", '$.dt is 0.1; it has no key "x".'],
    ["populations.exc[0]", "$.populations[0] is no list; it has no element 0."],
  ])("has no such place: %s", (place, message) => {
    expect(() => put(place, 1)).toThrow(message);
  });
});
