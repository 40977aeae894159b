/** What docs/library.md shows is what happens. In a file of its own, and a guest test, since it takes long. */
import { test } from "uvu";

import { pageAt } from "../support/pages.js";
import { runPage } from "../support/run-page.js";

test("given docs/library.md, when its snippets run, then they print and draw what the page shows", async () => {
  await runPage(pageAt("docs/library.md"));
});

test.run();
