/**
 * A virtio device (virtio 1.2), whatever its transport: what its driver and it have agreed on, and where it is in its queues.
 *
 * What walks the queues needs guest RAM, so it lives in src/machine/virtio, and hands the outcome to `reduce` here.
 */
import { produce } from "immer";
import * as t from "io-ts";

import { U32, U64, U8 } from "../scalars.js";
import { deviceOf, kindOf, VirtioDeviceState, type VirtioSlot } from "./devices.js";

/** A split virtqueue (§2.7), with the device's own places in its rings. */
export const VirtqueueState = t.readonly(
  t.type({
    num: U32,
    ready: t.boolean,
    descriptorArea: U64,
    driverArea: U64,
    deviceArea: U64,
    /** The available ring's entry that the device takes next, and the used ring's that it fills next; both modulo 2^16. */
    nextAvailable: U32,
    nextUsed: U32,
  }),
);
export type VirtqueueState = t.TypeOf<typeof VirtqueueState>;

export const VirtioState = t.readonly(
  t.intersection([
    t.type({
      slot: U8,
      device: VirtioDeviceState,
      status: U8,
      deviceFeaturesSel: U32,
      driverFeaturesSel: U32,
      driverFeatures: U64,
      queueSel: U32,
      interruptStatus: U8,
      configGeneration: U32,
      queues: t.readonlyArray(VirtqueueState),
    }),
    /** Queues that the driver notified before it said DRIVER_OK. Absent: none. */
    t.partial({ notifiedEarly: t.readonlyArray(U32) }),
  ]),
);
export type VirtioState = t.TypeOf<typeof VirtioState>;

/** §2.1. */
export const STATUS_DRIVER_OK = 0x04;
export const STATUS_FEATURES_OK = 0x08;
export const STATUS_NEEDS_RESET = 0x40;
/** §4.2.2, InterruptStatus. */
const INTERRUPT_USED_BUFFER = 1;
export const INTERRUPT_CONFIGURATION = 2;
/** §6: the feature bits that a device here may offer. */
export const F_INDIRECT_DESC = 1n << 28n;
export const F_EVENT_IDX = 1n << 29n;
export const F_VERSION_1 = 1n << 32n;

export const initialState = (slot: number, config: VirtioSlot): VirtioState =>
  withDevice(slot, deviceOf({ kind: kindOf(config) }).initialState(config));

const withDevice = (slot: number, device: VirtioDeviceState): VirtioState => ({
  slot,
  device,
  status: 0,
  deviceFeaturesSel: 0,
  driverFeaturesSel: 0,
  driverFeatures: 0n,
  queueSel: 0,
  interruptStatus: 0,
  configGeneration: 0,
  queues: Array.from({ length: deviceOf(device).queues }, () => EMPTY_QUEUE),
});

/** What the device offers; an empty slot nothing. */
export const offeredFeatures = ({ device }: VirtioState): bigint =>
  device.kind === "none" ? 0n : RING_FEATURES | deviceOf(device).features(device);

/** Above the ids of all bottom halves of the device in a slot. */
export const virtioBottomHalves = (slot: number): string => `virtio${String(slot)}`;

/** The id of one of them; what `work` says is the device's own. */
export const virtioBottomHalf = (slot: number, work: string): string => `${virtioBottomHalves(slot)}/${work}`;

/** Of the one that serves a notified queue, which every device has. */
export const queueBottomHalf = (slot: number, queue: number): string => virtioBottomHalf(slot, `queue${String(queue)}`);

/** The parts of a `virtioBottomHalf`, with the queue where it is a `queueBottomHalf`; undefined for any other id. */
export const parseVirtioBottomHalf = (
  id: string,
): { readonly slot: number; readonly work: string; readonly queue: number | undefined } | undefined => {
  const [, slot, work] = /^virtio(\d+)\/(.+)$/.exec(id) ?? [];
  if (slot === undefined || work === undefined) return undefined;
  const queue = /^queue(\d+)$/.exec(work)?.[1];
  return { slot: Number(slot), work, queue: queue === undefined ? undefined : Number(queue) };
};

/** Whether the device may use the queue: the driver is done with both, and neither is broken. */
export const isQueueLive = (state: VirtioState, queue: number): boolean =>
  (state.status & (STATUS_DRIVER_OK | STATUS_NEEDS_RESET)) === STATUS_DRIVER_OK && state.queues[queue]?.ready === true;

/** What serving a queue, or input from outside, came to. */
export type VirtioOutcome =
  | {
      readonly type: "virtio/queueServed";
      readonly queue: number;
      readonly virtqueue: VirtqueueState;
      readonly interrupt: boolean;
    }
  | { readonly type: "virtio/queueBroken"; readonly queue: number }
  | { readonly type: "virtio/deviceChanged"; readonly device: VirtioDeviceState }
  /** What its configuration space shows has changed by itself. */
  | { readonly type: "virtio/configurationChanged"; readonly device: VirtioDeviceState };

export const reduce = (state: VirtioState, event: VirtioOutcome): VirtioState => {
  switch (event.type) {
    case "virtio/queueServed":
      if (state.queues[event.queue] === event.virtqueue && !event.interrupt) return state;
      return produce(state, (draft) => {
        draft.queues[event.queue] = event.virtqueue;
        if (event.interrupt) draft.interruptStatus |= INTERRUPT_USED_BUFFER;
      });
    case "virtio/queueBroken":
      // §2.1.2: a device that can't go on says so, and tells a driver that has started.
      return produce(state, (draft) => {
        draft.status |= STATUS_NEEDS_RESET;
        if ((state.status & STATUS_DRIVER_OK) !== 0) draft.interruptStatus |= INTERRUPT_CONFIGURATION;
      });
    case "virtio/deviceChanged":
      return { ...state, device: event.device };
    case "virtio/configurationChanged":
      // §4.2.3.3: only a driver that has started is told.
      if ((state.status & STATUS_DRIVER_OK) === 0) return { ...state, device: event.device };
      return {
        ...state,
        device: event.device,
        configGeneration: (state.configGeneration + 1) >>> 0,
        interruptStatus: state.interruptStatus | INTERRUPT_CONFIGURATION,
      };
    default:
      event satisfies never;
      return state;
  }
};

/** §2.1: as after power-on, but for what outlives the drivers. */
export const resetDevice = ({ slot, device }: VirtioState): VirtioState =>
  withDevice(slot, deviceOf(device).afterReset(device));

/** As QEMU offers. */
export const QUEUE_NUM_MAX = 1024;

const RING_FEATURES = F_VERSION_1 | F_INDIRECT_DESC | F_EVENT_IDX;
const EMPTY_QUEUE: VirtqueueState = {
  num: 0,
  ready: false,
  descriptorArea: 0n,
  driverArea: 0n,
  deviceArea: 0n,
  nextAvailable: 0,
  nextUsed: 0,
};
