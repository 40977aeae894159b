/** `at`: the moment of a recording that somebody means. */
import { check } from "../../../options/check.js";
import { anything, exactly, maybe } from "../../../options/codecs.js";
import { OptionError } from "../../../options/option-error.js";
import { aRecording } from "../../../options/parts.js";
import type { EventType } from "../../../reducers/events.js";
import type { Instant, StreamEvent } from "../../../reducers/stream-event.js";
import * as clock from "../../../reducers/clock.js";
import { matchingTypes, nearestTypes } from "../../store/event-types.js";
import { Moment } from "../moment.js";
import { firstText } from "./first-text.js";
import type { Recording } from "../recording.js";
import { PositionError } from "../replayer.js";
import { checkUntil, type Until } from "../until.js";

/**
 * An icount, `{ seq }`, `{ seq, icount }`; `{ ns }`: the first instant at which the virtual clock has come so far;
 * `{ text }`: a console is about to print the end of it; `{ event }`: right after the first of a type (`uart16550/*` is
 * all of a device), or the first that a function knows; a row of an answer, an event or a moment: there.
 */
export type When =
  | Until
  | Instant
  | { readonly ns: bigint | number }
  | { readonly text: string | RegExp }
  | { readonly event: EventType | `${string}/*` | ((event: StreamEvent) => boolean) };

/**
 * A moment of a recording; its end where none is said. What is at a position costs nothing yet. @throws {PositionError}
 * where there is no such one @throws {OptionError} for anything else
 */
export function at(recording: Recording, when?: When): Moment {
  check("at", exactly<{ readonly recording: Recording }>({ recording: aRecording }), { recording });
  check("at", exactly<{ readonly when?: When }>({ when: maybe(anything) }), { when });
  return new Moment(recording, untilOf(recording, when));
}

/** Where that is, as a replay goes there. @throws {PositionError} @throws {OptionError} */
export function untilOf(recording: Recording, when: When | undefined): Until | undefined {
  if (when === undefined || typeof when === "number") {
    checkUntil("at", when);
    return when;
  }
  if (typeof when !== "object" || (when as unknown) === null) throw notAPlace(when);
  if ("seq" in when || "icount" in when) {
    // A row, an event or a moment has more than its position.
    const { seq, icount } = when;
    const until = { ...(seq !== undefined && { seq }), ...(icount !== undefined && { icount }) };
    checkUntil("at", until);
    return until;
  }
  if ("ns" in when) return atNs(recording, when.ns);
  if ("text" in when) return atText(recording, when.text);
  if ("event" in when) return atEvent(recording, when.event);
  throw notAPlace();
}

function atNs(recording: Recording, given: bigint | number): Until {
  if (typeof given === "number" && !(Number.isSafeInteger(given) && given >= 0)) throw notAPlace();
  const ns = BigInt(given);
  const { shift } = recording.config;
  // Between two events the clock goes with the instructions; an event may let it jump.
  let before = 0n;
  for (const event of recording.eventsFrom()) {
    const icount = clock.icountAt({ biasNs: before }, shift, ns);
    if (icount <= event.icount) return icount;
    before = event.ns - BigInt(event.icount * 2 ** shift);
    if (event.ns >= ns) return { seq: event.seq };
  }
  const icount = clock.icountAt({ biasNs: before }, shift, ns);
  if (icount <= recording.info.instructions) return icount;
  throw new PositionError(`the recording ends before its virtual clock comes to ${String(ns)} ns`);
}

function atText(recording: Recording, text: string | RegExp): Until {
  if (typeof text !== "string" && !(text instanceof RegExp)) throw notAPlace();
  const steps = textSteps(recording, text);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** Where a console prints a text first, a stretch at a time: the host can have its turns. @throws {PositionError} */
export function* textSteps(recording: Recording, text: string | RegExp): Generator<undefined, Until> {
  const found = yield* firstText(recording, text);
  if (found !== undefined) return found;
  throw new PositionError(`no console prints ${typeof text === "string" ? JSON.stringify(text) : String(text)}`);
}

function atEvent(recording: Recording, wanted: Extract<When, { event: unknown }>["event"]): Until {
  if (typeof wanted !== "string" && typeof wanted !== "function") throw notAPlace();
  const types: readonly string[] = typeof wanted === "string" ? matchingTypes(wanted) : [];
  if (typeof wanted === "string" && types.length === 0) {
    throw new OptionError(`at: there is no event ${wanted}; ${nearestTypes(wanted)}`);
  }
  const isWanted = typeof wanted === "string" ? ({ type }: StreamEvent): boolean => types.includes(type) : wanted;
  for (const event of recording.eventsFrom()) if (isWanted(event)) return { seq: event.seq };
  throw new PositionError(`the recording has no such event${typeof wanted === "string" ? ` as ${wanted}` : ""}`);
}

const notAPlace = (given?: unknown): OptionError =>
  new OptionError(
    `at${typeof given === "string" ? ` ${JSON.stringify(given)}` : ""}: expected an icount, { seq }, { seq, icount }, ` +
      "{ ns }, { text }, { event }, a row of an answer or a moment; left out, it is the end",
  );
