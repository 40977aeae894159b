/** The documents of the repository. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Page {
  readonly path: string;
  readonly text: string;
}

const markdownIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => path.endsWith(".md"));

export const pageAt = (path: string): Page => ({ path, text: readFileSync(path, "utf8") });

export const PAGES: readonly Page[] = [
  ...readdirSync(".").filter((name) => name.endsWith(".md")),
  ...["docs", "guests", "logs"].flatMap(markdownIn),
]
  .sort()
  .map(pageAt);

/** What a pattern finds on a page: its first group, each time. */
export const every = (page: Page, pattern: RegExp): string[] =>
  [...page.text.matchAll(pattern)].map((match) => match[1] ?? "");

export const PICTURES = "docs/pictures";
