import { mkdirSync, renameSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { fileSink } from "../../src/streams/host/file-sink.js";
import { openWriter, type LogWriter } from "../../src/streams/store/log/index.js";
import { openMachine } from "../../src/streams/session/machine-options.js";
import { openRecording } from "../../src/streams/session/open-recording.js";
import { DEMO_ELF } from "../support/demo-guest.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import { DEMO, foldvm, testStdio, type TestStdio } from "./command-line.js";

interface Row {
  readonly seq: number;
  readonly icount: number;
}

const rowsOf = (text: string): readonly Row[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Row);

const seqs = (text: string): readonly number[] => rowsOf(text).map(({ seq }) => seq);

const until = async (stdio: TestStdio, count: number): Promise<void> => {
  for (let looks = 0; seqs(stdio.printed()).length < count; looks += 1) {
    if (looks > 500) throw new Error(`only ${stdio.printed()}`);
    await sleep(20);
  }
};

/** A recording that is written while `work` runs. */
const whileWritten = (work: (path: string, writer: LogWriter, add: () => void) => Promise<void>): Promise<void> =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.fold");
    const { header } = openMachine({ bios: "none", kernel: DEMO_ELF, memory: "4M", seed: "x" });
    const writer = openWriter(fileSink(path), header);
    const add = (): void => {
      const seq = writer.lastSeq + 1;
      writer.append({ seq, icount: seq * 1000, event: { type: "clock/warped", byNs: 5n } });
      writer.flush();
    };
    await work(path, writer, add);
  });

test("given a recording that is still written, when followed, then events come as they are written, until it is closed", async () => {
  await whileWritten(async (path, writer, add) => {
    add();
    const stdio = testStdio();
    const following = foldvm(["events", path, "--follow"], stdio);
    await until(stdio, 1);
    add();
    add();
    await until(stdio, 3);
    writer.close({ seq: 3, icount: 5000, hash: 1n, cause: "stopped" });
    const { code, stdout } = await following;
    assert.is(code, 0);
    assert.equal(seqs(stdout), [1, 2, 3]);
    assert.is(stdout, (await foldvm(["events", path])).stdout);
  });
});

test("given a recording that is not there yet, when followed, then it is waited for, and that is said", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "late.fold");
    const stdio = testStdio();
    const following = foldvm(["events", path, "--follow"], stdio);
    await sleep(50);
    // As it is between its creation and its first segment.
    writeFileSync(path, "");
    await sleep(300);
    const whole = join(folder, "whole.fold");
    await foldvm(["record", "-o", whole, ...DEMO, "--append", "poweroff"]);
    renameSync(whole, path);
    const { code, stdout, stderr } = await following;
    assert.is(code, 0, stderr);
    assert.is(stderr, `foldvm: ${path} is not there yet; waiting for it\n`);
    assert.is(stdout, (await foldvm(["events", path])).stdout);
  });
});

test("given --to, when the event has come, then following ends", async () => {
  await whileWritten(async (path, writer, add) => {
    add();
    add();
    const { code, stdout } = await foldvm(["events", path, "--follow", "--from", "2", "--to", "2"]);
    assert.is(code, 0);
    assert.equal(seqs(stdout), [2]);
    writer.abandon();
  });
});

test("given a recording that is still written, when its rows are followed, then they come as it grows, and no line early", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.fold");
    const { log } = openRecording("logs/race-fails.fold");
    const of = ["--of", "inputs,output,calls race_run", "--kernel", "guests/demo/demo.elf"];
    const whole = (await foldvm(["events", "logs/race-fails.fold", ...of])).stdout;
    const { end } = log;
    assert.ok(end !== undefined && whole.includes('"kind":"calls"'));
    const writer = openWriter(fileSink(path), log.header);
    const stdio = testStdio();
    const following = foldvm(["events", path, "--follow", ...of], stdio);
    for (const event of log.events()) {
      writer.append(event);
      if (![5, 30].includes(event.seq)) continue;
      writer.flush();
      // Lines that are whole by then, and none that has only begun.
      const rows = rowsOf(whole).filter(({ icount }) => icount < event.icount);
      await until(stdio, rows.length);
      assert.is(whole.indexOf(stdio.printed()), 0);
    }
    writer.close(end);
    const { code, stdout, stderr } = await following;
    assert.is(code, 0, stderr);
    assert.is(stdout, whole);
  }));

test("given a question that only a whole recording answers, when followed, then it is refused", () =>
  whileWritten(async (path, writer, add) => {
    add();
    const { code, stderr } = await foldvm(["events", path, "--follow", "--of", "signals"]);
    assert.is(code, 2, stderr);
    assert.match(stderr, /signals: this can't be asked of a recording while it is written; ask it once it is closed/);
    writer.abandon();
  }));

test("given a file that becomes shorter, when followed, then the error names it", async () => {
  await whileWritten(async (path, writer, add) => {
    add();
    const stdio = testStdio();
    const following = foldvm(["events", path, "--follow"], stdio);
    await until(stdio, 1);
    truncateSync(path, 10);
    const { code, stderr } = await following;
    assert.is(code, 66);
    assert.match(stderr, /a\.fold: it has 10 bytes, and had \d+/);
    writer.abandon();
  });
});

test("given --from with a place, then what is behind it comes, events and rows alike; a number is an event's", async () => {
  const told = async (...words: readonly string[]): Promise<readonly Row[]> => {
    const { code, stdout, stderr } = await foldvm(["events", "logs/race-fails.fold", ...words]);
    assert.is(code, 0, stderr);
    return rowsOf(stdout);
  };
  const of = ["--of", "inputs,predicted,output"];
  const after = (rows: readonly Row[]): readonly Row[] => rows.filter(({ seq }) => seq > 30);
  assert.equal(await told("--from", "seq:30"), after(await told()));
  assert.equal(seqs(JSON.stringify((await told("--from", "30"))[0])), [30]);
  const [first] = await told("--of", "output", "--from", "/FAIL/");
  assert.match(JSON.stringify(first), /"text":"L: 24 bytes received.*"mayBeCut":true/);
  const [event] = await told(...of, "--from", "seq:30");
  assert.ok(event !== undefined && event.seq >= 30);
  const { code, stderr } = await foldvm(["events", "logs/race-fails.fold", "--follow", "--from", "/FAIL/"]);
  assert.is(code, 2);
  assert.match(stderr, /--from \/FAIL\/: with --follow, give the first event's seq/);
});

test("given a link to a recording, then its images are found beside the link, and beside the file", () =>
  withTemporaryFolder(async (folder) => {
    const [linked, link] = [join(folder, "linked"), join(folder, "linked/a.fold")];
    mkdirSync(linked);
    symlinkSync(resolve("logs/race-fails.fold"), link);
    const { code, stderr } = await foldvm(["verify", link, "--quiet"]);
    assert.is(code, 0, stderr);
  }));

test("given standard input, when followed, then it is refused", async () => {
  const { code, stderr } = await foldvm(["events", "-", "--follow"]);
  assert.is(code, 2);
  assert.match(stderr, "--follow: name the file");
});

test("given --time, when printed, then the virtual time comes first, in seconds", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.fold");
    await foldvm(["record", "-o", path, ...DEMO, "--append", "poweroff", "--shift", "3"]);
    const { stdout } = await foldvm(["events", path, "--time"]);
    const [first = ""] = stdout.split("\n");
    const { time, ns } = JSON.parse(first) as { time: string; ns: string };
    assert.ok(first.startsWith('{"time":"0.0'));
    assert.is(BigInt(time.replace(".", "")), BigInt(ns));
  });
});

test.run();
