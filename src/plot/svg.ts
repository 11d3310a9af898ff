/** Pieces of SVG text: escaping, numbers, elements, and the frame that every figure has. */
import { rangeError } from "../analysis/types.js";

/** Colours of everything that is not data. */
export const INK = {
  title: "#1f2430",
  text: "#3d4451",
  faint: "#687182",
  axis: "#9aa2b1",
  grid: "#e8eaee",
  paper: "#ffffff",
} as const;

/** Fonts that the reader's system has; nothing is loaded. */
const FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Liberation Sans', Arial, sans-serif";

/** A text as XML character data: markup escaped, characters that XML does not have replaced by U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .replace(/(?![\t\n\r])\p{Cc}|\p{Surrogate}|[\uFFFE\uFFFF]/gu, "\uFFFD")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** A length in px with at most two decimals. */
export function px(value: number): string {
  const rounded = Math.round(value * 100) / 100;
  return String(rounded === 0 ? 0 : rounded);
}

/** Attributes of an element; numbers are lengths, undefined leaves an attribute out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An element with its attributes and content; the content is SVG already. */
export function element(name: string, attributes: Attributes, content = ""): string {
  let text = `<${name}`;
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined) continue;
    text += ` ${key}="${typeof value === "number" ? px(value) : escapeXml(value)}"`;
  }
  return content === "" ? `${text}/>` : `${text}>${content}</${name}>`;
}

/** A line of text at (x, y), which is its baseline. */
export function label(text: string, x: number, y: number, attributes: Attributes = {}): string {
  return element("text", { x, y, ...attributes }, escapeXml(text));
}

/** Width in px that a text takes, estimated for common sans-serif fonts, rather too wide than too narrow. */
export function textWidth(text: string, size: number): number {
  let width = 0;
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    if (code >= 0x1100) width += code >= 0x2000 && code < 0x2e80 ? 0.7 : 1;
    else if ("iljtf.,:;'|!()[] ".includes(character)) width += 0.34;
    else width += /[A-Zmw%@]/.test(character) ? 0.76 : 0.58;
  }
  return width * size;
}

/** The text, or its beginning and an ellipsis when it would be wider than `width` px. */
export function fitted(text: string, width: number, size: number): string {
  const line = text.replace(/\s+/g, " ");
  if (textWidth(line, size) <= width) return line;
  let kept = "";
  for (const character of line) {
    if (textWidth(`${kept}${character}…`, size) > width) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}

/** The text, or its beginning and its end with an ellipsis between: names often differ in their last characters. */
export function fittedName(text: string, width: number, size: number): string {
  const line = text.replace(/\s+/g, " ");
  if (textWidth(line, size) <= width) return line;
  const characters = [...line];
  let [head, tail] = ["", ""];
  for (let i = 0; i < characters.length; i++) {
    const half = i >> 1;
    const [longerHead, longerTail] =
      i % 2 === 0 ? [head, `${characters[characters.length - 1 - half]}${tail}`] : [`${head}${characters[half]}`, tail];
    if (textWidth(`${longerHead}…${longerTail}`, size) > width) break;
    [head, tail] = [longerHead, longerTail];
  }
  return `${head.trimEnd()}…${tail.trimStart()}`;
}

/** A whole number with a comma between thousands. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A number with three digits, for reading. */
export function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** What a figure says about itself. */
export interface FrameOptions {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** Second line, in small print. */
  readonly subtitle: string;
  /** What the figure shows, in words, for those who do not see it. */
  readonly description: string;
}

/** Height of the figure's head, with title and subtitle, in px. */
export const HEAD = 62;

/** Refuses a figure in which nothing can be read. */
export function checkFrame(width: number, height: number, least = 160): void {
  if (!(Number.isFinite(width) && width >= 400)) throw rangeError("width", width, " px", ">= 400 px");
  if (!(Number.isFinite(height) && height >= least)) throw rangeError("height", height, " px", `>= ${least} px`);
}

/** The figure around its content: size, background, title, description. It has no ids, so several fit into one page. */
export function frame(options: FrameOptions, content: string): string {
  const { width, height, title, subtitle, description } = options;
  const head =
    label(fitted(title, width - 40, 16), 20, 28, { "font-size": "16", "font-weight": "600", fill: INK.title }) +
    label(fitted(subtitle, width - 40, 12), 20, 46, { "font-size": "12", fill: INK.faint });
  const svg = element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      "xmlns:xlink": "http://www.w3.org/1999/xlink",
      width,
      height,
      viewBox: `0 0 ${px(width)} ${px(height)}`,
      role: "img",
      "font-family": FONTS,
      "font-size": "11",
      fill: INK.text,
    },
    element("title", {}, escapeXml(title === "" ? "Figure" : title)) +
      element("desc", {}, escapeXml(description === "" ? title : description)) +
      element("rect", { width, height, fill: INK.paper }) +
      head +
      content,
  );
  return `${svg}\n`;
}
