/** What is written into a named pipe: its reader gets it whole, and where there is none, that is said at once. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { withTemporaryFolder } from "../support/temporary-folder.js";
import { commandFile, foldvm } from "./command-line.js";

const RECORDING = "logs/session.fold";

const COMMANDS: readonly (readonly string[])[] = [
  ["core", RECORDING, "--quiet", "-o"],
  ["pack", RECORDING, "--quiet", "-o"],
  ["fork", RECORDING, "--at", "1000", "--quiet", "-o"],
  ["query", RECORDING, "traps", "--quiet", "--parquet"],
  ["replay", RECORDING, "--quiet", "--save"],
];

for (const words of COMMANDS) {
  const name = words.join(" ").replace(RECORDING, "FILE");

  test(`given a pipe that nobody reads, when foldvm ${name} PIPE is called, then it says so`, () =>
    withTemporaryFolder(async (folder) => {
      const pipe = join(folder, "pipe");
      execFileSync("mkfifo", [pipe]);
      const { code, stderr } = await foldvm([...words, pipe]);
      assert.is(code, 73, stderr);
      assert.match(stderr, /a pipe that nobody reads: begin its reader first/);
    }));

  test(`given a pipe with a reader, when foldvm ${name} PIPE is called, then it gets what a file gets`, () =>
    withTemporaryFolder(async (folder) => {
      const [pipe, file] = [join(folder, "pipe"), join(folder, "file")];
      execFileSync("mkfifo", [pipe]);
      const reader = spawn("cat", [pipe], { stdio: ["ignore", "pipe", "inherit"] });
      const parts: Buffer[] = [];
      reader.stdout.on("data", (part: Buffer) => parts.push(part));
      const read = once(reader, "close");
      // In a process of its own: it waits where the pipe is full.
      const command = spawn(process.execPath, [commandFile(), ...words, pipe], { stdio: "ignore" });
      assert.is((await once(command, "close"))[0], 0);
      await read;
      assert.is((await foldvm([...words, file])).code, 0);
      assert.is(Buffer.compare(Buffer.concat(parts), readFileSync(file)), 0);
    }));
}

test.run();
