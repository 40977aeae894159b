/** Elements of a picture as text. What a guest or a file name says is text in them, and never an element. */

export type Attributes = Readonly<Record<string, string | number>>;

/** Children are elements already: a text passes `escaped` first. */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(String(value))}"`);
  const start = `<${name}${given.join("")}`;
  return children.length === 0 ? `${start}/>` : `${start}>${children.join("")}</${name}>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
/**
 * XML 1.0, 2.2: what no document may have, not even as an entity; ends of lines; and what turns the direction of a
 * text, so that it reads as another one.
 */
const NO_CHARACTER = /[^\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]|[\u202A-\u202E\u2066-\u2069]/gu;

export const escaped = (text: string): string =>
  text.replace(NO_CHARACTER, "\uFFFD").replace(/[&<>"']/g, (letter) => ENTITIES[letter] ?? "");

/** The beginning of a text that is longer than `most` characters. */
export const shortened = (text: string, most: number): string => {
  const letters = [...text.slice(0, 2 * most + 2)];
  return letters.length <= most ? text : `${letters.slice(0, Math.max(most - 1, 0)).join("")}…`;
};

/** The advance of a character of FONT, in pixels. */
export const LETTER_WIDTH = 7;
const FONT = "12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace";

export interface PictureOptions {
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  /** What it is, and what can be seen in it: for who can't see it. */
  readonly title: string;
  readonly description: string;
}

/** It has its own background, so that it can be read on any page, and is dark where the reader's screen is. */
export const picture = ({ width, height, title, description }: PictureOptions, body: readonly string[]): string =>
  `${element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${String(width)} ${String(height)}`,
      width,
      height,
      role: "img",
    },
    "\n",
    [
      element("title", {}, escaped(title)),
      element("desc", {}, escaped(description)),
      element("style", {}, STYLE),
      element("rect", { class: "foldvm-ground", width: "100%", height: "100%", rx: 6 }),
      ...body,
    ].join("\n"),
    "\n",
  )}\n`;

export const textAt = (x: number, y: number, text: string, attributes: Attributes = {}): string =>
  element("text", { x, y, ...attributes }, escaped(text));

const colours = (ground: string, ink: string, faint: string, mark: string): string =>
  `.foldvm-ground{fill:${ground}}.foldvm-ink{fill:${ink}}.foldvm-faint{fill:${faint}}` +
  `.foldvm-rule{stroke:${faint};stroke-opacity:.4}.foldvm-mark{fill:${mark};stroke:${mark}}`;

const STYLE =
  `text{font:${FONT};white-space:pre}${colours("#ffffff", "#1f2328", "#59636e", "#0969da")}` +
  `@media (prefers-color-scheme:dark){${colours("#0d1117", "#f0f6fc", "#9198a1", "#4493f8")}}`;
