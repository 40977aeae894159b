/** A real terminal: a pseudo-terminal that `script` makes. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { requires } from "../support/requires.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import { commandFile, DEMO } from "./command-line.js";

/** Runs it on a terminal; `hear` gets all that the terminal has shown so far. */
const onTerminal = (
  folder: string,
  words: readonly string[],
  hear: (shown: string, type: (text: string) => void) => void,
) =>
  new Promise<{ shown: string; settings: string[] }>((resolve, reject) => {
    const command = [process.execPath, commandFile(), ...words].map((word) => `'${word}'`).join(" ");
    const [before, after] = ["before", "after"].map((name) => join(folder, name));
    const shell = `stty -a > ${String(before)}; ${command}; echo "code $?"; stty -a > ${String(after)}`;
    const child = spawn("script", ["-qec", shell, "/dev/null"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    let shown = "";
    child.stdout.setEncoding("latin1").on("data", (text: string) => {
      shown += text;
      hear(shown, (typed) => child.stdin.write(typed));
    });
    child.on("error", reject);
    child.on("close", () => {
      resolve({ shown, settings: [before, after].map((path) => readFileSync(String(path), "utf8")) });
    });
  });

const terminal = (name: string, body: () => Promise<void>): void => {
  if (requires(name, ["script"])) test(name, body);
};

terminal(
  "given a terminal, when commands and Ctrl-A X are typed, then the guest obeys and the terminal is restored",
  () =>
    withTemporaryFolder(async (folder) => {
      let step = 0;
      const { shown, settings } = await onTerminal(folder, ["run", ...DEMO], (text, type) => {
        if (step === 0 && /demo> $/.test(text)) {
          step = 1;
          type("crc\r");
        }
        if (step === 1 && /crc32 of[^]*demo> $/.test(text)) {
          step = 2;
          type("\x01h\x01x");
        }
      });
      assert.match(shown, /Ctrl-A X quits/);
      // Once, by the guest: a terminal that is not raw would echo it as well.
      assert.is(shown.match(/crc[\r\n]/g)?.length, 1);
      assert.match(shown, /Ctrl-A Ctrl-A {2}type Ctrl-A/);
      assert.match(shown, /demo> [^]*ended from the terminal\r\n/);
      assert.match(shown, /code 0/);
      assert.is(settings[0], settings[1]);
    }),
);

terminal("given a terminal, when the guest powers off, then the terminal is restored", () =>
  withTemporaryFolder(async (folder) => {
    const { shown, settings } = await onTerminal(folder, ["run", ...DEMO, "--append", "panic 6"], () => undefined);
    assert.match(shown, /code 6/);
    assert.is(settings[0], settings[1]);
  }),
);

test.run();
