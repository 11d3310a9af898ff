import { describe, expect, it } from "vitest";
import { Diagnostics, diagnosticText, EquationError, MAX_DIAGNOSTICS } from "../../src/lang/diagnostics.js";
import { Source } from "../../src/lang/source.js";

describe("Source", () => {
  const source = new Source("equations", "dv/dt = x\r\n\tx = 1 : 1\n");

  it.each([
    [0, 1, 1],
    [8, 1, 9],
    [10, 1, 11],
    [11, 2, 1],
    [12, 2, 2],
    [22, 3, 1],
  ])("finds offset %d in line %d, column %d", (offset, line, column) => {
    expect(source.position(offset)).toEqual({ line, column });
  });

  it("marks a span in its line; tabs count as a blank", () => {
    expect(source.frame({ start: 12, end: 13 })).toBe("  2 |  x = 1 : 1\n    |  ^");
    expect(source.frame({ start: 0, end: 20 })).toBe("  1 | dv/dt = x\n    | ^^^^^^^^^");
    expect(source.frame({ start: 9, end: 9 })).toBe("  1 | dv/dt = x\n    |          ^");
  });

  it("cuts a long line around the mark", () => {
    const long = new Source("equations", `${"a + ".repeat(100)}b${" + c".repeat(100)}`);
    const [line = "", marks = ""] = long.frame({ start: 400, end: 401 }).split("\n");
    expect(line.length).toBeLessThan(110);
    expect(line[marks.indexOf("^")]).toBe("b");
    expect(line).toMatch(/^ {2}1 \| \.\.\..*\.\.\.$/);
  });

  it("shows no control characters", () => {
    const frame = new Source("equations", "a\u001b[31m\u0007 b\u202e").frame({ start: 0, end: 1 });
    expect(frame).toBe("  1 | a [31m  b \n    | ^");
  });

  it("counts a sign outside of the basic plane once", () => {
    expect(new Source("equations", "𝛼 = b").frame({ start: 5, end: 6 })).toBe("  1 | 𝛼 = b\n    |     ^");
  });
});

describe("Diagnostics", () => {
  const source = new Source("equations", "a\nb\nc");

  it("sorts by text and place, and says one thing of a place", () => {
    const diagnostics = new Diagnostics();
    diagnostics.error(source, { start: 4, end: 5 }, "late", "Late.");
    diagnostics.error(source, { start: 0, end: 1 }, "early", "Early.", "A");
    diagnostics.error(source, { start: 0, end: 1 }, "again", "Again.");
    diagnostics.warning(source, { start: 2, end: 3 }, "note", "Note.");
    expect(diagnostics.errors.map((one) => one.code)).toEqual(["early", "late"]);
    expect(diagnostics.errors[0]).toEqual({
      code: "early",
      severity: "error",
      message: "Early.",
      source: "equations",
      line: 1,
      column: 1,
      length: 1,
      fix: "A",
      frame: "  1 | a\n    | ^",
    });
    expect(diagnostics.warnings.map(diagnosticText)).toEqual(["equations:2:1: warning: Note.\n  2 | b\n    | ^"]);
  });

  it("throws all errors together, and no more than one can read", () => {
    const diagnostics = new Diagnostics();
    expect(() => diagnostics.check("model")).not.toThrow();
    const many = new Source("equations", "x\n".repeat(100));
    for (let i = 0; i < 100; i++) diagnostics.error(many, { start: 2 * i, end: 2 * i + 1 }, "x", "X.");
    try {
      diagnostics.check("model");
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(EquationError);
      expect((error as EquationError).diagnostics).toHaveLength(MAX_DIAGNOSTICS);
      expect((error as EquationError).message).toMatch(
        /^Model model: 100 mistakes\.\n\nequations:1:1: X\.\n.*and 80 more$/s,
      );
    }
  });
});
