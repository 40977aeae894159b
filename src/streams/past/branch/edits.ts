/** Edits of a branch's inputs, as rxjs operators: they go together with `pipe`, and with any other operator. */
import { concatMap, defer, endWith, from, of, type MonoTypeOperatorFunction } from "rxjs";

import { check } from "../../../options/check.js";
import { anyObject, exactly, maybe, value, whole } from "../../../options/codecs.js";
import { aRecording } from "../../../options/parts.js";
import { isEventType } from "../../../reducers/event-boundary.js";
import type { MachineEvent } from "../../../reducers/events.js";
import type { Recording } from "../recording.js";
import { checkUntil, type Until } from "../until.js";
import { BranchError } from "./branch-error.js";
import { eventOf, isInput, type BranchInput, type InputPlace } from "./branch-input.js";
import { instantOf } from "./fork-point.js";

export type InputEdit = MonoTypeOperatorFunction<BranchInput>;

/** Forwards, or back below 0. */
export interface Delay {
  readonly insns?: number | undefined;
  /** Of the virtual clock. */
  readonly ns?: bigint | undefined;
}

export interface Edits {
  /** Without the recording's event of that number. */
  readonly drop: (seq: number) => InputEdit;
  /** It comes later. */
  readonly delay: (seq: number, by: Delay) => InputEdit;
  /** With other members. */
  readonly change: (seq: number, members: Readonly<Record<string, unknown>>) => InputEdit;
  /** As a host that is broken gives it: an I/O error, a frame or a byte with a flipped bit, zeros for chance. */
  readonly fault: (seq: number) => InputEdit;
  /** More inputs at a place: before the events that stand at an icount, or after one of a number. */
  readonly insert: (at: Until, ...events: readonly MachineEvent[]) => InputEdit;
  /** A text at a place, typed at the UART. */
  readonly type: (at: Until, text: string) => InputEdit;
}

const signed = value("a whole number", (given) => Number.isSafeInteger(given));
const DELAY = exactly<Delay>({
  insns: maybe(signed),
  ns: maybe(value("a bigint", (given) => typeof given === "bigint")),
});

/** Edits of the inputs of a recording. An edit fails with BranchError where it does not fit them. */
export function edits(recording: Recording): Edits {
  check("edits", exactly<{ readonly recording: Recording }>({ recording: aRecording }), { recording });
  const { shift } = recording.config;
  const one = (seq: number, edit: (input: BranchInput) => readonly BranchInput[]): InputEdit => {
    check("edits", exactly<{ readonly seq: number }>({ seq: whole }), { seq });
    return editOf(recording, seq, edit);
  };
  const insert = (at: Until, ...events: readonly MachineEvent[]): InputEdit => {
    checkUntil("insert: at", at);
    return inserted(at, instantOf(recording, at), events);
  };
  return {
    drop: (seq) => one(seq, () => []),
    delay(seq, by) {
      check("delay", DELAY, by);
      return one(seq, (input) => [delayed(input, by, shift)]);
    },
    change(seq, members) {
      check("change", exactly<{ readonly members: unknown }>({ members: anyObject }), { members });
      return one(seq, (input) => [changed(input, members)]);
    },
    fault: (seq) => one(seq, (input) => [faulty(input)]),
    insert,
    type: (at, text) =>
      insert(
        at,
        ...Array.from(new TextEncoder().encode(text), (byte) => ({ type: "uart16550/byteReceived", byte }) as const),
      ),
  };
}

const editOf =
  (recording: Recording, seq: number, edit: (input: BranchInput) => readonly BranchInput[]): InputEdit =>
  (inputs$) =>
    defer(() => {
      let isFound = false;
      return inputs$.pipe(
        endWith(undefined),
        concatMap((input) => {
          if (input === undefined) {
            if (!isFound) throw noSuchInput(recording, seq);
            return [];
          }
          if (input.seq !== seq) return of(input);
          isFound = true;
          return from(edit(input));
        }),
      );
    });

function noSuchInput(recording: Recording, seq: number): BranchError {
  const { lastSeq, start } = recording.log;
  for (const event of recording.eventsFrom(seq)) {
    if (event.seq !== seq) break;
    const why = isInput(event)
      ? `at ${String(event.icount)}, comes before the place of the fork; fork earlier`
      : event.type === "clock/warped"
        ? "is a warp of the clock: a branch makes its own"
        : "is no input: the machine makes it itself";
    return new BranchError("NO_SUCH_INPUT", `event ${String(seq)}, ${event.type}, ${why}`, seq);
  }
  const range = `${String(start.seq + 1)} to ${String(lastSeq)}`;
  return new BranchError("NO_SUCH_INPUT", `there is no event ${String(seq)}; the recording has ${range}`);
}

/** Before the first input that comes after it. */
const inserted =
  (at: Until, place: InputPlace, events: readonly MachineEvent[]): InputEdit =>
  (inputs$) =>
    defer(() => {
      const seq = typeof at === "number" ? undefined : at.seq;
      const isBehind = (input: BranchInput): boolean =>
        seq === undefined || input.seq === undefined ? input.ns >= place.ns : input.seq > seq;
      let isDone = false;
      const rows = events.map((event): BranchInput => ({ ...event, ...place }));
      return inputs$.pipe(
        endWith(undefined),
        concatMap((input) => {
          if (isDone || (input !== undefined && !isBehind(input))) return input === undefined ? [] : [input];
          isDone = true;
          return input === undefined ? rows : [...rows, input];
        }),
      );
    });

function delayed(input: BranchInput, { insns = 0, ns = 0n }: Delay, shift: number): BranchInput {
  const byNs = ns + BigInt(insns) * (1n << BigInt(shift));
  const byInsns = insns + Number(ns >> BigInt(shift));
  const [icount, at] = [input.icount + byInsns, input.ns + byNs];
  return { ...input, icount: Math.max(icount, 0), ns: at < 0n ? 0n : at };
}

function changed(input: BranchInput, members: Readonly<Record<string, unknown>>): BranchInput {
  const { type } = input;
  const own = Object.keys(eventOf(input)).filter((member) => member !== "type");
  const strange = Object.keys(members).find((member) => !own.includes(member));
  if (strange === undefined && isEventType(type)) return { ...input, ...members };
  throw new BranchError(
    "INVALID_INPUT",
    `change: ${type} has no ${String(strange)}; it has ${own.join(", ") || "nothing"}`,
  );
}

const IO_ERROR = 1;

function faulty(input: BranchInput): BranchInput {
  switch (input.type) {
    case "virtioBlk/requestCompleted":
      return { ...input, status: IO_ERROR };
    case "virtioRng/entropyProvided":
      return { ...input, bytes: new Uint8Array(input.bytes.length) };
    case "virtioConsole/bytesReceived":
      return { ...input, bytes: withFlippedBit(input.bytes) };
    case "virtioNet/frameReceived":
      return { ...input, frame: withFlippedBit(input.frame) };
    case "virtioNet/linkChanged":
      return { ...input, up: input.up === 0 ? 1 : 0 };
    case "uart16550/byteReceived":
      return { ...input, byte: input.byte ^ 1 };
    case "goldfishRtc/hostClockRead":
      return { ...input, hostNs: 0n };
    default:
      throw new BranchError("INVALID_INPUT", `fault: a ${input.type} can't be faulty; drop, delay or change it`);
  }
}

/** In the last byte: a frame's end is its payload, which a checksum covers. */
const withFlippedBit = (bytes: Uint8Array): Uint8Array => {
  const copy = Uint8Array.from(bytes);
  const last = copy.length - 1;
  if (last >= 0) copy[last] = (copy[last] ?? 0) ^ 1;
  return copy;
};
