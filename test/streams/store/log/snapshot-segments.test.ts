import { test } from "uvu";
import * as assert from "uvu/assert";

import {
  decodeDescription,
  decodeForgotten,
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
