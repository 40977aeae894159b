/**
 * `npm run bench:rows`: how many events a second of CPU become lines of NDJSON, from a recording of a million and from
 * rows that are there, beside JSON.stringify of the same rows in the same process.
 */
import { memorySink, openRecording } from "../src/index.js";
import { openMachine } from "../src/streams/session/machine-options.js";
import { openWriter, STOPPED } from "../src/streams/store/log/index.js";
import { positionOf } from "../src/reducers/position.js";
import type { MachineEvent } from "../src/reducers/events.js";
import { rowLine } from "../src/streams/forms/ndjson.js";
import { eventRow, type EventRow } from "../src/streams/rows/row.js";

const EVENTS = 1_000_000;
const ROUNDS = 5;
const TARGET = 500_000;

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
const rows: EventRow[] = [];
for (const event of recording.eventsFrom()) if (rows.length < EVENTS / 4) rows.push(eventRow(event, 0));

const stringified = (row: EventRow): string =>
  JSON.stringify(row, (_name, value: unknown) => (typeof value === "bigint" ? value.toString() : value));

/** Events a second of this process' CPU: the best of the rounds. */
const rate = (work: () => number): number => {
  let best = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = process.cpuUsage();
    const events = work();
    const { user, system } = process.cpuUsage(before);
    best = Math.max(best, (events / (user + system)) * 1e6);
  }
  return best;
};

let characters = 0;
const each = (lineOf: (row: EventRow) => string) => (): number => {
  for (const row of rows) characters += lineOf(row).length;
  return rows.length;
};
const told = rate(() => {
  for (const event of recording.eventsFrom()) characters += rowLine(eventRow(event, 0)).length;
  return EVENTS;
});
const lines = rate(each(rowLine));
const json = rate(each(stringified));

const shown = (name: string, perSecond: number, note: string): void => {
  console.log(`${name.padEnd(40)}${Math.round(perSecond).toLocaleString("en").padStart(12)} events/s  ${note}`);
};
shown("read from a recording and told", told, told >= TARGET ? "" : `MISSED: at least ${TARGET.toLocaleString("en")}`);
shown("told", lines, `${(lines / json).toFixed(2)} of JSON.stringify`);
shown("JSON.stringify of the same", json, `${(characters / 1e9).toFixed(1)} G characters in all`);
