/** The lessons that come with the page, in their order. */
import { type Lesson, lessonFrom } from "./lesson.js";

const files = import.meta.glob<{ readonly title: string }>("../../lessons/*.json", { import: "default", eager: true });

/** Names and titles, in their order. */
export const LESSONS: readonly { readonly name: string; readonly title: string }[] = Object.keys(files)
  .sort()
  .map((path) => ({ name: nameOf(path), title: files[path]?.title ?? "" }));

function nameOf(path: string): string {
  return path.replace(/^.*\/|\.json$/g, "");
}

/** A lesson by its name; undefined where there is none. */
export function lessonNamed(name: string, views: readonly string[]): Lesson | undefined {
  const path = Object.keys(files).find((one) => nameOf(one) === name);
  return path === undefined ? undefined : lessonFrom(files[path], views);
}
