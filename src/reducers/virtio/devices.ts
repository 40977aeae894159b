/**
 * The one list of virtio devices. The codecs of configuration and state, the events and the transport's registers
 * derive from it.
 */
import * as t from "io-ts";

import type { EventIn } from "../event-table.js";
import { blk } from "./blk.js";
import { console } from "./console.js";
import type { VirtioDevice } from "./device.js";
import { net } from "./net.js";
import { none } from "./none.js";
import { rng } from "./rng.js";

export const VIRTIO_DEVICES = [none, rng, console, blk, net] as const;

type Row = (typeof VIRTIO_DEVICES)[number];
export type VirtioKind = Row["kind"];

/** What a machine's configuration puts into a virtio slot. */
export type VirtioSlot = t.TypeOf<Row["config"]>;
export const VirtioSlot: t.Type<VirtioSlot> = oneOf("VirtioSlot", ({ config }) => config);

/** The device behind the transport, with the state of its kind. */
export type VirtioDeviceState = t.TypeOf<Row["state"]>;
export const VirtioDeviceState: t.Type<VirtioDeviceState> = oneOf("VirtioDeviceState", ({ state }) => state);
export type DeviceStateOf<Kind extends VirtioKind> = Extract<VirtioDeviceState, { readonly kind: Kind }>;

export type EventsOf<Kind extends VirtioKind> = Extract<Row, { readonly kind: Kind }>["events"];

/** The events that come to virtio devices from outside. */
export const VIRTIO_EVENTS = Object.assign({}, ...VIRTIO_DEVICES.map(({ events }) => events)) as VirtioEvents;
export type VirtioEvents = (typeof none)["events"] &
  (typeof rng)["events"] &
  (typeof console)["events"] &
  (typeof blk)["events"] &
  (typeof net)["events"];
export type VirtioInput = EventIn<VirtioEvents>;

/** A device of any state, for code that works on all kinds. */
export type AnyVirtioDevice = VirtioDevice<VirtioKind, VirtioSlot, VirtioDeviceState, object>;

export const deviceOf = ({ kind }: { readonly kind: VirtioKind }): AnyVirtioDevice => BY_KIND[kind];

export const kindOf = (slot: VirtioSlot): VirtioKind => (typeof slot === "string" ? slot : slot.kind);

// The `kind` of a state or configuration selects its row, so the two always fit.
const ROWS = VIRTIO_DEVICES as readonly unknown[] as readonly AnyVirtioDevice[];
const BY_KIND = Object.fromEntries(ROWS.map((row) => [row.kind, row])) as Readonly<Record<VirtioKind, AnyVirtioDevice>>;

function oneOf<A>(name: string, codec: (row: Row) => t.Mixed): t.Type<A> {
  const [first, second, ...others] = VIRTIO_DEVICES.map(codec);
  if (first === undefined || second === undefined) throw new Error("a union of fewer than two");
  return t.union([first, second, ...others], name);
}
