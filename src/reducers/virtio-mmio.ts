/**
 * The registers of a virtio device behind the modern MMIO transport (virtio 1.2 §4.2), version 2.
 *
 * A notification only puts off the work: the queue is served by a bottom half.
 */
import { produce } from "immer";

import type { Access, BusAccess, Effect, Stored } from "./device.js";
import {
  F_VERSION_1,
  isQueueLive,
  queueBottomHalf,
  QUEUE_NUM_MAX,
  resetDevice,
  specificationOf,
  STATUS_FEATURES_OK,
  STATUS_NEEDS_RESET,
  virtioBottomHalves,
  type VirtioState,
} from "./virtio.js";

export const reduce = (state: VirtioState, event: BusAccess): VirtioState => {
  if (event.type === "bus/loaded" || state.device.kind === "none") return state;
  if (event.offset >= CONFIG) return storeConfig(state, event);
  if (event.width === 8) {
    const low = storeRegister(state, event.offset, Number(event.value & LOW_HALF));
    return storeRegister(low, event.offset + 4, Number(event.value >> 32n));
  }
  return event.width === 4 ? storeRegister(state, event.offset, Number(event.value)) : state;
};

export const load = (state: VirtioState, { offset, width }: Access): bigint => {
  if (state.device.kind === "none") return BigInt.asUintN(width * 8, registers(state, offset, width));
  if (offset >= CONFIG) return loadConfig(state, offset - CONFIG, width);
  return width < 4 ? 0n : registers(state, offset, width);
};

export const loadHasEffect = (): boolean => false;

/** QEMU answers every aligned access: a wide one as two of 4 bytes; registers are 4 bytes, and a narrower access of one does nothing. */
export const accepts = ({ offset, width }: Access): boolean => offset % width === 0 && offset < END;

export const effects = (state: VirtioState, event: BusAccess): readonly Effect[] => {
  // §2.1: what the driver that resets the device wanted before is wanted no more.
  if (isReset(event)) return [{ type: "bottomHalf/cancelled", id: virtioBottomHalves(state.slot) }];
  const queue = notifiedQueue(event);
  return queue !== undefined && isQueueLive(state, queue)
    ? [{ type: "bottomHalf/scheduled", id: queueBottomHalf(state.slot, queue) }]
    : NO_EFFECTS;
};

export const interruptLine = (state: VirtioState): boolean => state.interruptStatus !== 0;

/** One for every slot: it has no `initialState` of its own, since that depends on slot and kind. */
export const virtioMmio = { reduce, load, loadHasEffect, accepts, effects, interruptLine } as const;

/** "virt" and "QEMU", little-endian: guests and tools know QEMU's vendor. */
const MAGIC_VALUE = 0x7472_6976;
const VENDOR_ID = 0x554d_4551;
const NO_SHARED_MEMORY = 0xffff_ffff;
const CONFIG = 0x100;
const END = 0x200;
const LOW_HALF = 0xffff_ffffn;
const NO_EFFECTS: readonly Effect[] = [];

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

/** Two of 4 bytes make one of 8, as in QEMU; one that goes beyond the end answers all ones, and all of it. */
const loadConfig = (state: VirtioState, offset: number, width: number): bigint => {
  if (width === 8) return loadConfig(state, offset, 4) | (loadConfig(state, offset + 4, 4) << 32n);
  const bytes = specificationOf(state.device).config(state.device);
  if (offset + width > bytes.length) return (1n << BigInt(width * 8)) - 1n;
  return bytes.subarray(offset, offset + width).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
};

const storeConfig = (state: VirtioState, { offset, width, value }: Stored): VirtioState => {
  const bytes = Uint8Array.from({ length: width }, (_, index) => Number((value >> BigInt(index * 8)) & 0xffn));
  const device = specificationOf(state.device).storeConfig(state.device, offset - CONFIG, bytes);
  return device === state.device ? state : { ...state, device };
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
      return specificationOf(state.device).id;
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
        : Number(
            (specificationOf(state.device).features(state.device) >> BigInt(state.deviceFeaturesSel * 32)) & LOW_HALF,
          );
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

const storeRegister = (state: VirtioState, offset: number, value: number): VirtioState => {
  if (offset === R.status) return storeStatus(state, value & 0xff);
  return produce(state, (draft) => {
    switch (offset) {
      case R.deviceFeaturesSel:
        draft.deviceFeaturesSel = value;
        return;
      case R.driverFeaturesSel:
        draft.driverFeaturesSel = value;
        return;
      case R.driverFeatures:
        // §3.1.1: the features are settled once FEATURES_OK is set.
        if (state.driverFeaturesSel > 1 || (state.status & STATUS_FEATURES_OK) !== 0) return;
        draft.driverFeatures = withHalf(state.driverFeatures, state.driverFeaturesSel === 1, value);
        return;
      case R.queueSel:
        draft.queueSel = value;
        return;
      case R.interruptAck:
        draft.interruptStatus &= ~value;
        return;
      default:
        break;
    }
    const queue = draft.queues[state.queueSel];
    if (queue === undefined) return;
    if (offset === R.queueReady) {
      const ready = (value & 1) !== 0;
      // The driver has no way to say where in the rings it starts: a queue made ready starts at their beginning.
      if (ready && !queue.ready) queue.nextAvailable = queue.nextUsed = 0;
      queue.ready = ready;
    }
    // §4.2.3.2: the driver sets up a queue while it is not ready.
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
  });
};

/** §2.1: zero resets; DEVICE_NEEDS_RESET stays until then; FEATURES_OK stays clear when the features can't be agreed on (§3.1.1). */
const storeStatus = (state: VirtioState, value: number): VirtioState => {
  if (value === 0) return resetDevice(state);
  const offered = specificationOf(state.device).features(state.device);
  const agreed = (state.driverFeatures & ~offered) === 0n && (state.driverFeatures & F_VERSION_1) !== 0n;
  return produce(state, (draft) => {
    draft.status = (agreed ? value : value & ~STATUS_FEATURES_OK) | (state.status & STATUS_NEEDS_RESET);
  });
};

const isReset = (event: BusAccess): boolean =>
  event.type === "bus/stored" && event.offset === R.status && event.width >= 4 && (event.value & 0xffn) === 0n;

const notifiedQueue = (event: BusAccess): number | undefined =>
  event.type === "bus/stored" && event.offset === R.queueNotify && event.width >= 4
    ? Number(event.value & LOW_HALF)
    : undefined;

const withHalf = (register64: bigint, high: boolean, value: number): bigint =>
  high ? (BigInt(value) << 32n) | (register64 & LOW_HALF) : ((register64 >> 32n) << 32n) | BigInt(value);
