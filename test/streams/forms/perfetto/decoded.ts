/** A trace as its reader has it: decoded by the protos' text, with interned names put back and slices closed. */
import { readFileSync } from "node:fs";
import * as assert from "uvu/assert";

import { scheduledBy, type ScheduledSlice } from "./scheduled.js";

type Value = bigint | string | Message;
export interface Message {
  readonly [field: string]: readonly Value[];
}

interface Field {
  readonly type: string;
  readonly name: string;
}

/** Messages of the .proto file by their names, each with its fields by number. */
const SCHEMA = new Map<string, ReadonlyMap<number, Field>>(
  [
    ...readFileSync("test/streams/forms/perfetto/trace.proto", "utf8")
      .replace(/ {2}enum[^}]*\}\n/g, "")
      .matchAll(/^message (\w+) \{\n(.*?)^\}/gms),
  ].map(([, name = "", body = ""]) => [
    name,
    new Map(
      [...body.matchAll(/(?:optional|repeated) (\w+) (\w+) = (\d+);/g)].map(([, type = "", field = "", number]) => [
        Number(number),
        { type, name: field },
      ]),
    ),
  ]),
);

/** https://protobuf.dev/programming-guides/encoding/; a field that the schema has not is an error. */
export function decode(bytes: Uint8Array, type: string): Message {
  const message: Record<string, Value[]> = {};
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      assert.ok(byte !== undefined, "cut off");
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const field = SCHEMA.get(type)?.get(tag >> 3);
    assert.ok(field !== undefined, `${type} has no field ${String(tag >> 3)}`);
    const values = (message[field.name] ??= []);
    const isSubmessage = SCHEMA.has(field.type);
    assert.is(tag & 7, isSubmessage || field.type === "string" ? 2 : 0, field.name);
    const number = varint();
    if ((tag & 7) === 0) {
      values.push(/^int/.test(field.type) ? BigInt.asIntN(64, number) : number);
      continue;
    }
    const part = bytes.subarray(at, (at += Number(number)));
    values.push(isSubmessage ? decode(part, field.type) : new TextDecoder("utf-8", { fatal: true }).decode(part));
  }
  return message;
}

export interface Shown {
  readonly ns: bigint;
  /** Undefined: it is an instant. */
  readonly endNs: bigint | undefined;
  readonly track: string;
  readonly name: string;
  readonly category: string;
  readonly notes: Readonly<Record<string, bigint | string>>;
}

const one = (message: Message, field: string): Value | undefined => message[field]?.[0];
/** A number or a name, as a text. */
const word = (value: Value | undefined): string => (typeof value === "object" ? "" : String(value ?? ""));
const sub = (message: Message, field: string): Message | undefined => one(message, field) as Message | undefined;

export interface Counter {
  readonly name: string;
  readonly ns: bigint;
  readonly value: bigint;
}

export interface Decoded {
  readonly shown: readonly Shown[];
  readonly counters: readonly Counter[];
  readonly scheduled: readonly ScheduledSlice[];
  /** By name: the processes and threads. */
  readonly tasks: ReadonlyMap<string, string>;
}

/** What trace_processor would tell; anything that it would drop or repair is an error here. */
export function decodedTrace(bytes: Uint8Array): Decoded {
  const packets = decode(bytes, "Trace")["packet"] as readonly Message[];
  const names = new Map<string, string>();
  const tracks = new Map<bigint, string>();
  const tasks = new Map<string, string>();
  const [events, states]: [Timed[], Timed[]] = [[], []];
  packets.forEach((packet, index) => {
    assert.is(one(packet, "trusted_packet_sequence_id"), 1n);
    // SEQ_INCREMENTAL_STATE_CLEARED, and then SEQ_NEEDS_INCREMENTAL_STATE.
    assert.is(one(packet, "sequence_flags"), index === 0 ? 1n : 2n);
    for (const [field, entries] of Object.entries(sub(packet, "interned_data") ?? {}))
      for (const entry of entries as readonly Message[]) {
        const key = `${field} ${word(one(entry, "iid"))}`;
        assert.not(names.has(key), key);
        names.set(key, word(one(entry, "name")));
      }
    const described = sub(packet, "track_descriptor");
    if (described !== undefined) {
      const [process, thread] = [sub(described, "process"), sub(described, "thread")];
      const parent = one(described, "parent_uuid") as bigint | undefined;
      assert.ok(parent === undefined || tracks.has(parent));
      const name = one(described, "name") ?? one(process ?? thread ?? {}, process ? "process_name" : "thread_name");
      const numbers = [one(process ?? thread ?? {}, "pid"), thread && one(thread, "tid")].filter(
        (n) => n !== undefined,
      );
      if (numbers.length > 0) tasks.set(numbers.map(word).join("/"), word(name));
      tracks.set(
        one(described, "uuid") as bigint,
        numbers.length > 0 ? `task ${numbers.map(word).join("/")}` : word(name),
      );
    }
    const event = sub(packet, "track_event");
    const ns = one(packet, "timestamp") as bigint;
    if (event !== undefined) events.push({ ns, event });
    const state = sub(packet, "generic_kernel_task_state_event");
    if (state !== undefined) states.push({ ns, event: state });
  });
  return { ...shownBy(events, names, tracks), scheduled: scheduledBy(inTime(states)), tasks };
}

interface Timed {
  readonly ns: bigint;
  readonly event: Message;
}

/** Stable, as trace_processor's. */
const inTime = (events: readonly Timed[]): readonly Timed[] =>
  [...events].sort((a, b) => (a.ns < b.ns ? -1 : a.ns > b.ns ? 1 : 0));

function shownBy(
  events: readonly Timed[],
  names: ReadonlyMap<string, string>,
  tracks: ReadonlyMap<bigint, string>,
): Pick<Decoded, "shown" | "counters"> {
  const interned = (field: string, iid: Value | undefined): string => {
    const name = names.get(`${field} ${word(iid)}`);
    assert.ok(name !== undefined, `${field} ${word(iid)}`);
    return name;
  };
  const shown: { -readonly [Member in keyof Shown]: Shown[Member] }[] = [];
  const counters: Counter[] = [];
  const open = new Map<string, (typeof shown)[number][]>();
  for (const { ns, event } of inTime(events)) {
    const track = tracks.get(one(event, "track_uuid") as bigint);
    assert.ok(track !== undefined, "a track that is not described");
    const type = one(event, "type");
    const slices = open.get(track) ?? [];
    open.set(track, slices);
    if (type === 4n) counters.push({ name: track, ns, value: one(event, "counter_value") as bigint });
    else if (type === 2n) {
      const slice = slices.pop();
      assert.ok(slice !== undefined, `${track}: an end without a beginning`);
      slice.endNs = ns;
    } else {
      const notes = ((event["debug_annotations"] ?? []) as readonly Message[]).map(
        (note): [string, bigint | string] => {
          const value = one(note, "uint_value") ?? one(note, "int_value") ?? one(note, "string_value");
          return [interned("debug_annotation_names", one(note, "name_iid")), value as bigint | string];
        },
      );
      const category = interned("event_categories", one(event, "category_iids"));
      const name = (one(event, "name") as string | undefined) ?? interned("event_names", one(event, "name_iid"));
      const slice = { ns, endNs: undefined, track, name, category, notes: Object.fromEntries(notes) };
      shown.push(slice);
      if (type === 1n) slices.push(slice);
    }
  }
  for (const [track, slices] of open) assert.is(slices.length, 0, `${track}: a slice that never ends`);
  return { shown, counters };
}
