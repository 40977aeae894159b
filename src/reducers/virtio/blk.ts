/**
 * The block device (virtio 1.2 §5.2) as its driver sees it: features, configuration space, and the requests taken from
 * the driver. Numbers that the specification leaves open are QEMU's.
 */
import * as t from "io-ts";

import type { Effect } from "../effect.js";
import type { EventTable } from "../event-table.js";
import { atMost, Count, restricted, Sha256, Text, U32, U64, U8 } from "../scalars.js";
import type { VirtioDevice } from "./device.js";

/** A sector is 512 bytes, whatever the block size (§5.2.4). */
export const SECTOR_BYTES = 512;
/** §5.2.6: the length of VIRTIO_BLK_T_GET_ID's answer. */
export const SERIAL_BYTES = 20;
/** 16 TiB, the size of the largest ext4 file: a page's number has 32 bits. */
export const MAX_SECTORS = 2 ** 35;

/** An image and those that it is backed by: more than anybody stacks. */
export const MAX_LAYERS = 16;

/** A disk as a part of the machine. Its initial content identifies it, so no other disk can take its place. */
export const BlkConfig = t.readonly(
  t.exact(
    t.type({
      kind: t.literal("blk"),
      /** The format of the image, because the same bytes in another format are another disk. */
      format: t.union([t.literal("raw"), t.literal("qcow2")]),
      /** SHA-256 of the image, then those of its backing images. */
      base: restricted("BaseImages", t.readonlyArray(Sha256), ({ length }) => length > 0 && length <= MAX_LAYERS),
      sectors: atMost(MAX_SECTORS),
      readOnly: t.boolean,
      serial: restricted("Serial", Text, (text) => new TextEncoder().encode(text).length <= SERIAL_BYTES),
    }),
  ),
);
export type BlkConfig = t.TypeOf<typeof BlkConfig>;

/** A part of guest RAM. */
const Segment = t.readonly(t.type({ address: U64, length: U32 }));

/**
 * A request that the device has taken and not yet returned. It holds all that finishing it needs, because the driver
 * may overwrite the chain meanwhile.
 */
export const BlkRequest = t.readonly(
  t.type({
    /** Counts from 0 over the life of the disk. No reset restarts it, so an old answer never fits a new request. */
    id: Count,
    /** The head descriptor, by which the request is returned. */
    head: U32,
    operation: t.union([t.literal("read"), t.literal("write"), t.literal("flush"), t.literal("zero")]),
    /** The offset on the disk, in bytes. */
    offset: Count,
    length: Count,
    /** The buffers to read or write, in order. Empty for other operations. */
    buffers: t.readonlyArray(Segment),
    statusAddress: U64,
    /** The size of all buffers that the device may write. QEMU reports this size as written. */
    usedLength: Count,
  }),
);
export type BlkRequest = t.TypeOf<typeof BlkRequest>;

export const BlkState = t.readonly(
  t.type({
    kind: t.literal("blk"),
    sectors: Count,
    readOnly: t.boolean,
    serial: Text,
    /** The configuration's `writeback` byte. Clearing it changes nothing: a completed request is always kept. */
    writeback: U8,
    /** Requests that the host is serving, in the order in which they were taken. */
    inFlight: t.readonlyArray(BlkRequest),
    /** Requests that the host has answered, in the order of its answers, with the status for the driver. */
    answered: t.readonlyArray(t.readonly(t.type({ request: BlkRequest, status: U8 }))),
  }),
);
export type BlkState = t.TypeOf<typeof BlkState>;

const EVENTS = {
  /**
   * The host answered a disk's request with VIRTIO_BLK_S_OK or S_IOERR. The data follow from the image and the state.
   */
  "virtioBlk/requestCompleted": { wireId: 12, origin: "input", payload: { slot: U8, id: Count, status: U8 } },
} as const satisfies EventTable;

/** §5.2.3. */
const F_RO = 1n << 5n;
const F_SEG_MAX = 1n << 2n;
const F_GEOMETRY = 1n << 4n;
const F_BLK_SIZE = 1n << 6n;
const F_FLUSH = 1n << 9n;
const F_TOPOLOGY = 1n << 10n;
const F_CONFIG_WCE = 1n << 11n;
const F_DISCARD = 1n << 13n;
const F_WRITE_ZEROES = 1n << 14n;
const FEATURES = F_SEG_MAX | F_GEOMETRY | F_BLK_SIZE | F_FLUSH | F_TOPOLOGY | F_CONFIG_WCE | F_DISCARD | F_WRITE_ZEROES;

export const blk: VirtioDevice<"blk", BlkConfig, BlkState, typeof EVENTS> = {
  kind: "blk",
  id: 2,
  config: BlkConfig,
  state: BlkState,
  initialState: ({ sectors, readOnly, serial }) => ({
    kind: "blk",
    sectors,
    readOnly,
    serial,
    writeback: 1,
    inFlight: [],
    answered: [],
  }),
  fixed: ({ sectors, readOnly, serial }) => [sectors, readOnly, serial],
  events: EVENTS,
  queues: 1,
  features: ({ readOnly }) => FEATURES | (readOnly ? F_RO : 0n),
  configuration: (state) => configuration(state),
  storeConfiguration: (state, offset, bytes) => storeConfiguration(state, offset, bytes),
  /** §2.4: the disk keeps its content, and drops its requests. */
  afterReset: (state) => ({ ...state, writeback: 1, inFlight: [], answered: [] }),
  /**
   * The device has one queue. A request belongs to the rings that it came from, so the host's late answers are dropped.
   */
  afterQueueStopped: (state) => ({ ...state, inFlight: [], answered: [] }),
  outstanding: ({ inFlight }, slot) => inFlight.map((request) => diskRequested(slot, request)),
};

/**
 * The most sectors that one discard or write-zeroes request may cover: QEMU's limit, whose requests end below 2 GiB.
 */
export const MAX_REQUEST_SECTORS = 0x3f_ffff;
/** The most requests in flight. Further ones wait in the queue. This bounds what a guest can put into the state. */
export const MAX_IN_FLIGHT = 128;
/** A queue of 256 without the header and the status. */
const MAX_SEGMENTS = 254;
const WRITEBACK = 32;
const CONFIG_BYTES = 57;

/** §5.2.4. */
const configuration = ({ sectors, writeback }: BlkState): Uint8Array => {
  const bytes = new Uint8Array(CONFIG_BYTES);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(sectors), true);
  view.setUint32(12, MAX_SEGMENTS, true);
  view.setUint16(16, cylinders(sectors), true);
  view.setUint8(18, HEADS);
  view.setUint8(19, SECTORS_A_TRACK);
  view.setUint32(20, SECTOR_BYTES, true);
  view.setUint8(WRITEBACK, writeback);
  view.setUint16(34, 1, true);
  // max_discard_sectors, max_discard_seg, discard_sector_alignment.
  view.setUint32(36, MAX_REQUEST_SECTORS, true);
  view.setUint32(40, 1, true);
  view.setUint32(44, 1, true);
  // max_write_zeroes_sectors, max_write_zeroes_seg, write_zeroes_may_unmap.
  view.setUint32(48, MAX_REQUEST_SECTORS, true);
  view.setUint32(52, 1, true);
  view.setUint8(56, 1);
  return bytes;
};

/** The driver may write only `writeback` (§5.2.4). */
const storeConfiguration = (state: BlkState, offset: number, bytes: Uint8Array): BlkState => {
  const written = bytes[WRITEBACK - offset];
  if (written === undefined || offset + bytes.length > CONFIG_BYTES) return state;
  return { ...state, writeback: written === 0 ? 0 : 1 };
};

/** The request for the host. The data to write stay in the state, so the answer only fixes the time. */
export const diskRequested = (slot: number, { id, operation, offset, length }: BlkRequest): Effect => ({
  type: "disk/requested",
  slot,
  id,
  operation,
  offset,
  length,
});

/** Applies the host's answer. Ignores one for a request that a reset has dropped. */
export const withAnswer = (state: BlkState, id: number, status: number): BlkState => {
  const request = state.inFlight.find((one) => one.id === id);
  if (request === undefined) return state;
  return {
    ...state,
    inFlight: state.inFlight.filter((one) => one !== request),
    answered: [...state.answered, { request, status }],
  };
};

/** The geometry that BIOSes and QEMU assume for a disk without partitions. */
const HEADS = 16;
const SECTORS_A_TRACK = 63;
const cylinders = (sectors: number): number =>
  Math.min(Math.max(Math.floor(sectors / (HEADS * SECTORS_A_TRACK)), 2), 16_383);
