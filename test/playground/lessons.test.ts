/** Lessons: how they are read and graded, and that each of the page's own can be done. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  gradeAnswer,
  gradeCheck,
  type Lesson,
  LessonError,
  lessonFrom,
  readCheck,
  readLesson,
  together,
} from "../../apps/playground/src/lessons/lesson.js";
import { BALANCE, type Balance, balanceDocument } from "../../apps/playground/src/net/balance.js";
import { neuronDocument, settingsFrom } from "../../apps/playground/src/net/neuron.js";
import { forPage, withFactors } from "../../apps/playground/src/net/scaling.js";
import { toolbox } from "../../apps/playground/src/net/toolbox.js";
import { kindOf } from "../../apps/playground/src/share/files.js";
import { Simulation } from "../../src/index.js";

const VIEWS = ["network", "document"];
const good = {
  lesson: 1,
  title: "A lesson",
  text: ["One.", "Two."],
  view: "network",
  state: { background: 1 },
  tasks: [
    { question: "Do it.", check: "rate of exc between 8 and 12 Hz" },
    { question: "How much?", answer: "between 9 and 11 ms", hint: "About ten." },
  ],
};

describe("a lesson", () => {
  it("is read", () => {
    const { tasks, ...rest } = readLesson(`\uFEFF${JSON.stringify(good)}`, VIEWS);
    expect(rest).toEqual({ title: "A lesson", text: ["One.", "Two."], view: "network", state: { background: 1 } });
    expect(tasks[0]?.checks).toEqual([
      { measure: "rate", population: "exc", least: 8, most: 12, over: 1000, text: "rate of exc between 8 and 12 Hz" },
    ]);
    expect(tasks[1]).toMatchObject({ checks: [], answer: { least: 9, most: 11, unit: "ms" }, hint: "About ten." });
  });

  it.each([
    [{ lesson: 2 }, "lesson.lesson is 2; it must be 1"],
    [{ title: "" }, 'lesson.title is ""; it must be a text of 1 to'],
    [{ text: [] }, "lesson.text is []; it must be a list of 1 to"],
    [{ text: ["a", 5] }, "lesson.text[1] is 5; it must be a text"],
    [{ view: "nowhere" }, 'lesson.view is "nowhere"; it must be one of: network, document.'],
    [{ script: 1 }, "lesson.script is 1; it must be left out; keys are: lesson, title"],
    [{ tasks: undefined }, "lesson.tasks is missing; it must be a list"],
    [{ tasks: [{ question: "Q" }] }, "lesson.tasks[0] is "],
    [{ tasks: [{ question: "Q", check: "rate", answer: "above 1" }] }, "with either a check or an answer"],
    [{ tasks: [{ question: "Q", check: ["rate of a above 1", "rate"] }] }, 'lesson.tasks[0].check[1] is "rate"; it must be such as'],
    [{ tasks: [{ question: "Q", answer: "ten" }] }, 'lesson.tasks[0].answer is "ten"; it must be such as "between 9'],
    [{ tasks: [{ question: "Q".repeat(5000), answer: "above 1" }] }, "lesson.tasks[0].question is"],
  ])("that is wrong is refused, with the place: %j", (changes, message) => {
    const wrong = JSON.stringify({ ...good, ...changes });
    expect(() => readLesson(wrong, VIEWS)).toThrow(LessonError);
    expect(() => readLesson(wrong, VIEWS)).toThrow(message);
  });

  it("that is no JSON, too long, or a list is refused", () => {
    expect(() => readLesson("{", VIEWS)).toThrow(/The lesson is not JSON/);
    expect(() => readLesson(" ".repeat(600_000), VIEWS)).toThrow(/at most 500000/);
    expect(() => readLesson("[]", VIEWS)).toThrow(LessonError);
  });
});

describe("a check", () => {
  it.each([
    ["rate of exc above 3", { measure: "rate", population: "exc", least: 3, most: Infinity, over: 1000 }],
    ["rate of L2/3 e below 2.5 Hz over 500 ms", { population: "L2/3 e", least: -Infinity, most: 2.5, over: 500 }],
    ["cv of a between 0.5 and 1e3", { measure: "cv", least: 0.5, most: 1000 }],
    ["spikes of above below above 1", { population: "above below", least: 1 }],
  ])("%s is read", (text, expected) => {
    expect(readCheck(text, "check")).toMatchObject(expected);
  });

  it.each([
    ["speed of exc above 3", /about one of: rate, cv, synchrony, spikes, value/],
    ["cv of exc above 3 Hz", /without a unit: cv has none/],
    ["rate of exc between 5 and 3", /between a smaller and a larger number/],
    ["rate of exc above 3 over 0 ms", /over more than 0 and at most 60000 ms/],
    ["rate of exc above 3 over 1e9 ms", /over more than 0/],
    [`rate of ${"a".repeat(400)} above 1`, /such as/],
    [7, /such as/],
  ])("%s is refused", (text, message) => {
    expect(() => readCheck(text, "check")).toThrow(message);
  });

  const measures = [
    { name: "exc", spikes: 90, rate: 9.04, cv: Number.NaN, synchrony: 0.3 },
    { name: "inh", spikes: 0, rate: 0, cv: Number.NaN, synchrony: Number.NaN },
  ];
  it.each([
    ["rate of exc between 8 and 12 Hz", 1000, true, "The rate of exc is 9.04 Hz."],
    ["rate of exc below 5", 1000, false, "The rate of exc is 9.04 Hz; asked for: less than 5 Hz."],
    ["rate of exc above 9.04", 1000, true, "The rate of exc is 9.04 Hz."],
    ["spikes of inh below 1", 1000, true, "The number of spikes of inh is 0."],
    ["synchrony of exc between 0.5 and 1", 2000, false, "The synchrony of exc is 0.3; asked for: 0.5 to 1."],
    ["cv of exc above 0.1", 1000, false, "There are too few spikes of exc for its CV of intervals."],
    ["rate of exx above 1", 1000, false, 'There is no population "exx" now; there are: exc, inh.'],
    ["rate of exc above 1 over 2000 ms", 1999, false, "Let it run for 2000 ms first: there are 2000 ms to look at."],
    ["rate of exc above 1", 1000 - 1e-9, true, "The rate of exc is 9.04 Hz."],
  ])("%s over %d recorded ms: %s", (text, recorded, passed, words) => {
    const grade = gradeCheck(readCheck(text, "check"), measures, recorded);
    expect(grade.passed).toBe(passed);
    if (!words.startsWith("Let")) expect(grade.words).toBe(words);
    else expect(grade.words).toMatch(/Let it run for 2000 ms first/);
  });

  it.each([
    ["value of params.t_ref above 4", true, "params.t_ref is 5."],
    ["value of background.0.amplitude between 1 and 2", false, "background.0.amplitude is 2.5; asked for: 1 to 2."],
    ["value of params.tau below 4", false, 'The settings have no number "params.tau" now.'],
    ["value of constructor.length above 0", false, 'The settings have no number "constructor.length" now.'],
  ])("%s of the settings: %s", (text, passed, words) => {
    const settings = { params: { t_ref: 5 }, background: [{ amplitude: 2.5 }] };
    expect(gradeCheck(readCheck(text, "check"), [], 0, settings)).toEqual({ passed, words });
  });

  it("with others passes where all do", () => {
    const [yes, no] = [{ passed: true, words: "A." }, { passed: false, words: "B." }];
    expect(together([yes, no, no])).toEqual({ passed: false, words: "A. B." });
    expect(together([yes, yes])).toEqual({ passed: true, words: "A." });
  });
});

describe("an answer", () => {
  const answer = { least: 9, most: 11, unit: "ms" };
  it.each([
    ["10", true, "That is right."],
    [" 9,5 ", true, "That is right."],
    ["12", false, "Not 12: it is less."],
    ["-3", false, "Not -3: it is more."],
    ["", false, "Write a number."],
    ["ten", false, "Write a number."],
    ["Infinity", false, "Write a number."],
  ])("%j is graded", (text, passed, words) => {
    expect(gradeAnswer(answer, text)).toEqual({ passed, words });
  });
});

type Change = Readonly<Record<string, number>>;
/** How a task is done: a number, or what is changed: factors or sliders, settings, the text of the file. */
interface Changes {
  readonly turn?: Change;
  readonly set?: object;
  readonly edit?: readonly [RegExp, string];
  readonly ms?: number;
}
type Solution = number | Changes;
const current = (amplitude: number): object => ({ background: [{ kind: "constant", amplitude }] });
const all = (factor: number, ...names: string[]): Change => Object.fromEntries(names.map((name) => [name, factor]));

const SOLUTIONS: Readonly<Record<string, readonly Solution[]>> = {
  "01-leak-and-threshold": [-58, { turn: { cell: 1.3 } }, 375],
  "02-f-i-curve": [375, { set: current(750) }, { set: { ...current(850), params: { t_ref: 5 } } }],
  "03-refractoriness": [
    49.5,
    { turn: all(2, "short", "long") },
    { edit: [/"t_ref":20/, '"t_ref":5'], turn: { long: 3 } },
  ],
  "04-adaptation": [1.82, { set: { params: { b: 0 } } }, { set: current(930) }],
  "05-bursting": [2, { ms: 2000 }, { turn: { cell: 0.3 } }],
  "06-phase-plane": [{ set: current(0.28) }, { set: current(0.7) }, { set: current(1.5) }, 1.42],
  "07-excitation-and-inhibition": [
    { turn: { background: 1.1 } },
    { turn: { inhibition: 0 } },
    { turn: { inhibition: 5 } },
  ],
  "08-background-near-rheobase": [{ turn: { background: 0.85 } }, { turn: { background: 1.2 } }, 0],
  "09-brunels-states": [{}, { edit: [/"weight":-1.2/g, '"weight":-2.4'] }, 2],
  "10-what-dt-does": [{ ms: 2000 }, { edit: [/"dt":0.1/, '"dt":0.01'], ms: 2000 }, 4.5],
};

function documentOf({ view, state }: Lesson, { turn = {}, set, edit }: Changes): object {
  if (view === "neuron") return neuronDocument(settingsFrom({ ...(state as object), ...set }));
  if (view === "network") {
    const begin = Object.fromEntries(Object.entries(BALANCE).map(([key, { value }]) => [key, value]));
    return balanceDocument({ ...begin, ...(state as object), ...turn } as unknown as Balance, 1);
  }
  const text = JSON.stringify((state as { document: object }).document);
  const edited = edit === undefined ? text : text.replace(...edit);
  if (edit !== undefined) expect(edited).not.toBe(text);
  toolbox.read(edited);
  return forPage(withFactors(JSON.parse(edited), turn));
}

describe("the page's lessons", () => {
  const files = readdirSync("apps/playground/lessons");
  it("are ten, and each has a way to be done", () => {
    expect(files.map((file) => file.replace(".json", ""))).toEqual(Object.keys(SOLUTIONS));
    expect(files).toHaveLength(10);
  });

  it.each(files)("%s", async (file) => {
    const text = readFileSync(`apps/playground/lessons/${file}`, "utf8");
    expect(kindOf(new TextEncoder().encode(text))).toBe("lesson");
    const lesson = lessonFrom(JSON.parse(text), [...VIEWS, "neuron"]);
    const solutions = SOLUTIONS[file.replace(".json", "")] ?? [];
    expect(solutions).toHaveLength(lesson.tasks.length);
    for (const [k, { answer, checks }] of lesson.tasks.entries()) {
      const solution = solutions[k] as Solution;
      if (typeof solution === "number") {
        expect(answer && gradeAnswer(answer, String(solution))).toMatchObject({ passed: true });
        continue;
      }
      const sim = await Simulation.fromDocument(documentOf(lesson, solution));
      const { ms = 1000 } = solution;
      await sim.run(500);
      sim.results.take();
      await sim.run(ms);
      const measures = toolbox.measures(sim.results.take().spikes, { from: 500, time: 500 + ms });
      sim.close();
      const settings = settingsFrom({ ...(lesson.state as object), ...solution.set });
      const grade = (one: (typeof checks)[number]) => gradeCheck(one, measures, ms, settings);
      expect(together(checks.map(grade))).toMatchObject({ passed: true });
    }
  });
});
