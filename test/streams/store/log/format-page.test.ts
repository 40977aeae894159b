// docs/log-format.md tells the truth: the file it shows is the one that is written, and it stays readable.
import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import type { MachineEvent } from "../../../../src/reducers/events.js";
import { LogError, memorySink, openWriter } from "../../../../src/streams/store/log/index.js";
import { OFFSETS } from "../../../../src/streams/store/log/segment.js";
import { readAll } from "./sample-recordings.js";

const PAGE = readFileSync(new URL("../../../../docs/log-format.md", import.meta.url), "utf8");

/** The bytes of the hexdump on the page. */
const shown = (): Uint8Array => {
  const [, dump = ""] = /```hexdump\n([^`]*)```/.exec(PAGE) ?? [];
  const digits = dump.split("\n").flatMap((line) => line.slice(10, 57).split(" "));
  return Uint8Array.from(
    digits.filter((pair) => pair !== ""),
    (pair) => Number.parseInt(pair, 16),
  );
};

const MACHINE = { memory: 134_217_728, shift: 0 };
const END = { icount: 2000, seq: 5, hash: 0x0123_4567_89ab_cdefn, cause: "guest" };
const RUN: readonly (readonly [icount: number, event: MachineEvent])[] = [
  [1000, { type: "clock/warped", byNs: 5000n }],
  [1000, { type: "clint/timerFired", hart: 0 }],
  [1300, { type: "uart16550/byteReceived", byte: 65 }],
  [1400, { type: "clock/warped", byNs: 4990n }],
  [1400, { type: "bottomHalf/ran", id: "virtio0/queue1" }],
];
const EVENTS = RUN.map(([icount, event], index) => ({ seq: index + 1, icount, event }));

test("given the file on the page, when read, then it is what the page says", () => {
  const result = readAll(shown());
  if (result instanceof LogError) throw result;
  assert.equal(result.log.header, { machine: MACHINE, images: [] });
  assert.equal(result.events, EVENTS);
  assert.equal(result.log.end, END);
});

test("given what the page says, when recorded, then it is the file on the page", () => {
  const sink = memorySink();
  const writer = openWriter(sink, { machine: MACHINE, images: [] });
  for (const event of EVENTS) writer.append(event);
  writer.close(END);
  assert.equal(sink.bytes(), shown());
});

test("given the table of the segment header, then its offsets are the program's", () => {
  const rows = [...PAGE.matchAll(/^\| (\d+) \| \d+ \| ([a-z ]+) \|/gm)];
  const offsets = rows.map(([, offset, name = ""]) => [
    name.replace(/ (.)/g, (_, letter: string) => letter.toUpperCase()),
    Number(offset),
  ]);
  assert.equal(Object.fromEntries(offsets), OFFSETS);
});

test.run();
