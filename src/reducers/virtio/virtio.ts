/**
 * A virtio device (virtio 1.2) behind any transport: what driver and device have agreed on, and the device's place in
 * its queues.
 *
 * Walking the queues needs guest RAM, so `src/machine/virtio` does it, and gives the outcome to `reduce` here.
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
    /** The next entry of the available ring to take, and the next entry of the used ring to fill. Both modulo 2^16. */
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

/** The features that the device offers. An empty slot offers none. */
export const offeredFeatures = ({ device }: VirtioState): bigint =>
  device.kind === "none" ? 0n : RING_FEATURES | deviceOf(device).features(device);

/** The common path prefix of the ids of all bottom halves of the device in a slot. */
export const virtioBottomHalves = (slot: number): string => `virtio${String(slot)}`;

/** The id of one bottom half. The device chooses `work`. */
export const virtioBottomHalf = (slot: number, work: string): string => `${virtioBottomHalves(slot)}/${work}`;

/** The id of the bottom half that serves a notified queue. Every device has one. */
export const queueBottomHalf = (slot: number, queue: number): string => virtioBottomHalf(slot, `queue${String(queue)}`);

/** The parts of a `virtioBottomHalf`, with the queue if it is a `queueBottomHalf`; undefined for any other id. */
export const parseVirtioBottomHalf = (
  id: string,
): { readonly slot: number; readonly work: string; readonly queue: number | undefined } | undefined => {
  const [, slot, work] = /^virtio(\d+)\/(.+)$/.exec(id) ?? [];
  if (slot === undefined || work === undefined) return undefined;
  const queue = /^queue(\d+)$/.exec(work)?.[1];
  return { slot: Number(slot), work, queue: queue === undefined ? undefined : Number(queue) };
};

/** Whether the device may use the queue: the driver has set up both, and neither is broken. */
export const isQueueLive = (state: VirtioState, queue: number): boolean =>
  (state.status & (STATUS_DRIVER_OK | STATUS_NEEDS_RESET)) === STATUS_DRIVER_OK && state.queues[queue]?.ready === true;

/** The outcome of serving a queue or of input from outside. */
export type VirtioOutcome =
  | {
      readonly type: "virtio/queueServed";
      readonly queue: number;
      readonly virtqueue: VirtqueueState;
      readonly interrupt: boolean;
    }
  | { readonly type: "virtio/queueBroken"; readonly queue: number }
  | { readonly type: "virtio/deviceChanged"; readonly device: VirtioDeviceState }
  /** The device changed its configuration space by itself. */
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
      // §2.1.2: a device that cannot continue sets DEVICE_NEEDS_RESET, and notifies a driver that has started.
      return produce(state, (draft) => {
        draft.status |= STATUS_NEEDS_RESET;
        if ((state.status & STATUS_DRIVER_OK) !== 0) draft.interruptStatus |= INTERRUPT_CONFIGURATION;
      });
    case "virtio/deviceChanged":
      return { ...state, device: event.device };
    case "virtio/configurationChanged":
      // §4.2.3.3: only a driver that has started is notified.
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

/** §2.1: the state after power-on, except for what outlives the drivers. */
export const resetDevice = ({ slot, device }: VirtioState): VirtioState =>
  withDevice(slot, deviceOf(device).afterReset(device));

/** The size that QEMU offers. */
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
