/** What each page shows is what happens, but for those that take long: they have files of their own beside this one. */
import { existsSync } from "node:fs";
import { parse } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { PAGES, type Page } from "../support/pages.js";
import { hasToRun, runPage } from "../support/run-page.js";

/** With a test of its own, in either tier. */
const hasOwn = ({ path }: Page): boolean =>
  path.startsWith("docs/") &&
  ["test", "guest.test"].some((ending) => existsSync(`test/docs/${parse(path).name}.${ending}.ts`));

const others = PAGES.filter((page) => hasToRun(page) && !hasOwn(page));

for (const page of others) {
  test(`given ${page.path}, when its commands run, then they print and draw what the page shows`, async () => {
    await runPage(page);
  });
}

test("given the pages, then README.md is among those that run here", () => {
  assert.ok(others.some(({ path }) => path === "README.md"));
});

test.run();
