import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { suite } from "uvu";
import * as assert from "uvu/assert";

import { fileSink } from "../../src/streams/host/file-sink.js";
import { openLogFile } from "../../src/streams/host/log-file.js";
import { openWriter } from "../../src/streams/store/log/index.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import { DEMO, ended, foldvm, startFoldvm, testStdio, type Answer } from "./command-line.js";

const test = suite("a recording on the command line");

const CHECKPOINTS = ["--checkpoint", "1000000"];

interface Recorded {
  readonly bytes: Uint8Array;
  readonly answer: Answer;
}

let recorded: Promise<Recorded> | undefined;

const record = (): Promise<Recorded> =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.fold");
    const stdio = testStdio();
    stdio.stdin.end("crc\nprimes 100\npanic 3\n");
    const answer = await foldvm(["record", "-o", path, ...DEMO, ...CHECKPOINTS, "--append", "memtest"], stdio);
    assert.is(answer.code, 3);
    return { bytes: readFileSync(path), answer };
  });

/** A recording with typed input; `work` gets the path of a copy and what was printed when it was made. */
const withRecording = (work: (path: string, recorded: Answer) => Promise<void>): Promise<void> =>
  withTemporaryFolder(async (folder) => {
    const { bytes, answer } = await (recorded ??= record());
    const path = join(folder, "a.fold");
    writeFileSync(path, bytes);
    await work(path, answer);
  });

test("given a recording, when replayed in a fresh process, then its console has the same bytes", async () => {
  await withRecording(async (path, recorded) => {
    const { code, stdout, stderr } = await ended(startFoldvm(["replay", path]));
    assert.is(code, 0);
    assert.is(stdout, recorded.stdout);
    const hash = /state hash ([0-9a-f]{16})/.exec(recorded.stderr)?.[1];
    assert.match(stderr, new RegExp(`state hash ${String(hash)}`));
  });
});

test("given a place to print from, when replayed, then only what follows is printed, and it ends in the same state", async () => {
  await withRecording(async (path, recorded) => {
    const { code, stdout, stderr } = await foldvm(["replay", path, "--from", "/panic/"]);
    assert.is(code, 0, stderr);
    const typed = recorded.stdout.indexOf("panic 3");
    assert.ok(typed > 0 && stdout.length > 0, stdout);
    assert.ok(recorded.stdout.slice(typed).endsWith(stdout), stdout);
    assert.match(stderr, new RegExp(`state hash ${String(/state hash ([0-9a-f]{16})/.exec(recorded.stderr)?.[1])}`));
    const wrong = await foldvm(["replay", path, "--from", "1000", "--until", "10"]);
    assert.match(wrong.stderr, /icount 10 lies before the machine's/);
    assert.is((await foldvm(["replay", path, "--from", "10", "--monitor"])).code, 2);
  });
});

test("given a recording, when verified, then all its state hashes are compared", async () => {
  await withRecording(async (path) => {
    const log = openLogFile(path);
    const checkpoints = [...log.events()].filter(({ event }) => event.type === "checkpoint/hashed").length;
    const { code, stdout } = await foldvm(["verify", path, "--json"]);
    assert.is(code, 0);
    const result = JSON.parse(stdout) as Record<string, unknown>;
    assert.is(result["ok"], true);
    assert.is(result["stateHashes"], checkpoints + 1);
    assert.is(result["instructions"], log.end?.icount);
    assert.match((await foldvm(["verify", path])).stdout, /^OK: [\d,]+ instructions, [\d,]+ events/);
    log.close();
  });
});

test("given a recording with another byte typed, when verified, then the divergence is told and the code is 3", async () => {
  await withRecording(async (path) => {
    const changed = `${path}.changed`;
    rewrite(path, changed);
    const { code, stderr, stdout } = await foldvm(["verify", changed]);
    assert.is(code, 3);
    assert.is(stdout, "");
    assert.match(stderr, /diverges from the recording at seq \d+, icount \d+: \w+: the recording has .*, the machine/);
    assert.is(stderr.trim().split("\n").length, 1);
    const json = JSON.parse((await foldvm(["verify", changed, "--json"])).stdout) as {
      ok: boolean;
      divergence: Record<string, unknown>;
    };
    assert.is(json.ok, false);
    assert.equal(Object.keys(json.divergence), ["seq", "icount", "field", "expected", "actual"]);
  });
});

/** The recording, but the first typed byte is another. */
function rewrite(path: string, changed: string): void {
  const log = openLogFile(path);
  const writer = openWriter(fileSink(changed), log.header);
  let isDone = false;
  for (const event of log.events()) {
    const isFirst: boolean = !isDone && event.event.type === "uart16550/byteReceived";
    isDone ||= isFirst;
    writer.append(isFirst ? { ...event, event: { type: "uart16550/byteReceived", byte: 0x7a } } : event);
  }
  if (log.end !== undefined) writer.close(log.end);
  log.close();
}

test("given a recording that was cut off, when replayed, then it goes to the last whole segment and says so", async () => {
  await withRecording(async (path, recorded) => {
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.subarray(0, bytes.length - 5));
    const { code, stdout, stderr } = await foldvm(["replay", path]);
    assert.is(code, 0);
    assert.ok(recorded.stdout.startsWith(stdout));
    assert.match(stderr, /cut off: its whole segments end at byte [\d,]+ of [\d,]+, with event [\d,]+/);
    const verified = await foldvm(["verify", path]);
    assert.is(verified.code, 0);
    assert.match(verified.stdout, /^CUT OFF, and OK up to there: [\d,]+ instructions/);
    assert.match(verified.stderr, /cut off/);
  });
});

test("given a recording of which its header alone is left, when verified, then it is not OK", async () => {
  await withRecording(async (path) => {
    const log = openLogFile(path);
    openWriter(fileSink(`${path}.cut`), log.header).abandon();
    log.close();
    const { code, stdout } = await foldvm(["verify", `${path}.cut`]);
    assert.is(code, 65);
    assert.match(stdout, /^CUT OFF before the first event/);
    const json = JSON.parse((await foldvm(["verify", `${path}.cut`, "--json"])).stdout) as { ok: boolean };
    assert.is(json.ok, false);
  });
});

test("given a position, when replayed until there, then it stops there, the same each time", async () => {
  await withRecording(async (path, recorded) => {
    for (const where of ["2_000_000", "seq:5", "3000000"]) {
      const first = await foldvm(["replay", path, "--until", where]);
      const second = await foldvm(["replay", path, "--until", where]);
      assert.is(first.code, 0);
      assert.ok(recorded.stdout.startsWith(first.stdout));
      assert.is(hashOf(first), hashOf(second));
    }
    assert.match((await foldvm(["replay", path, "--until", "2000000"])).stderr, /instruction 2,000,000, event/);
    assert.match((await foldvm(["replay", path, "--until", "seq:5"])).stderr, /event 5; /);
  });
});

const hashOf = ({ stderr }: Answer): string | undefined => /state hash ([0-9a-f]{16})/.exec(stderr)?.[1];

test("given a position that is none, when replayed until there, then nothing runs and the code is 2", async () => {
  await withRecording(async (path) => {
    for (const where of ["999999999999", "seq:99999999", "soon", "-5", "5@999999999"]) {
      const { code, stdout, stderr } = await foldvm(["replay", path, "--until", where]);
      assert.is(code, 2, where);
      if (!where.includes("@")) assert.is(stdout, "");
      assert.is(stderr.trim().split("\n").length, 1);
    }
  });
});

test("given a recording, when asked for info, then it has the promised members", async () => {
  await withRecording(async (path) => {
    const facts = JSON.parse((await foldvm(["info", path, "--json"])).stdout) as Record<string, unknown>;
    for (const name of [
      "instructions",
      "events",
      "bytes",
      "stateHash",
      "machine",
      "complete",
      "cause",
      "segments",
      "images",
    ]) {
      assert.ok(name in facts, name);
    }
    assert.is(facts["bytes"], readFileSync(path).length);
    const { stdout } = await foldvm(["info", path]);
    assert.match(stdout, new RegExp(`state hash +${String(facts["stateHash"])}`));
  });
});

test("given a recording, when its events are printed, then each is a line of JSON", async () => {
  await withRecording(async (path) => {
    const parse = ({ stdout }: Answer): { seq: number; type: string }[] =>
      stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as { seq: number; type: string });
    const all = parse(await foldvm(["events", path]));
    all.forEach(({ seq }, index) => {
      assert.is(seq, index + 1);
    });
    const typed = parse(await foldvm(["events", path, "--type", "uart16550/*"]));
    assert.is(typed.length, "crc\nprimes 100\npanic 3\n".length);
    const some = parse(await foldvm(["events", path, "--from", "3", "--to", "5"]));
    assert.equal(
      some.map(({ seq }) => seq),
      [3, 4, 5],
    );
    const { code, stderr } = await foldvm(["events", path, "--type", "nonsense"]);
    assert.is(code, 2);
    assert.match(stderr, /no such event; there are uart16550\/byteReceived/);
  });
});

test("given images that are gone or others, when replayed, then the message names role, digest and option", async () => {
  await withRecording(async (path) => {
    const { code, stderr } = await foldvm(["replay", path, "--kernel", path]);
    assert.is(code, 66);
    assert.match(stderr, /is not the kernel that was recorded: its sha256 is [0-9a-f]{64}.*option kernel/);
  });
});

test("given a reader that goes away, when events or a console are printed, then it ends in silence with 0", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "long.fold");
    await foldvm(["record", "-o", path, ...DEMO, "--checkpoint", "1000", "--append", "memtest; poweroff"]);
    for (const words of [
      ["events", path],
      ["replay", path, "-q"],
    ]) {
      const child = startFoldvm(words);
      child.stdout.once("data", () => child.stdout.destroy());
      const { code, signal, stderr } = await ended(child);
      assert.equal({ code, signal, stderr }, { code: 0, signal: null, stderr: "" }, words[0]);
    }
  });
});

test("given a recording to begin in, when no snapshot is named, then the answer names those that it has", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.fold");
    await foldvm(["record", "-o", path, ...DEMO, "--append", "poweroff"]);
    const bare = await foldvm(["run", "--from", path]);
    assert.is(bare.code, 2);
    assert.match(bare.stderr, /a\.fold is a recording, and has no snapshot .*a\.fold#NAME/);
    for (const name of ["s1", "s2"]) await foldvm(["snapshots", path, "--save", name, "--at", "1000"]);
    const { code, stderr } = await foldvm(["run", "--from", path]);
    assert.is(code, 2);
    assert.match(stderr, `${path} is a recording; name a snapshot: ${path}#s1; others are ${path}#s2`);
  });
});

test.run();
