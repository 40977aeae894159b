// The page on limits is true: each bound of the sources is on it, and what it names is there.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

const DECLARED = /^ *(?:export )?const (MAX_[A-Z_0-9]+|[A-Z_0-9]+_(?:MAX|LIMIT)|(?:LARGEST|LONGEST)[A-Z_0-9]*)\b/gm;
const NAMED = /`(\w+)` in `((?:src|web\/worker)\/[^`]+)`/g;
/** What a page shows is bounded by its screen; its worker has the past, and what guests make of it. */
const FOLDERS = ["src", "web/worker"];

const page = readFileSync("docs/limits.md", "utf8");
const named = [...page.matchAll(NAMED)].map(([, name = "", file = ""]) => ({ name, file }));
const declared = FOLDERS.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) => join(folder, path)),
)
  .filter((path) => path.endsWith(".ts"))
  .flatMap((file) => [...readFileSync(file, "utf8").matchAll(DECLARED)].map(([, name = ""]) => `${name} in ${file}`));

test("given the sources, when their bounds are looked up on the page, then each is there", () => {
  const known = new Set(named.map(({ name, file }) => `${name} in ${file}`));
  assert.ok(declared.length > 50, `only ${String(declared.length)} bounds were found`);
  assert.equal(
    declared.filter((bound) => !known.has(bound)),
    [],
    "docs/limits.md has no row for them: what grows, who grows it, what happens there, which test goes one beyond",
  );
});

test("given the page, when it names a bound, then the sources have it", () => {
  const stale = named.filter(
    ({ name, file }) => !existsSync(file) || !new RegExp(`\\b${name}\\b`).test(readFileSync(file, "utf8")),
  );
  assert.equal(stale, []);
});

test("given the page, when a bound has a row, then that names the test that goes one beyond", () => {
  const rows = page.split("\n").filter((line) => /^\|.*`MAX_|^\|.*_MAX`/.test(line));
  assert.ok(rows.length > 50);
  assert.equal(
    rows.filter((row) => !/\| (`test\/[^`]+`(, )?)+ \|$/.test(row)),
    [],
  );
});

test("given the page, when it names a test, then that is there", () => {
  const tests = [...page.matchAll(/`(test\/[^`]+)`/g)].map(([, path = ""]) => path);
  assert.ok(tests.length > 50);
  assert.equal(
    tests.filter((path) => !existsSync(path)),
    [],
  );
});

test.run();
