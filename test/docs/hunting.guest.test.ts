/** What docs/hunting.md shows is what happens. In a file of its own, and a guest test, since it takes long. */
import { test } from "uvu";

import { pageAt } from "../support/pages.js";
import { runPage } from "../support/run-page.js";

test("given docs/hunting.md, when its commands and then its snippets run, then they print and draw what the page shows", async () => {
  await runPage(pageAt("docs/hunting.md"));
});

test.run();
