/** What a recording is a branch of, and its branches, as far as they are there. */
import { copyFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { MAX_ANCESTORS, MAX_SIBLINGS, familyOf, type Family } from "../../../src/streams/session/family.js";
import { edits, fork, openRecording, type LogParent } from "../../../src/index.js";
import { memorySink, openLog, openWriter } from "../../../src/streams/store/log/index.js";
import { hex64 } from "../../../src/reducers/hex.js";
import { withTemporaryFolder } from "../../support/temporary-folder.js";
import { bytesOf, golden } from "../../support/branches.js";

const PLAIN = { machine: null, images: [] };

/** A recording without events. */
function empty(parent: LogParent | undefined): Uint8Array {
  const sink = memorySink();
  openWriter(sink, { ...PLAIN, parent }).abandon();
  return sink.bytes();
}

const parentOf = (path: string, bytes: Uint8Array): LogParent => ({
  ...{ path, digest: hex64(openLog(bytes).identity), seq: 0, icount: 0, seed: "", changes: [] },
});

const family = (path: string): Family => {
  const log = openLog(bytesAt(path));
  return familyOf(path, { digest: hex64(log.identity), parent: log.header.parent ?? null });
};

const written = new Map<string, Uint8Array>();
const write = (path: string, bytes: Uint8Array): void => {
  written.set(path, bytes);
  writeFileSync(path, bytes);
};
const bytesAt = (path: string): Uint8Array => written.get(path) ?? new Uint8Array();

test("given a chain of parents longer than is followed / when it is asked for / then it ends there", async () => {
  await withTemporaryFolder((folder) => {
    const at = (number: number): string => join(folder, `${String(number)}.fold`);
    let parent: LogParent | undefined;
    for (let number = 0; number <= MAX_ANCESTORS + 1; number += 1) {
      write(at(number), empty(parent));
      parent = parentOf(at(number), bytesAt(at(number)));
    }
    assert.is(family(at(MAX_ANCESTORS)).ancestors.length, MAX_ANCESTORS);
    assert.is(family(at(MAX_ANCESTORS + 1)).ancestors.length, MAX_ANCESTORS);
  });
});

test("given more files than are looked at / when branches are asked for / then those beyond are none", async () => {
  await withTemporaryFolder((folder) => {
    const root = join(folder, "zz.fold");
    write(root, empty(undefined));
    const branch = empty(parentOf(root, bytesAt(root)));
    for (let number = 0; number <= MAX_SIBLINGS; number += 1)
      writeFileSync(join(folder, `${String(number).padStart(5, "0")}.fold`), branch);
    assert.is(family(root).branches.length, MAX_SIBLINGS);
  });
});

test("given a parent that is gone, or another recording by now / when it is asked for / then it is not found", async () => {
  await withTemporaryFolder((folder) => {
    const [root, leaf] = [join(folder, "root.fold"), join(folder, "leaf.fold")];
    write(root, empty(undefined));
    write(leaf, empty(parentOf(root, bytesAt(root))));
    assert.is(family(leaf).ancestors[0]?.isFound, true);
    copyFileSync("logs/clock.fold", root);
    assert.is(family(leaf).ancestors[0]?.isFound, false);
    rmSync(root);
    assert.equal(
      family(leaf).ancestors.map(({ path, isFound }) => [path, isFound]),
      [[root, false]],
    );
    writeFileSync(join(folder, "damaged.fold"), "FOLD");
    assert.equal(family(leaf).branches, []);
  });
});

test("given a parent / when it is packed, moved or gets a snapshot / then its digest is the same", async () => {
  await withTemporaryFolder((folder) => {
    const path = join(folder, "race.fold");
    const parent = golden("race-passes");
    copyFileSync("logs/race-passes.fold", path);
    const moved = openRecording(path, { images: parent.images });
    moved.saveSnapshot("here", 1000);
    assert.is(moved.log.identity, parent.log.identity);
    const [first] = [...parent.eventsFrom()].filter(({ type }) => type === "uart16550/byteReceived");
    const branch = openLog(bytesOf(fork(parent, { edit: edits(parent).drop(first?.seq ?? 0) })));
    assert.is(branch.header.parent?.digest, parent.info.digest);
    assert.is(branch.formatVersion, 4);
  });
});

test.run();
