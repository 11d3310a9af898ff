/** The lessons that come with the page, in their order. */
import { type Lesson, lessonFrom } from "./lesson.js";

const files = import.meta.glob<unknown>("../../lessons/*.json", { import: "default" });
const titles = import.meta.glob<string>("../../lessons/*.json", { import: "title", eager: true });

/** Names and titles, in their order. */
export const LESSONS: readonly { readonly name: string; readonly title: string }[] = Object.keys(files)
  .sort()
  .map((path) => ({ name: nameOf(path), title: titles[path] ?? "" }));

function nameOf(path: string): string {
  return path.replace(/^.*\/|\.json$/g, "");
}

/** A lesson by its name; undefined where there is none. */
export async function lessonNamed(name: string, views: readonly string[]): Promise<Lesson | undefined> {
  const path = Object.keys(files).find((one) => nameOf(one) === name);
  return path === undefined ? undefined : lessonFrom(await files[path]?.(), views);
}
