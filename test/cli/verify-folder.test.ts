/** `foldvm verify FOLDER`: a line for each recording, a report, and the code of the first that failed. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { partsOf, written } from "../support/sample-recording.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import { foldvm } from "./command-line.js";

const KERNEL = ["--kernel", "guests/demo/demo.elf"];

/** Two that hold, one in a folder; one whose byte is another; one that is none. */
const withFolder = (work: (folder: string) => Promise<void>): Promise<void> =>
  withTemporaryFolder((folder) => {
    mkdirSync(join(folder, "more"));
    copyFileSync("logs/race-fails.fold", join(folder, "a.fold"));
    copyFileSync("logs/race-passes.fold", join(folder, "more/d.fold"));
    const parts = partsOf(readFileSync("logs/race-fails.fold"));
    const events = parts.events.map((positioned) =>
      positioned.event.type === "uart16550/byteReceived" && positioned.event.byte === 97
        ? { ...positioned, event: { ...positioned.event, byte: 98 } }
        : positioned,
    );
    writeFileSync(join(folder, "b.fold"), written({ ...parts, events }));
    writeFileSync(join(folder, "c.fold"), "no recording");
    return work(folder);
  });

test("given a folder, when it is verified, then there is a line for each recording, and a report", () =>
  withFolder(async (folder) => {
    const junit = join(folder, "report.xml");
    for (const jobs of ["1", "3"]) {
      const { code, stdout } = await foldvm(["verify", folder, ...KERNEL, "--jobs", jobs, "--junit", junit]);
      assert.is(code, 3, stdout);
      const lines = stdout.trim().split("\n");
      assert.equal(
        lines.map((line) => line.replace(/^(\w+) +\S*\/(\S+) .*$/, "$1 $2")),
        ["OK a.fold", "FAIL b.fold", "FAIL c.fold", "OK d.fold", "4 recordings, 2 failed"],
      );
      assert.match(lines[0] ?? "", /12,075,018 instructions, 49 events, \d+ state hash/);
      assert.match(readFileSync(junit, "utf8"), /<testsuites name="foldvm verify" tests="4" failures="1" errors="1"/);
    }
  }));

test("given --json, when a folder is verified, then each line is an object", () =>
  withFolder(async (folder) => {
    const { stdout } = await foldvm(["verify", folder, ...KERNEL, "--json"]);
    const rows = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { ok: boolean; code: number; cause: string; instructions?: number });
    assert.equal(
      rows.map(({ ok, code, cause }) => [ok, code, cause]),
      [
        [true, 0, "guest-panic"],
        [false, 3, "divergence"],
        [false, 65, "recording"],
        [true, 0, "guest-shutdown"],
      ],
    );
    assert.is(rows[0]?.instructions, 12_075_018);
  }));

for (const [name, words, expected] of [
  ["an empty folder", (folder: string) => [folder], 66],
  ["a report of one file", () => ["logs/race-fails.fold", "--junit", "report.xml"], 2],
  ["no jobs", (folder: string) => [folder, "--jobs", "0"], 2],
  ["more jobs than there may be", (folder: string) => [folder, "--jobs", "65"], 2],
] as const) {
  test(`given ${name}, when it is verified, then the code is ${String(expected)}`, () =>
    withTemporaryFolder(async (folder) => {
      assert.is((await foldvm(["verify", ...words(folder)])).code, expected);
    }));
}

test.run();
