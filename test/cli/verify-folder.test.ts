/** `foldvm verify FOLDER`: a line for each recording, a report, and the code of the first that failed. */
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { fileSink } from "../../src/streams/host/file-sink.js";
import { openLogFile } from "../../src/streams/host/log-file.js";
import { openWriter } from "../../src/streams/store/log/index.js";
import { partsOf, written } from "../support/sample-recording.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import { foldvm } from "./command-line.js";

const KERNEL = ["--kernel", "guests/demo/demo.elf"];

/** Two that hold, one in a folder; another byte in one; one that is none; of one the header alone is left. */
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
    const log = openLogFile("logs/race-fails.fold");
    openWriter(fileSink(join(folder, "e.fold")), log.header).abandon();
    log.close();
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
        ["OK a.fold", "FAIL b.fold", "FAIL c.fold", "FAIL e.fold", "OK d.fold", "5 recordings, 3 failed"],
      );
      assert.match(lines[0] ?? "", /12,075,018 instructions, 49 events, \d+ state hash/);
      assert.match(readFileSync(junit, "utf8"), /<testsuites name="foldvm verify" tests="5" failures="1" errors="2"/);
    }
  }));

test("given a folder with links to recordings and to itself, when it is verified, then each file is once, and no folder twice", () =>
  withTemporaryFolder(async (folder) => {
    copyFileSync("logs/race-fails.fold", join(folder, "a.fold"));
    symlinkSync(join(folder, "a.fold"), join(folder, "b.fold"));
    symlinkSync(folder, join(folder, "again"));
    const { code, stdout } = await foldvm(["verify", folder, ...KERNEL]);
    assert.is(code, 0, stdout);
    assert.equal(stdout.match(/\w+\.fold/g), ["a.fold", "b.fold"]);
  }));

test("given --json, when a folder is verified, then each line is an object", () =>
  withFolder(async (folder) => {
    const { stdout } = await foldvm(["verify", folder, ...KERNEL, "--json"]);
    const rows = stdout
      .trim()
      .split("\n")
      .map(
        (line) =>
          JSON.parse(line) as { ok: boolean; code: number; cause: string; message?: string; instructions?: number },
      );
    assert.equal(
      rows.map(({ ok, code, cause }) => [ok, code, cause]),
      [
        [true, 0, "guest-panic"],
        [false, 3, "divergence"],
        [false, 65, "recording"],
        [false, 65, "truncated"],
        [true, 0, "guest-shutdown"],
      ],
    );
    assert.is(rows[0]?.instructions, 12_075_018);
    assert.is(rows[3]?.message, "CUT OFF before the first event: nothing of the run is left");
  }));

test("given one recording, when a report is asked for, then it is of that one", () =>
  withFolder(async (folder) => {
    const junit = join(folder, "report.xml");
    for (const [name, expected, says] of [
      ["a.fold", 0, /tests="1" failures="0" errors="0"/],
      ["e.fold", 65, /<error type="truncated" message="CUT OFF before the first event: nothing of the run is left">/],
    ] as const) {
      const { code, stdout } = await foldvm(["verify", join(folder, name), ...KERNEL, "--junit", junit]);
      assert.is(code, expected, stdout);
      assert.match(stdout, expected === 0 ? /^OK / : /^FAIL .* CUT OFF before the first event/);
      assert.match(readFileSync(junit, "utf8"), says);
    }
  }));

test("given a recording of the folder as the report's file, then it is refused, and kept", () =>
  withFolder(async (folder) => {
    const kept = join(folder, "more/d.fold");
    const before = readFileSync(kept);
    const { code, stdout, stderr } = await foldvm(["verify", folder, ...KERNEL, "--junit", kept]);
    assert.equal([code, stdout], [2, ""]);
    assert.match(stderr, /--junit .*d\.fold is a recording that is verified: write to another file/);
    assert.ok(before.equals(readFileSync(kept)));
  }));

for (const [name, words, expected] of [
  ["an empty folder", (folder: string) => [folder], 66],
  ["a report of the standard input", (folder: string) => ["-", "--junit", join(folder, "report.xml")], 2],
  ["more than one at once of one file", () => ["logs/race-fails.fold", "--jobs", "2"], 2],
  ["no jobs", (folder: string) => [folder, "--jobs", "0"], 2],
  ["more jobs than there may be", (folder: string) => [folder, "--jobs", "65"], 2],
] as const) {
  test(`given ${name}, when it is verified, then the code is ${String(expected)}`, () =>
    withTemporaryFolder(async (folder) => {
      assert.is((await foldvm(["verify", ...words(folder)])).code, expected);
    }));
}

test.run();
