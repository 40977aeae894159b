/** Sources that are events of the log: bytes that came in, readings, what raised an interrupt. */
import { integerOf } from "../../../machine/little-endian.js";
import type { Unit } from "../../../reducers/devices.js";
import { isForUnit } from "../../../reducers/devices.js";
import type { StreamEvent } from "../../../reducers/stream-event.js";
import { hexOfBytes } from "../../../reducers/hex.js";
import type { Recording } from "../recording.js";
import { eventsBack } from "./events-back.js";
import { Source } from "./source.js";

/** The event itself; of its bytes those from `from` on, where that is given. */
export function eventSource(event: StreamEvent, from?: number, count = 0): Source {
  const { seq, icount, ns, type } = event;
  const bytes = bytesOf(event);
  const part = from === undefined ? undefined : bytes?.subarray(from, from + count);
  const where =
    from === undefined ? "" : ` bytes ${String(from)} to ${String(from + count - 1)} of ${String(bytes?.length)}`;
  const value = part === undefined ? numberIn(event) : integerOf(part);
  return new Source({
    kind: "event",
    place: type,
    value,
    at: { seq, icount, ns },
    hart: undefined,
    pc: undefined,
    function: undefined,
    line: undefined,
    text: `${where.trim()} ${payloadText(event, part)}`.trim(),
  });
}

/** The last event that a device took, or that a driver's notification had it handle. */
export function lastEventOf(recording: Recording, unit: Unit, seq: number): StreamEvent | undefined {
  const bottomHalves = unit.index === undefined ? undefined : `virtio${String(unit.index)}/`;
  for (const event of eventsBack(recording, seq)) {
    if (event.type === "bottomHalf/ran") {
      if (bottomHalves !== undefined && event.id.startsWith(bottomHalves)) return event;
    } else if (takes(unit, event)) return event;
  }
  return undefined;
}

/** The event of a type that a device took, `back` of them before the last one. */
export function eventBack(
  recording: Recording,
  unit: Unit,
  { type, back }: { readonly type: string; readonly back: number },
  seq: number,
): StreamEvent | undefined {
  let left = back;
  for (const event of eventsBack(recording, seq)) {
    if (event.type !== type || !takes(unit, event)) continue;
    if (left === 0) return event;
    left -= 1;
  }
  return undefined;
}

/** Whether an event is for a device. */
export const takes = ({ device, ...unit }: Unit, event: StreamEvent): boolean =>
  event.type in device.events && isForUnit(event, { device, ...unit });

/**
 * The sources of bytes in a stream: `offset` counts from where the bytes of the event `seq` begin, and a negative one
 * leads to the events before it.
 */
export function streamSources(recording: Recording, unit: Unit, seq: number, offset: number, count: number): Source[] {
  const found: Source[] = [];
  let end = offset + count;
  // Where the bytes of the event at hand begin.
  let begin = 0;
  for (const event of eventsBack(recording, seq)) {
    if (end <= offset) break;
    const bytes = takes(unit, event) ? bytesOf(event) : undefined;
    if (bytes === undefined) continue;
    if (event.seq !== seq) begin -= bytes.length;
    const from = Math.max(offset, begin);
    if (from >= end) continue;
    found.unshift(eventSource(event, from - begin, end - from));
    end = from;
  }
  return found;
}

export function bytesOf(event: StreamEvent): Uint8Array | undefined {
  return Object.values(event).find((field): field is Uint8Array => field instanceof Uint8Array);
}

const SHOWN_BYTES = 16;

function payloadText(event: StreamEvent, part: Uint8Array | undefined): string {
  if (part !== undefined) return shownBytes(part);
  const { seq: _seq, icount: _icount, ns: _ns, type: _type, ...payload } = event;
  return Object.entries(payload as Record<string, unknown>)
    .map(([name, field]) => `${name}=${field instanceof Uint8Array ? shownBytes(field) : shown(field)}`)
    .join(" ");
}

function shown(field: unknown): string {
  const text = String(field);
  const isLetter = typeof field === "number" && field > 0x20 && field < 0x7f;
  return isLetter ? `${text} '${String.fromCharCode(field)}'` : text;
}

const shownBytes = (bytes: Uint8Array): string =>
  `${hexOfBytes(bytes.subarray(0, SHOWN_BYTES))}${bytes.length > SHOWN_BYTES ? "…" : ""}`;

function numberIn(event: StreamEvent): bigint {
  const { seq: _seq, icount: _icount, ns: _ns, type: _type, ...payload } = event;
  const last = Object.values(payload as Record<string, unknown>).findLast(
    (field) => typeof field === "number" || typeof field === "bigint",
  );
  return BigInt(last ?? 0);
}
