/**
 * Lessons: a text, a view with its settings, and tasks that the page grades. A lesson is a JSON file whose first key is
 * `lesson`, the version of the format; it may come from anywhere, so that all of it is checked.
 */
import type { PopulationMeasures } from "../net/toolbox.js";

/** What can be measured of a population: its name in a sentence, and its unit. */
export const MEASURES = {
  rate: { noun: "rate", unit: "Hz" },
  cv: { noun: "CV of intervals", unit: "" },
  synchrony: { noun: "synchrony", unit: "" },
  spikes: { noun: "number of spikes", unit: "" },
} as const;
export type Measure = keyof typeof MEASURES;
/** A check of a number of the view's settings instead. */
const VALUE = "value";

/** A bound, or two. */
export interface Range {
  readonly least: number;
  readonly most: number;
}

/** Something that must hold of the network's last ms, or of the view's settings. */
export interface Check extends Range {
  readonly measure: Measure | typeof VALUE;
  /** Its name; of a value its place in the settings, such as `params.t_ref`. */
  readonly population: string;
  /** ms */
  readonly over: number;
  /** As it is written. */
  readonly text: string;
}

/** A number that is asked for. */
export interface Answer extends Range {
  readonly unit: string;
}

/** What is to be done: checks that hold, or a number. */
export interface Task {
  readonly question: string;
  readonly checks: readonly Check[];
  readonly answer: Answer | undefined;
  readonly hint: string;
}

export interface Lesson {
  readonly title: string;
  readonly text: readonly string[];
  readonly view: string;
  /** Settings of the view, which it checks itself. */
  readonly state: unknown;
  readonly tasks: readonly Task[];
}

/** A lesson that is none: where, what stands there, what may. */
export class LessonError extends Error {}

const VERSION = 1;
/** Characters of a file, of a text in it, and entries of a list. */
const LONGEST = 500_000;
const LONGEST_TEXT = 4000;
const MOST = 40;
/** ms over which is measured where a check does not say it, and at most. */
const OVER = 1000;
const LONGEST_OVER = 60_000;

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
};

function wrong(path: string, value: unknown, allowed: string): never {
  const is = value === undefined ? "is missing" : `is ${shown(value)}`;
  throw new LessonError(`lesson.${path} ${is}; it must be ${allowed}.`);
}

type Fields = Readonly<Record<string, unknown>>;

function objectAt(value: unknown, path: string, keys: readonly string[]): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) wrong(path, value, "an object");
  const unknown = Object.keys(value).find((key) => !keys.includes(key));
  if (unknown !== undefined) {
    const place = path === "" ? unknown : `${path}.${unknown}`;
    wrong(place, (value as Fields)[unknown], `left out; keys are: ${keys.join(", ")}`);
  }
  return value as Fields;
}

function textAt(value: unknown, path: string): string {
  if (typeof value !== "string" || value.trim() === "" || value.length > LONGEST_TEXT) {
    wrong(path, value, `a text of 1 to ${LONGEST_TEXT} characters`);
  }
  return value;
}

function listAt<T>(value: unknown, path: string, read: (one: unknown, path: string) => T): T[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST) {
    wrong(path, value, `a list of 1 to ${MOST} entries`);
  }
  return value.map((one, k) => read(one, `${path}[${k}]`));
}

const NUMBER = "(-?\\d+(?:\\.\\d+)?(?:e-?\\d+)?)";
const RANGE = `(?:between ${NUMBER} and ${NUMBER}|above ${NUMBER}|below ${NUMBER})`;
const CHECK = new RegExp(`^(\\w+) of (.+?) ${RANGE}(?: (Hz))?(?: over ${NUMBER} ms)?$`);
const ANSWER = new RegExp(`^${RANGE}(?: (\\S.{0,19}))?$`);

type Found = string | undefined;

function rangeOf(from: Found, to: Found, above: Found, below: Found): Range {
  return {
    least: Number(from ?? above ?? Number.NEGATIVE_INFINITY),
    most: Number(to ?? below ?? Number.POSITIVE_INFINITY),
  };
}

/** Reads "rate of exc between 8 and 12 Hz", "cv of exc above 0.7 over 500 ms". */
export function readCheck(value: unknown, path: string): Check {
  const examples = '"rate of exc between 8 and 12 Hz" or "cv of inh above 0.7 over 500 ms"';
  const found = typeof value === "string" && value.length <= 300 ? CHECK.exec(value.trim()) : null;
  if (found === null) wrong(path, value, `such as ${examples}`);
  const [text, measure = "", population = "", from, to, above, below, unit = "", over = String(OVER)] = found;
  const known = [...Object.keys(MEASURES), VALUE];
  if (!known.includes(measure)) wrong(path, value, `about one of: ${known.join(", ")}`);
  const own = measure === VALUE ? "" : MEASURES[measure as Measure].unit;
  if (unit !== "" && unit !== own) wrong(path, value, `without a unit: ${measure} has none`);
  const range = rangeOf(from, to, above, below);
  if (range.least > range.most) wrong(path, value, "between a smaller and a larger number");
  if (!(Number(over) > 0 && Number(over) <= LONGEST_OVER)) {
    wrong(path, value, `over more than 0 and at most ${LONGEST_OVER} ms`);
  }
  return { ...range, measure: measure as Check["measure"], population, over: Number(over), text };
}

function readAnswer(value: unknown, path: string): Answer {
  const found = typeof value === "string" && value.length <= 300 ? ANSWER.exec(value.trim()) : null;
  if (found === null) wrong(path, value, 'such as "between 9 and 11 ms", "above 3" or "below 2 Hz"');
  const [, from, to, above, below, unit = ""] = found;
  const range = rangeOf(from, to, above, below);
  if (range.least > range.most) wrong(path, value, "between a smaller and a larger number");
  return { ...range, unit };
}

function readTask(value: unknown, path: string): Task {
  const { question, check, answer, hint } = objectAt(value, path, ["question", "check", "answer", "hint"]);
  if ((check === undefined) === (answer === undefined)) wrong(path, value, "with either a check or an answer");
  const single = (): Check[] => (check === undefined ? [] : [readCheck(check, `${path}.check`)]);
  const checks = Array.isArray(check) ? listAt(check, `${path}.check`, readCheck) : single();
  return {
    question: textAt(question, `${path}.question`),
    checks,
    answer: answer === undefined ? undefined : readAnswer(answer, `${path}.answer`),
    hint: hint === undefined ? "" : textAt(hint, `${path}.hint`),
  };
}

/**
 * A lesson out of data.
 *
 * @param views the views that there are
 * @throws LessonError where it is none
 */
export function lessonFrom(data: unknown, views: readonly string[]): Lesson {
  const keys = ["lesson", "title", "text", "view", "state", "tasks"];
  const { lesson, title, text, view, state, tasks } = objectAt(data, "", keys);
  if (lesson !== VERSION) wrong("lesson", lesson, `${VERSION}, the version of the format`);
  if (typeof view !== "string" || !views.includes(view)) wrong("view", view, `one of: ${views.join(", ")}`);
  return {
    title: textAt(title, "title"),
    text: listAt(text, "text", textAt),
    view,
    state: state ?? {},
    tasks: listAt(tasks, "tasks", readTask),
  };
}

/**
 * A lesson out of a file.
 *
 * @throws LessonError where it is none
 */
export function readLesson(text: string, views: readonly string[]): Lesson {
  if (text.length > LONGEST) {
    throw new LessonError(`A lesson of ${text.length} characters; it must have at most ${LONGEST}.`);
  }
  let data: unknown;
  try {
    data = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw new LessonError(`The lesson is not JSON: ${(error as Error).message}`);
  }
  return lessonFrom(data, views);
}

/** How a task went. */
export interface Grade {
  readonly passed: boolean;
  /** What was found, and what is asked for. */
  readonly words: string;
}

const rounded = (value: number): string => String(Number(value.toPrecision(3)));
const within = (value: number, { least, most }: Range): boolean => value >= least && value <= most;

function wanted({ least, most }: Range, unit: string): string {
  const space = unit === "" ? "" : ` ${unit}`;
  if (most === Number.POSITIVE_INFINITY) return `more than ${least}${space}`;
  if (least === Number.NEGATIVE_INFINITY) return `less than ${most}${space}`;
  return `${least} to ${most}${space}`;
}

/** Grades a number of a view's settings. */
function gradeValue(check: Check, settings: unknown): Grade {
  const place = check.population;
  const inside = (value: unknown, key: string): unknown =>
    typeof value === "object" && value !== null && Object.hasOwn(value, key) ? (value as Fields)[key] : undefined;
  const value = place.split(".").reduce(inside, settings);
  if (typeof value !== "number") return { passed: false, words: `The settings have no number ${shown(place)} now.` };
  const words = `${place} is ${rounded(value)}`;
  return within(value, check)
    ? { passed: true, words: `${words}.` }
    : { passed: false, words: `${words}; asked for: ${wanted(check, "")}.` };
}

/**
 * Grades a check.
 *
 * @param measures of the last `check.over` ms
 * @param recorded ms that there are to measure
 * @param settings of the view
 */
export function gradeCheck(
  check: Check,
  measures: readonly PopulationMeasures[],
  recorded: number,
  settings: unknown = {},
): Grade {
  const { measure, population, over } = check;
  if (measure === VALUE) return gradeValue(check, settings);
  if (recorded < over - 1e-6) {
    return { passed: false, words: `Let it run for ${over} ms first: there are ${rounded(recorded)} ms to look at.` };
  }
  const found = measures.find(({ name }) => name === population);
  if (found === undefined) {
    const names = measures.map(({ name }) => name).join(", ");
    return { passed: false, words: `There is no population ${shown(population)} now; there are: ${names}.` };
  }
  const value = found[measure];
  const { noun, unit } = MEASURES[measure];
  const space = unit === "" ? "" : ` ${unit}`;
  if (Number.isNaN(value)) {
    return { passed: false, words: `There are too few spikes of ${population} for its ${noun}.` };
  }
  const words = `The ${noun} of ${population} is ${rounded(value)}${space}`;
  return within(value, check)
    ? { passed: true, words: `${words}.` }
    : { passed: false, words: `${words}; asked for: ${wanted(check, unit)}.` };
}

/** Grades a number that somebody typed. */
export function gradeAnswer(answer: Answer, text: string): Grade {
  const value = Number(text.trim().replace(",", "."));
  if (text.trim() === "" || !Number.isFinite(value)) return { passed: false, words: "Write a number." };
  if (within(value, answer)) return { passed: true, words: "That is right." };
  const direction = value < answer.least ? "more" : "less";
  return { passed: false, words: `Not ${rounded(value)}: it is ${direction}.` };
}

/** Grades several checks as one: all must hold. */
export function together(grades: readonly Grade[]): Grade {
  return {
    passed: grades.every(({ passed }) => passed),
    words: [...new Set(grades.map(({ words }) => words))].join(" "),
  };
}
