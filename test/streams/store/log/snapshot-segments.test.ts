import { test } from "uvu";
import * as assert from "uvu/assert";

import {
  decodeDescription,
  decodeForgotten,
  MAX_SNAPSHOT_BYTES,
  SnapshotName,
} from "../../../../src/streams/store/log/snapshot-segments.js";
import { LogError, memorySink, openWriter } from "../../../../src/streams/store/log/index.js";
import { openMachine } from "../../../../src/streams/session/machine-options.js";
import { spinning } from "../../../support/tiny-guests.js";

/** 200 bytes of UTF-8 in 100 letters. */
const LONGEST = "é".repeat(100);
const TOO_LONG = `${LONGEST}e`;

const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (fault) {
    assert.instance(fault, LogError);
    return (fault as LogError).code;
  }
  return "taken";
};

const written = (name: string): string => {
  const { header } = openMachine({ memory: "2M", bios: "none", kernel: spinning(), seed: "names" });
  const writer = openWriter(memorySink(), header);
  return codeOf(() => {
    writer.snapshot({ name, seq: 0, icount: 0, hash: 0n, bytes: Uint8Array.of(1) });
  });
};

test("given a snapshot's name of 200 bytes, when it is written, then it is taken; of one more, then it is refused", () => {
  assert.ok(SnapshotName.is(LONGEST));
  assert.is(written(LONGEST), "taken");
  assert.is(written(TOO_LONG), "INVALID_NAME");
});

test("given a snapshot of as many bytes as one has, when it is read, then it is taken; with one more, or none, then it is refused", () => {
  const sized = (size: number): string =>
    codeOf(() => decodeDescription({ name: "a", seq: 0, icount: 0, hash: "0", size }, { segment: 1, offset: 0 }));
  assert.is(sized(1), "taken");
  assert.is(sized(MAX_SNAPSHOT_BYTES), "taken");
  assert.is(sized(MAX_SNAPSHOT_BYTES + 1), "INVALID_SNAPSHOT");
  assert.is(sized(0), "INVALID_SNAPSHOT");
});

test("given a state of one byte more than a snapshot has, when it is written, then it is refused, and nothing is written", () => {
  const sink = memorySink();
  const { header } = openMachine({ memory: "2M", bios: "none", kernel: spinning(), seed: "names" });
  const writer = openWriter(sink, header);
  const before = sink.bytes().length;
  // No array of a test is so large.
  const bytes = { length: MAX_SNAPSHOT_BYTES + 1 } as Uint8Array;
  assert.throws(() => {
    writer.snapshot({ name: "large", seq: 0, icount: 0, hash: 0n, bytes });
  }, /"large" 4294967297; save the state to a file of its own/);
  assert.is(sink.bytes().length, before);
});

test("given a snapshot's name of 200 bytes, when it is read, then it is taken; of one more, then the segment is refused", () => {
  const described = (name: string) => ({ name, seq: 0, icount: 0, hash: "0", size: 1 });
  const place = { segment: 1, offset: 0 };
  assert.is(
    codeOf(() => decodeDescription(described(LONGEST), place)),
    "taken",
  );
  assert.is(
    codeOf(() => decodeDescription(described(TOO_LONG), place)),
    "INVALID_SNAPSHOT",
  );
  assert.is(
    codeOf(() => decodeForgotten({ name: LONGEST }, place)),
    "taken",
  );
  assert.is(
    codeOf(() => decodeForgotten({ name: TOO_LONG }, place)),
    "INVALID_SNAPSHOT",
  );
});

test.run();
