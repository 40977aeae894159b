/**
 * The documents say what is so: their links lead somewhere, the files they name exist, and the library's snippets print
 * what they claim.
 */
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

import { test } from "uvu";
import * as assert from "uvu/assert";

interface Page {
  readonly path: string;
  readonly text: string;
}

const LIBRARY = "docs/library.md";
const DECISIONS = "docs/decisions";
/** Of the package. */
const ENTRIES = { foldvm: "src/index.ts", "foldvm/parquet": "src/streams/tables/index.ts" };
const FOLDERS = ["bench", "bin", "docs", "guests", "logs", "scripts", "src", "test"];
/** What only adding-a-device.md's example would make. */
const EXAMPLE = /\bbutton\b/;

const markdownIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => path.endsWith(".md"));

const PAGES: readonly Page[] = [
  ...readdirSync(".").filter((name) => name.endsWith(".md")),
  ...["docs", "guests", "logs"].flatMap(markdownIn),
]
  .sort()
  .map((path) => ({ path, text: readFileSync(path, "utf8") }));

const every = (page: Page, pattern: RegExp): string[] =>
  [...page.text.matchAll(pattern)].map((match) => match[1] ?? "");

/** As GitHub makes them from headings. */
const anchors = (text: string): string[] =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );

test("given the documents, when their relative links are followed, then each leads to a file and a heading", () => {
  assert.ok(PAGES.length > 10, `only ${String(PAGES.length)} documents were found`);
  const broken = PAGES.flatMap((page) =>
    every(page, /\]\((?!https?:)([^)\s]+)\)/g).filter((link) => {
      const [file = "", anchor] = link.split("#");
      const target = file === "" ? page.path : join(dirname(page.path), file);
      if (!existsSync(target)) return true;
      return anchor !== undefined && !anchors(readFileSync(target, "utf8")).includes(anchor);
    }),
  );
  assert.equal(broken, []);
});

/** One that has no prose: a table's row, a title of a test or a quotation, which stand on a line of their own. */
const IS_FREE = /^\s*(?:\||>|- `test\/)|^ {4}|^#/;

test("given the documents, then no line of prose is wider than a line of code", () => {
  const wide = PAGES.flatMap(({ path, text }) => {
    const prose = text.replace(/^\s*```[^]*?^\s*```$/gm, (code) => code.replace(/.+/g, ""));
    return prose
      .split("\n")
      .flatMap((line, index) => (line.length > 120 && !IS_FREE.test(line) ? [`${path}:${String(index + 1)}`] : []));
  });
  assert.equal(wide, []);
});

test("given the documents, when they name a path of the repository, then it is there", () => {
  const missing = PAGES.flatMap((page) =>
    every(page, /`([^`\n]+)`/g)
      .flatMap((code) => code.split(/[\s,;]+/))
      .filter((word) => FOLDERS.some((folder) => word.startsWith(`${folder}/`)) && !/[<>…:|*]/.test(word))
      .filter((word) => !EXAMPLE.test(word) && !existsSync(word) && !existsSync(join(dirname(page.path), word)))
      .map((word) => `${page.path}: ${word}`),
  );
  assert.equal(missing, []);
});

test("given the documents, when they name an npm script, then package.json has it", () => {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };
  const missing = PAGES.flatMap((page) => every(page, /npm run ([\w:]+)/g).filter((name) => !(name in scripts)));
  assert.equal(missing, []);
});

test("given the decisions, when listed, then the index has each, and each has its four parts", () => {
  const names = readdirSync(DECISIONS).filter((name) => name !== "README.md");
  const index = readFileSync(join(DECISIONS, "README.md"), "utf8");
  assert.equal(
    names.filter((name) => !index.includes(`(${name})`)),
    [],
  );
  for (const name of names) {
    const text = readFileSync(join(DECISIONS, name), "utf8");
    for (const part of ["Status", "Decision", "Why", "Consequence"]) {
      assert.match(text, new RegExp(`^\\*\\*${part}`, "m"), `${name} has no ${part}`);
    }
  }
});

test("given the snippets of the library's page, when they run as one program, then they print what the page says", async () => {
  const page = readFileSync(LIBRARY, "utf8");
  const blocks = (language: string): string =>
    [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(([, code]) => code ?? "").join("");
  // From the sources, not from a build that may be older.
  const program = Object.entries(ENTRIES).reduce(
    (text, [entry, path]) => text.replaceAll(`from "${entry}"`, `from ${JSON.stringify(pathToFileURL(path).href)}`),
    blocks("ts"),
  );
  // Where imports of packages are found.
  const folder = await mkdtemp("node_modules/.docs-");
  try {
    await writeFile(join(folder, "snippets.mts"), program);
    const command = ["--import", "tsx", join(folder, "snippets.mts")];
    const env = { ...process.env, FORCE_COLOR: "0" };
    const { stdout } = await promisify(execFile)(process.execPath, command, { env });
    assert.fixture(stdout, blocks("text"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test.run();
