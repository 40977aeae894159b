/**
 * `npm run bench:rows`: how many events a second of CPU become lines of NDJSON, in bytes: from a recording of a
 * million, and from rows that are there, beside JSON.stringify of the same rows in the same process.
 */
import { Writable } from "node:stream";

import { memorySink, openRecording, rows as rowsOf } from "../src/index.js";
import { writeAll, writeComing } from "../src/streams/host/write-all.js";
import { openMachine } from "../src/streams/session/machine-options.js";
import { openWriter, STOPPED } from "../src/streams/store/log/index.js";
import { positionOf } from "../src/reducers/position.js";
import type { MachineEvent } from "../src/reducers/events.js";
import { rowLine } from "../src/streams/forms/ndjson.js";
import { eventRow, type EventRow } from "../src/streams/rows/row.js";

const EVENTS = 1_000_000;
const ROUNDS = 5;
const TARGET = 500_000;
const PIECE_CHARACTERS = 1 << 15;

/** As they come from a machine that is typed at and has timers. */
const KINDS: readonly MachineEvent[] = [
  { type: "clint/timerFired", hart: 0 },
  { type: "uart16550/byteReceived", byte: 97 },
  { type: "clock/warped", byNs: 1_234_567n },
];

const { header } = openMachine({ memory: "2M", kernel: new Uint8Array(4), seed: "bench" });
const sink = memorySink();
const writer = openWriter(sink, header);
for (let seq = 1; seq <= EVENTS; seq += 1) {
  const event = KINDS[seq % KINDS.length];
  if (event !== undefined) writer.append({ ...positionOf(seq, seq * 1234), event });
}
writer.close({ seq: EVENTS, icount: EVENTS * 1234, hash: 0n, cause: STOPPED });
const recording = openRecording(sink.bytes());

/** Events a second of this process' CPU: the best of the rounds. */
async function rate(work: () => number | Promise<number>): Promise<number> {
  let best = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = process.cpuUsage();
    const events = await work();
    const { user, system } = process.cpuUsage(before);
    best = Math.max(best, (events / (user + system)) * 1e6);
  }
  return best;
}

/** Takes bytes, as a file does. */
const nowhere = (): Writable => new Writable({ write: (_bytes, _encoding, done) => done() });

const log = await rate(() => {
  let count = 0;
  for (const _event of recording.eventsFrom()) count += 1;
  return count;
});
function* linesOfAll(): Generator<string> {
  for (const event of recording.eventsFrom()) yield `${rowLine(eventRow(event, 0))}\n`;
}
const told = await rate(async () => {
  await writeAll(nowhere(), linesOfAll());
  return EVENTS;
});
const merged = await rate(async () => {
  await writeComing(nowhere(), rowsOf(recording), (row) => `${rowLine(row)}\n`);
  return EVENTS;
});

// Only now: what is kept costs whoever makes more.
const rows: EventRow[] = [];
for (const event of recording.eventsFrom()) if (rows.length < EVENTS / 4) rows.push(eventRow(event, 0));
const stringified = (row: EventRow): string =>
  JSON.stringify(row, (_name, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
const each = (lineOf: (row: EventRow) => string) => (): number => {
  let piece = "";
  for (const row of rows) {
    piece += lineOf(row);
    if (piece.length < PIECE_CHARACTERS) continue;
    Buffer.from(piece);
    piece = "";
  }
  return rows.length;
};
const lines = await rate(each(rowLine));
const json = await rate(each(stringified));

const shown = (name: string, perSecond: number, note = ""): void => {
  console.log(
    `${name.padEnd(40)}${Math.round(perSecond).toLocaleString("en").padStart(12)} events/s  ${note}`.trimEnd(),
  );
};
const against = (perSecond: number): string =>
  perSecond >= TARGET ? "" : `MISSED: at least ${TARGET.toLocaleString("en")}`;
shown("read from a recording", log);
shown("and written, as foldvm events does", told, against(told));
shown("and as foldvm events --of does", merged, against(merged));
shown("rows that are there, as text", lines, `${(lines / json).toFixed(2)} of JSON.stringify`);
shown("JSON.stringify of the same", json);
