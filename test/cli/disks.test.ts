// Disks on the command line: a recording's images that are elsewhere, states that go on with them, and what is written
// back.
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { diskGuest, READ, WRITE_OUT } from "../support/disk-guest.js";
import { numberedSectors } from "../support/memory-disk.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import { foldvm } from "./command-line.js";

const BASE = numberedSectors(64);
/** The first drive is in slot 1, where the guest looks for it. */
const SLOTS = ["--virtio", "none,none,rng,rng,rng,rng,rng,rng"];

interface Files {
  readonly disk: string;
  readonly other: string;
  readonly options: readonly string[];
  readonly at: (name: string) => string;
  readonly bytesOf: (name: string) => Uint8Array;
}

const withDisks = (work: (files: Files) => Promise<void>): Promise<void> =>
  withTemporaryFolder(async (folder) => {
    const at = (name: string): string => join(folder, name);
    const [kernel, disk, other] = [at("kernel.bin"), at("disk.raw"), at("other.raw")];
    const reads = [3, 4, 5].map((sector) => ({ type: READ, sector }));
    const writes = [10, 11, 12].map((sector) => ({ type: WRITE_OUT, sector }));
    writeFileSync(kernel, diskGuest([reads, writes, reads]));
    writeFileSync(disk, BASE);
    // The guest does not use it; it keeps the first one's slot.
    writeFileSync(other, numberedSectors(8));
    const options = ["--bios", "none", "--kernel", kernel, "--memory", "4M", "--seed", "x", ...SLOTS];
    await work({ disk, other, options, at, bytesOf: (name) => new Uint8Array(readFileSync(at(name))) });
  });

/** The numbers of the requests that wrote are what they wrote. */
const written = (): Uint8Array => {
  const bytes = BASE.slice();
  for (const [index, sector] of [10, 11, 12].entries()) {
    bytes.fill(0, sector * 512, sector * 512 + 512);
    bytes[sector * 512] = 4 + index;
  }
  return bytes;
};

const succeeds = async (...words: string[]): Promise<void> => {
  const { code, stderr } = await foldvm(words);
  assert.is(code, 0, `${words.join(" ")}: ${stderr}`);
};

test("given a recording whose disk is elsewhere, when it is named with --drive, then it replays; without it, or with another, the file is named", () =>
  withDisks(async ({ disk, other, options, at, bytesOf }) => {
    await succeeds("record", "-o", at("a.fold"), ...options, "--drive", disk, "--drive", other);
    assert.equal(bytesOf("disk.raw"), BASE, "the image is as it was");
    const moved = at("moved.raw");
    renameSync(disk, moved);
    const lost = await foldvm(["replay", at("a.fold")]);
    assert.is(lost.code, 66);
    assert.match(
      lost.stderr,
      /drive0 \(.*disk\.raw, 32768 bytes, sha256 [0-9a-f]{64}\) is not there; name the file with the option drives \(--drive/,
    );
    const wrong = await foldvm(["replay", at("a.fold"), "--drive", other]);
    assert.is(wrong.code, 66);
    assert.match(wrong.stderr, "is not the drive0 that was recorded");
    await succeeds("replay", at("a.fold"), "--drive", moved);
    await succeeds("verify", at("a.fold"), "--drive", moved);
    await succeeds("export-disk", at("a.fold"), "--drive", moved, "-o", at("end.raw"));
    assert.equal(bytesOf("end.raw"), written());
  }));

// Negative control, tried once: with an overlay's pages left out where a state is loaded (`disksFrom`) what was written
// before it is lost.
test("given a state saved amid a disk's writes, when a machine goes on from it, then the disk ends as in the first run, and the new recording replays", () =>
  withDisks(async ({ disk, other, options, at, bytesOf }) => {
    await succeeds("record", "-o", at("a.fold"), ...options, "--drive", disk, "--drive", other);
    const events = (await foldvm(["events", at("a.fold"), "--type", "virtioBlk/requestCompleted"])).stdout.split("\n");
    const { seq } = JSON.parse(events[4]!) as { readonly seq: number };
    const state = at("amid.fsnap");
    await succeeds("replay", at("a.fold"), "--until", `seq:${String(seq + 1)}`, "--save", state);
    const moved = at("moved.raw");
    renameSync(disk, moved);
    assert.is((await foldvm(["run", "--from", state])).code, 66);
    const strange = await foldvm(["run", "--from", state, "--drive", `file=${moved},serial=other`]);
    assert.is(strange.code, 65);
    assert.match(strange.stderr, 'it has no disk of {"serial":"other"}; name the drive\'s file alone');
    await succeeds("record", "--from", state, "-o", at("b.fold"), "--drive", moved);
    await succeeds("verify", at("b.fold"), "--drive", moved);
    await succeeds("export-disk", at("b.fold"), "--drive", moved, "-o", at("end.raw"));
    assert.equal(bytesOf("end.raw"), written());
    assert.equal(bytesOf("moved.raw"), BASE);
    await succeeds("run", "--from", state, "--drive", `file=${moved},writeback=on`);
    assert.equal(bytesOf("moved.raw"), written(), "what was written before and after the state");
  }));

// Negative control, tried once: without `writeBack` in the session the file is the base.
test("given --drive writeback=on, when the session ends, then the image is what the guest made of it; record refuses", () =>
  withDisks(async ({ disk, other, options, at, bytesOf }) => {
    const drives = ["--drive", `file=${disk},format=raw,writeback=on`, "--drive", other];
    const refused = await foldvm(["record", "-o", at("a.fold"), ...options, ...drives]);
    assert.is(refused.code, 2);
    assert.match(refused.stderr, "--drive writeback=on: a recording replays from its disks as they were");
    assert.equal(bytesOf("disk.raw"), BASE);
    await succeeds("run", ...options, ...drives);
    assert.equal(bytesOf("disk.raw"), written());
    assert.equal(bytesOf("other.raw"), numberedSectors(8));
  }));

test.run();
