// Through Debian's kernel: a byte that was typed into a program's memory, a disk's sector through the page cache, and a
// file that the guest wrote, from the disk back to the keys.
// test-time-limit-seconds: 1800
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { debianMachine } from "../../../../scripts/debian/debian-machine.js";
import { PROMPT } from "../../../../scripts/debian/initramfs.js";
import { readVirtual } from "../../../../src/machine/inspect.js";
import type { StreamEvent } from "../../../../src/reducers/stream-event.js";
import type { Moment } from "../../../../src/streams/past/moment.js";
import { at } from "../../../../src/streams/past/query/at.js";
import { traps } from "../../../../src/streams/past/query/index.js";
import type { Recording } from "../../../../src/streams/past/recording.js";
import { treeLines, whence, type Source } from "../../../../src/streams/past/whence/index.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { requiresDebian, requiresDebianDisk } from "../../../support/debian.js";
import { recordInNewProcess } from "../../../support/replay-process.js";
import { freshSeed } from "../../../support/seeded-random.js";
import { withTemporaryFolder } from "../../../support/temporary-folder.js";

const SYS_READ = 63n;

/** What a program had read, right after the system call, and where it lies. */
function afterReading(
  recording: Recording,
  text: string,
  from: number,
): { readonly moment: Moment; readonly buffer: bigint } {
  const calls = traps(recording, { of: "ecallFromU", from: { seq: from } }).toArray();
  for (const [index, { args }] of calls.entries()) {
    const [, buffer = 0n] = args;
    const next = calls[index + 1];
    if (args[7] !== SYS_READ || next === undefined) continue;
    const moment = at(recording, next);
    const bytes = readVirtual(moment.state, buffer, text.length);
    if (bytes !== undefined && Buffer.from(bytes).toString("latin1") === text) return { moment, buffer };
  }
  throw new Error(`no program read ${JSON.stringify(text)}`);
}

/** The ways back from a node, one after the other, each once. */
function* nodesOf(source: Source, seen = new Set<Source>()): Generator<Source> {
  if (seen.has(source)) return;
  seen.add(source);
  yield source;
  for (const one of source.sources()) yield* nodesOf(one, seen);
}

const leavesOf = (source: Source): Source[] => [...nodesOf(source)].filter((one) => one.sources().length === 0);

type Received = StreamEvent & { readonly byte: number };

/** The events that brought a text, which was typed once. */
function typedEvents(recording: Recording, text: string): readonly Received[] {
  const events = [...recording.eventsFrom()].filter(
    (event): event is Received => event.type === "uart16550/byteReceived",
  );
  const first = String.fromCharCode(...events.map(({ byte }) => byte)).indexOf(text);
  assert.ok(first >= 0, `${text} was not typed`);
  return events.slice(first, first + text.length);
}

const seed = freshSeed();
const TYPED = "a line to follow";
const images = await requiresDebian("a typed byte is followed into a program");

if (images !== undefined) {
  test(`given a line typed at a program under Debian (seed ${String(seed)}), when its bytes in the program's memory are followed, then they lead to the keys`, () =>
    withTemporaryFolder(async (folder) => {
      const path = join(folder, "typed.fold");
      await recordInNewProcess(
        {
          seed,
          machine: debianMachine(images),
          steps: [
            // The shell no longer reads the terminal once it says so. The quotes keep it from being said by the echo.
            { awaits: PROMPT, types: "echo re''ady; cat\n" },
            // The line, and the end of the input.
            { awaits: "ready", types: `${TYPED}\n\u0004` },
            { awaits: PROMPT, types: "poweroff\n" },
          ],
          sequence: { sleep: false, checkpointInsns: 1 << 26 },
          timeLimitMs: 900_000,
        },
        path,
      );
      const recording = openRecording(path);
      const typed = typedEvents(recording, `${TYPED}\n`);
      const { moment, buffer } = afterReading(recording, TYPED, typed[0]?.seq ?? 0);
      for (const index of [0, 7, TYPED.length - 1]) {
        const source = whence(moment, { address: buffer + BigInt(index), bytes: 1 });
        const [leaf, ...more] = leavesOf(source);
        assert.equal(
          [more.length, leaf?.kind, leaf?.at?.seq],
          [0, "event", typed[index]?.seq],
          treeLines(source, { depth: 40 }).join("\n"),
        );
        const functions = [...nodesOf(source)].flatMap((node) => node.function ?? []);
        assert.ok(functions.length > 3, functions.join(" "));
      }
      recording.close();
    }));
}

const BASH_PROMPT = "debian:~# ";
const WRITTEN = "written by hand";
const disk = await requiresDebianDisk("a disk's sector is followed through the page cache");

if (disk !== undefined) {
  test(`given files on a disk under Debian (seed ${String(seed)}), when what a program read of them is followed, then it leads to the image's sector, and to the keys that wrote it`, () =>
    withTemporaryFolder(async (folder) => {
      const path = join(folder, "disk.fold");
      const forget = "sync; echo 3 > /proc/sys/vm/drop_caches";
      await recordInNewProcess(
        {
          seed,
          machine: { ...debianMachine(disk), drives: [{ file: disk.root, format: "raw" }] },
          steps: [
            { awaits: BASH_PROMPT, types: `echo ${WRITTEN} > f; ${forget}\n` },
            { awaits: BASH_PROMPT, types: "cat f /etc/hostname /etc/debian_version\n" },
            { awaits: BASH_PROMPT, types: "poweroff\n" },
          ],
          sequence: { sleep: false, checkpointInsns: 1 << 26 },
          timeLimitMs: 900_000,
        },
        path,
      );
      const recording = openRecording(path);
      const cat = typedEvents(recording, "cat f /etc")[0]?.seq ?? 0;

      const written = afterReading(recording, `${WRITTEN}\n`, cat);
      const source = whence(written.moment, { address: written.buffer + 2n, bytes: 1 });
      const nodes = [...nodesOf(source)];
      const shown = treeLines(source, { depth: 60, nodes: 300 }).join("\n");
      assert.ok(nodes.filter(({ kind }) => kind === "copied").length >= 2, `to the disk and back:\n${shown}`);
      const keys = typedEvents(recording, `echo ${WRITTEN}`);
      const leaves = leavesOf(source).filter(({ kind }) => kind === "event");
      assert.equal(
        leaves.map(({ at: when }) => when?.seq),
        [keys["echo ".length + 2]?.seq],
        shown,
      );

      const version = afterReading(recording, "13", cat);
      const sector = whence(version.moment, { address: version.buffer, bytes: 1 });
      const [image, ...more] = leavesOf(sector);
      assert.equal([more.length, image?.kind], [0, "image"], treeLines(sector, { depth: 40 }).join("\n"));
      const [, number = ""] = /, sector (\d+)$/.exec(image?.text ?? "") ?? [];
      const bytes = new Uint8Array(512);
      [...recording.disks.values()][0]?.read(Number(number) * 512, bytes);
      assert.match(Buffer.from(bytes).toString("latin1"), /13/);
      recording.close();
    }));
}

test.run();
