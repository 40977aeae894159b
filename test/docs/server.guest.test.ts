/** What docs/server.md shows of curl is what a server answers. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { addressOf, ended, startFoldvm } from "../cli/command-line.js";
import { fences, shows } from "../support/documented.js";
import { pageAt } from "../support/pages.js";
import { requires } from "../support/requires.js";

const NAME = "given docs/server.md, when its commands run, then they print what the page shows";
const PROMPT = "$ curl ";

if (requires(NAME, ["curl"]))
  test(NAME, async () => {
    const shown = fences(pageAt("docs/server.md").text, "text").filter((fence) => fence.startsWith(PROMPT));
    assert.ok(shown.length > 3);
    const child = startFoldvm(["serve", "logs/race-fails.fold", "--port", "0"]);
    const { host } = new URL(await addressOf(child));
    try {
      for (const command of shown.flatMap((fence) => fence.split(/^\$ /m).slice(1))) {
        const [line = "", ...output] = command.split("\n");
        const { stdout } = await promisify(execFile)("sh", ["-c", line.replaceAll("localhost:8080", host)]);
        const printed = stdout.replaceAll("\r\n", "\n");
        if (!shows(output.join("\n"), printed)) assert.fixture(printed, output.join("\n"), line);
      }
    } finally {
      child.kill("SIGTERM");
      await ended(child);
    }
  });

test.run();
