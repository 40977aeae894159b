/**
 * Converts an event to a plain JSON object and back: `seq`, `icount`, `ns`, `type`, then the payload. U64 are decimal
 * strings, Bytes are hex.
 */
import { requireEvent } from "../../../machine/required-event.js";
import { check } from "../../../options/check.js";
import { anyObject, exactly, whole } from "../../../options/codecs.js";
import { isLeft } from "fp-ts/lib/Either.js";
import * as t from "io-ts";

import { EVENTS, type MachineEvent, type EventType } from "../../../reducers/events.js";
import { Position, VirtualNs, type PlainPosition } from "../../../reducers/position.js";
import { Bytes, U64 } from "../../../reducers/scalars.js";
import { streamEventOf, type StreamEvent } from "../../../reducers/stream-event.js";
import { faultOf, isEvent, isEventType, type UncheckedEvent } from "../../../reducers/event-boundary.js";
import { DecimalU64, HexBytes } from "./json-scalars.js";
import { LogError } from "./log-error.js";

/** Stringified, it is one line of NDJSON. */
export interface JsonEvent {
  readonly seq: number;
  readonly icount: number;
  /** The virtual clock, as a decimal string. */
  readonly ns: string;
  readonly type: string;
  readonly [field: string]: string | number;
}

/** @throws {OptionError} if it is no event of `run`'s shape; its `option` is the field. */
export const toJson = (given: PlainPosition & { readonly ns: bigint } & MachineEvent): JsonEvent => {
  check("toJson", EVENT, { event: given });
  const { seq, icount, ns, type, ...payload } = given;
  check("toJson", MOMENT, { seq, icount, ns });
  requireEvent("toJson", { type, ...payload });
  const scalars: t.Props = EVENTS[type].payload;
  const fields = Object.entries(payload).map(([name, value]) => [
    name,
    jsonCodecOf(scalars[name]).encode(value) as string | number,
  ]);
  return {
    seq,
    icount,
    ns: DecimalU64.encode(ns),
    type,
    ...(Object.fromEntries(fields) as Record<string, string | number>),
  };
};

const EVENT = exactly<{ readonly event: unknown }>({ event: anyObject });
const MOMENT = exactly<PlainPosition & { readonly ns: bigint }>({ seq: whole, icount: whole, ns: VirtualNs });

/** Throws LogError INVALID_EVENT or UNKNOWN_EVENT. Both name the field. */
export const fromJson = (json: unknown): StreamEvent => {
  const row = t.intersection([Position, t.type({ ns: DecimalU64, type: t.string }), t.UnknownRecord]).decode(json);
  if (isLeft(row)) throw new LogError("INVALID_EVENT", "an event has the members seq, icount, ns and type");
  const { seq, icount, ns, type, ...payload } = row.right;
  if (!isEventType(type))
    throw new LogError("UNKNOWN_EVENT", `this foldvm knows no event ${JSON.stringify(type)}`, { seq });
  const decoded = payloadOfJson(type, payload);
  if ("reason" in decoded) throw new LogError("INVALID_EVENT", decoded.reason, { seq, field: decoded.field });
  const event: UncheckedEvent = { ...decoded.payload, type };
  if (isEvent(event)) return streamEventOf({ seq, icount, event }, ns as VirtualNs);
  const { code, reason, field } = faultOf(event);
  throw new LogError(code, reason, { seq, ...(field === undefined ? {} : { field }) });
};

/** The members of an event as they are, each decoded by itself; or why the first of them can't be. */
export const payloadOfJson = (
  type: EventType,
  members: Readonly<Record<string, unknown>>,
): { readonly payload: Readonly<Record<string, unknown>> } | { readonly field: string; readonly reason: string } => {
  const scalars: t.Props = EVENTS[type].payload;
  const payload: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(members)) {
    const decoded = jsonCodecOf(scalars[name]).decode(member);
    if (isLeft(decoded)) return { field: name, reason: decoded.left[0]?.message ?? `${type} does not decode` };
    payload[name] = decoded.right;
  }
  return { payload };
};

const jsonCodecOf = (scalar: t.Mixed | undefined): t.Mixed => {
  if (scalar === U64) return DecimalU64;
  if (scalar === Bytes) return HexBytes;
  return scalar ?? t.unknown;
};
