// The session in docs/cli.md: its lines as a script print what the page says.
import { readFileSync } from "node:fs";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { foldvm, testStdio } from "../../../cli/command-line.js";

const PROMPT = "(foldvm) ";
const [, command = "", session = ""] =
  /^```text\n\$ foldvm (replay [^\n]*--monitor[^\n]*)\n(.*?)^```$/ms.exec(readFileSync("docs/cli.md", "utf8")) ?? [];

test("given the session on the page, when its lines are a script, then the answers are the page's", async () => {
  const lines = session.split("\n");
  const typed = lines.filter((line) => line.startsWith(PROMPT)).map((line) => line.slice(PROMPT.length));
  assert.ok(typed.length > 5, "docs/cli.md has no session");
  const stdio = testStdio();
  stdio.stdin.end(`${typed.join("\n")}\n`);
  await foldvm(command.split(" "), stdio);
  assert.fixture(stdio.printed(), lines.filter((line) => !line.startsWith(PROMPT)).join("\n"));
});

test.run();
