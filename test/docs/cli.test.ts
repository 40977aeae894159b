/** What docs/cli.md shows is what happens. In a file of its own, since it takes long. */
import { test } from "uvu";

import { pageAt } from "../support/pages.js";
import { runPage } from "../support/run-page.js";

test("given docs/cli.md, when its commands run, then they print and draw what the page shows", async () => {
  await runPage(pageAt("docs/cli.md"));
});

test.run();
