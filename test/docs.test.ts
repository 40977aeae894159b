/** The documents say what is so: links lead somewhere, and what is named exists. What they show is run in docs/. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import * as foldvm from "../src/index.js";
import * as nodeTest from "../src/node-test.js";
import { foldvm as foldvmCommand } from "./cli/command-line.js";
import { every, pageAt, PAGES, PICTURES } from "./support/pages.js";

const DECISIONS = "docs/decisions";
const FOLDERS = ["bench", "bin", "docs", "guests", "logs", "scripts", "src", "test"];
/** What only adding-a-device.md's example would make. */
const EXAMPLE = /\bbutton\b/;

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

test("given the errors that the library exports, then library.md has a row for each", () => {
  const { text } = pageAt("docs/library.md");
  const rows = text.split("\n").filter((line) => line.startsWith("| `"));
  const isError = (value: unknown): boolean => typeof value === "function" && value.prototype instanceof Error;
  const names = Object.entries({ ...foldvm, ...nodeTest }).flatMap(([name, value]) => (isError(value) ? [name] : []));
  assert.ok(names.length > 15, names.join());
  const missing = names.filter((name) => !rows.some((row) => row.split("|")[1]?.includes(`\`${name}\``)));
  assert.equal(missing, []);
});

test("given the commands that --help lists, then cli.md begins with a line for each", async () => {
  const { stdout } = await foldvmCommand(["--help"]);
  const names = [...stdout.matchAll(/^ {2}([a-z-]+) /gm)].map(([, name = ""]) => name);
  assert.ok(names.length > 15);
  const { text } = pageAt("docs/cli.md");
  assert.equal(
    names.filter((name) => !text.includes(`\n    foldvm ${name} `)),
    [],
  );
});

test("given the commands that the documents name, then each has the options that it is named with", async () => {
  const named = PAGES.flatMap(({ path, text }) =>
    [...text.matchAll(/^(?: {4}|\$ )foldvm ([a-z-]+)((?: .*\\\n)*.*)$/gm)].map(([, name = "", words = ""]) => {
      const own = words.replace(/'[^']*'|"[^"]*"/g, "").replace(/ # .*| \| .*| {4}.*/s, "");
      return { path, name, options: [...own.matchAll(/ (--[a-z][a-z-]*)/g)].map(([, option = ""]) => option) };
    }),
  );
  assert.ok(named.length > 100, String(named.length));
  const helps = new Map<string, string>();
  for (const { name } of named) if (!helps.has(name)) helps.set(name, (await foldvmCommand([name, "--help"])).stdout);
  const missing = named.flatMap(({ path, name, options }) =>
    options
      .filter((option) => !new RegExp(`${option}(?![a-z-])`).test(helps.get(name) ?? ""))
      .map((option) => `${path}: foldvm ${name} ${option}`),
  );
  assert.equal(missing, []);
});

test("given the pictures, then each is small and is on a page", () => {
  for (const name of readdirSync(PICTURES)) {
    assert.ok(statSync(join(PICTURES, name)).size < (name.endsWith(".svg") ? 16_384 : 150_000), name);
    assert.ok(
      PAGES.some(({ text }) => text.includes(`pictures/${name})`)),
      name,
    );
  }
});

test.run();
