/**
 * The registers of a virtio device behind the modern MMIO transport (virtio 1.2 §4.2), version 2.
 *
 * A notification only defers the work: a bottom half serves the queue.
 */
import { produce, type Draft } from "immer";

import type { BusAccess, Device, Place, PluggedDevice, Stored } from "./device.js";
import { NO_EFFECTS, type Effect } from "./effect.js";
import {
  deviceOf,
  VIRTIO_EVENTS,
  type VirtioDeviceState,
  type VirtioEvents,
  type VirtioSlot,
} from "./virtio/devices.js";
import {
  initialState,
  isQueueLive,
  offeredFeatures,
  queueBottomHalf,
  QUEUE_NUM_MAX,
  resetDevice,
  STATUS_DRIVER_OK,
  STATUS_FEATURES_OK,
  STATUS_NEEDS_RESET,
  virtioBottomHalves,
  VirtioState,
  type VirtqueueState,
} from "./virtio/virtio.js";

/** As on QEMU's virt. */
export const VIRTIO_SLOTS = 8;
const FIRST_BASE = 0x1000_1000;
const STRIDE = 0x1000;
const FIRST_SOURCE = 1;

/** Registers only. Events from outside need guest RAM, so `src/machine/virtio` handles them. */
export const virtioMmio: Device<"virtio", VirtioState, VirtioEvents, readonly Place[]> = {
  name: "virtio",
  model: "virtio-mmio",
  place: Array.from({ length: VIRTIO_SLOTS }, (_, slot) => ({
    base: FIRST_BASE + slot * STRIDE,
    sizeBytes: STRIDE,
    source: FIRST_SOURCE + slot,
  })),
  codec: VirtioState,
  initialState: ({ virtio }, slot) => initialState(slot, virtio[slot] ?? "none"),
  fixed: ({ slot, queues, device }) => [slot, queues.length, device.kind, deviceOf(device).fixed?.(device)],
  events: VIRTIO_EVENTS,
  needsRam: true,
  step(state, event) {
    if (event.type !== "bus/stored") return [state, NO_EFFECTS];
    const after = stored(state, event);
    return [after, effects(state, after, event)];
  },
  /**
   * As QEMU: every aligned access is answered. A wide one counts as two of 4 bytes. A register has 4 bytes, and a
   * narrower access does nothing.
   */
  accepts: ({ offset, width }) => offset % width === 0 && offset < END,
  load(state, { offset, width }) {
    if (state.device.kind === "none") return BigInt.asUintN(width * 8, registers(state, offset, width));
    if (offset >= CONFIG) return loadConfig(state, offset - CONFIG, width);
    return width < 4 ? 0n : registers(state, offset, width);
  },
  loadHasEffect: () => false,
  canTake: () => true,
  interruptLine: (state) => state.interruptStatus !== 0,
  outstanding: ({ slot, device }) => deviceOf(device).outstanding?.(device, slot) ?? NO_EFFECTS,
  afterReset: (initial, present) => {
    const device = deviceOf(initial.device).afterMachineReset?.(initial.device, present.device);
    return device === undefined ? initial : { ...initial, device };
  },
  bus: { type: "virtio-mmio-bus", plugged: ({ virtio }, slot) => pluggedInto(virtio[slot] ?? "none") },
  node: { name: "virtio_mmio", properties: ["interrupts", "reg", ["compatible", ["virtio,mmio"]]] },
};

const pluggedInto = (slot: VirtioSlot): PluggedDevice | undefined => {
  if (slot === "none") return undefined;
  const { kind, ...properties } = typeof slot === "string" ? { kind: slot } : slot;
  return { model: `virtio-${kind}-device`, properties };
};

const stored = (state: VirtioState, event: Stored): VirtioState => {
  if (state.device.kind === "none") return state;
  if (event.offset >= CONFIG) return storeConfig(state, event);
  if (event.width < 4) return state;
  if (isReset(event)) return resetDevice(state);
  return produce(state, (draft) => {
    storeRegister(state, draft, event.offset, Number(event.value & LOW_HALF));
    if (event.width === 8) storeRegister(state, draft, event.offset + 4, Number(event.value >> 32n));
  });
};

const effects = (state: VirtioState, after: VirtioState, event: Stored): readonly Effect[] => {
  // §2.1: a reset cancels what the driver asked for before.
  if (isReset(event)) return [{ type: "bottomHalf/cancelled", id: virtioBottomHalves(state.slot) }];
  const queue = notifiedQueue(event);
  if (queue !== undefined && isQueueLive(state, queue)) return [served(state, queue)];
  // §3.1.1 forbids a notification before DRIVER_OK. Some drivers send it early and never again, so it takes effect at
  // DRIVER_OK.
  const { notifiedEarly } = state;
  return notifiedEarly !== undefined && (after.status & STATUS_DRIVER_OK) !== 0
    ? notifiedEarly.filter((early) => isQueueLive(after, early)).map((early) => served(state, early))
    : NO_EFFECTS;
};

const served = ({ slot }: VirtioState, queue: number): Effect => ({
  type: "bottomHalf/scheduled",
  id: queueBottomHalf(slot, queue),
});

const isEarly = ({ status, queues, notifiedEarly = [] }: VirtioState, queue: number): boolean =>
  (status & (STATUS_DRIVER_OK | STATUS_NEEDS_RESET)) === 0 &&
  queues[queue]?.ready === true &&
  !notifiedEarly.includes(queue);

/** "virt" and "QEMU", little-endian: guests and tools know QEMU's vendor. */
const MAGIC_VALUE = 0x7472_6976;
const VENDOR_ID = 0x554d_4551;
const NO_SHARED_MEMORY = 0xffff_ffff;
const CONFIG = 0x100;
const END = 0x200;
const LOW_HALF = 0xffff_ffffn;

/** §4.2.2, table 4.1. */
const R = {
  magicValue: 0x000,
  version: 0x004,
  deviceId: 0x008,
  vendorId: 0x00c,
  deviceFeatures: 0x010,
  deviceFeaturesSel: 0x014,
  driverFeatures: 0x020,
  driverFeaturesSel: 0x024,
  queueSel: 0x030,
  queueNumMax: 0x034,
  queueNum: 0x038,
  queueReady: 0x044,
  queueNotify: 0x050,
  interruptStatus: 0x060,
  interruptAck: 0x064,
  status: 0x070,
  queueDescLow: 0x080,
  queueDescHigh: 0x084,
  queueDriverLow: 0x090,
  queueDriverHigh: 0x094,
  queueDeviceLow: 0x0a0,
  queueDeviceHigh: 0x0a4,
  shmLenLow: 0x0b0,
  shmLenHigh: 0x0b4,
  shmBaseLow: 0x0b8,
  shmBaseHigh: 0x0bc,
  configGeneration: 0x0fc,
} as const;

const NO_BYTES = new Uint8Array(0);

/** A wide read is two of 4 bytes, as in QEMU. A part that crosses the end returns all ones in every byte. */
const loadConfig = (state: VirtioState, offset: number, width: number): bigint => {
  if (width === 8) return loadConfig(state, offset, 4) | (loadConfig(state, offset + 4, 4) << 32n);
  const bytes = deviceOf(state.device).configuration?.(state.device) ?? NO_BYTES;
  if (offset + width > bytes.length) return (1n << BigInt(width * 8)) - 1n;
  return bytes.subarray(offset, offset + width).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
};

const storeConfig = (state: VirtioState, { offset, width, value }: Stored): VirtioState => {
  const bytes = Uint8Array.from({ length: width }, (_, index) => Number((value >> BigInt(index * 8)) & 0xffn));
  const device = deviceOf(state.device).storeConfiguration?.(state.device, offset - CONFIG, bytes);
  return device === undefined || device === state.device ? state : { ...state, device };
};

const registers = (state: VirtioState, offset: number, width: number): bigint =>
  width === 8
    ? BigInt(register(state, offset)) | (BigInt(register(state, offset + 4)) << 32n)
    : BigInt(register(state, offset));

const register = (state: VirtioState, offset: number): number => {
  switch (offset) {
    case R.magicValue:
      return MAGIC_VALUE;
    case R.version:
      return 2;
    case R.deviceId:
      return deviceOf(state.device).id;
    case R.vendorId:
      return VENDOR_ID;
    default:
      return state.device.kind === "none" ? 0 : deviceRegister(state, offset);
  }
};

const deviceRegister = (state: VirtioState, offset: number): number => {
  switch (offset) {
    case R.deviceFeatures:
      return state.deviceFeaturesSel > 1
        ? 0
        : Number((offeredFeatures(state) >> BigInt(state.deviceFeaturesSel * 32)) & LOW_HALF);
    case R.queueNumMax:
      return state.queueSel < state.queues.length ? QUEUE_NUM_MAX : 0;
    case R.queueReady:
      return state.queues[state.queueSel]?.ready === true ? 1 : 0;
    case R.interruptStatus:
      return state.interruptStatus;
    case R.status:
      return state.status;
    case R.shmLenLow:
    case R.shmLenHigh:
    case R.shmBaseLow:
    case R.shmBaseHigh:
      return NO_SHARED_MEMORY;
    case R.configGeneration:
      return state.configGeneration;
    default:
      return 0;
  }
};

const storeRegister = (state: VirtioState, draft: Draft<VirtioState>, offset: number, value: number): void => {
  switch (offset) {
    case R.status:
      storeStatus(state, draft, value & 0xff);
      return;
    case R.deviceFeaturesSel:
      draft.deviceFeaturesSel = value;
      return;
    case R.driverFeaturesSel:
      draft.driverFeaturesSel = value;
      return;
    case R.driverFeatures:
      // §3.1.1: FEATURES_OK freezes the features.
      if (draft.driverFeaturesSel > 1 || (draft.status & STATUS_FEATURES_OK) !== 0) return;
      draft.driverFeatures = withHalf(draft.driverFeatures, draft.driverFeaturesSel === 1, value);
      return;
    case R.queueSel:
      draft.queueSel = value;
      return;
    case R.queueNotify:
      if (isEarly(state, value)) draft.notifiedEarly = [...(state.notifiedEarly ?? []), value];
      return;
    case R.interruptAck:
      draft.interruptStatus &= ~value;
      return;
    default: {
      const queue = draft.queues[draft.queueSel];
      if (queue === undefined) return;
      const wasReady = queue.ready;
      storeQueueRegister(queue, offset, value);
      if (wasReady && !queue.ready) forgetQueue(state, draft);
    }
  }
};

/** The driver has taken a queue back. Chains that came from it are not returned. */
const forgetQueue = (state: VirtioState, draft: Draft<VirtioState>): void => {
  const device = deviceOf(state.device).afterQueueStopped?.(state.device);
  if (device !== undefined) draft.device = device as Draft<VirtioDeviceState>;
};

const storeQueueRegister = (queue: Draft<VirtqueueState>, offset: number, value: number): void => {
  if (offset === R.queueReady) {
    const ready = (value & 1) !== 0;
    // The driver cannot say where in the rings to start, so a queue made ready starts at their beginning.
    if (ready && !queue.ready) queue.nextAvailable = queue.nextUsed = 0;
    queue.ready = ready;
  }
  // §4.2.3.2: a driver sets up a queue only while it is not ready.
  if (queue.ready) return;
  switch (offset) {
    case R.queueNum:
      queue.num = value;
      break;
    case R.queueDescLow:
    case R.queueDescHigh:
      queue.descriptorArea = withHalf(queue.descriptorArea, offset === R.queueDescHigh, value);
      break;
    case R.queueDriverLow:
    case R.queueDriverHigh:
      queue.driverArea = withHalf(queue.driverArea, offset === R.queueDriverHigh, value);
      break;
    case R.queueDeviceLow:
    case R.queueDeviceHigh:
      queue.deviceArea = withHalf(queue.deviceArea, offset === R.queueDeviceHigh, value);
      break;
    default:
      break;
  }
};

/**
 * §2.1: DEVICE_NEEDS_RESET stays until the reset. FEATURES_OK stays clear if the features can't be agreed on (§3.1.1).
 */
const storeStatus = (state: VirtioState, draft: Draft<VirtioState>, value: number): void => {
  const { driverFeatures } = draft;
  // Drivers written for QEMU may know only the lower 32 features, and never accept VIRTIO_F_VERSION_1. They are served
  // too.
  const agreed = (driverFeatures & ~offeredFeatures(state)) === 0n;
  draft.status = (agreed ? value : value & ~STATUS_FEATURES_OK) | (draft.status & STATUS_NEEDS_RESET);
  if ((draft.status & STATUS_DRIVER_OK) !== 0) delete draft.notifiedEarly;
};

const isReset = (event: BusAccess): boolean =>
  event.type === "bus/stored" && event.offset === R.status && event.width >= 4 && (event.value & 0xffn) === 0n;

const notifiedQueue = (event: BusAccess): number | undefined =>
  event.type === "bus/stored" && event.offset === R.queueNotify && event.width >= 4
    ? Number(event.value & LOW_HALF)
    : undefined;

const withHalf = (register64: bigint, high: boolean, value: number): bigint =>
  high ? (BigInt(value) << 32n) | (register64 & LOW_HALF) : ((register64 >> 32n) << 32n) | BigInt(value);
