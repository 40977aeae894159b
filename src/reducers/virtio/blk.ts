/**
 * The block device (virtio 1.2 §5.2) as its driver sees it: features, configuration space, and the requests that it has
 * taken from the driver. Numbers that the specification leaves open are QEMU's.
 */
import * as t from "io-ts";

import type { Effect } from "../effect.js";
import type { EventTable } from "../event-table.js";
import { atMost, Count, restricted, Sha256, Text, U32, U64, U8 } from "../scalars.js";
import type { VirtioDevice } from "./device.js";

/** A sector is 512 bytes, whatever the block size (§5.2.4). */
export const SECTOR_BYTES = 512;
/** §5.2.6: what VIRTIO_BLK_T_GET_ID has room for. */
export const SERIAL_BYTES = 20;
/** 16 TiB, as large as an ext4 file: a page's number has 32 bits. */
export const MAX_SECTORS = 2 ** 35;

/** A disk as a part of the machine: known by what it holds at the start, so that no other disk is taken for it. */
export const BlkConfig = t.readonly(
  t.exact(
    t.type({
      kind: t.literal("blk"),
      /** Of the image, so that the same bytes make the same disk. */
      format: t.union([t.literal("raw"), t.literal("qcow2")]),
      /** SHA-256 of the image; behind it those of the images that it is backed by. */
      base: restricted("BaseImages", t.readonlyArray(Sha256), ({ length }) => length > 0),
      sectors: atMost(MAX_SECTORS),
      readOnly: t.boolean,
      serial: restricted("Serial", Text, (text) => new TextEncoder().encode(text).length <= SERIAL_BYTES),
    }),
  ),
);
export type BlkConfig = t.TypeOf<typeof BlkConfig>;

/** A part of guest RAM. */
const Segment = t.readonly(t.type({ address: U64, length: U32 }));

/** A request that the device has taken and not yet given back: all that finishing it needs, whatever the driver writes meanwhile. */
export const BlkRequest = t.readonly(
  t.type({
    /** Counted from 0 over the life of the disk, so that no reset makes an old answer fit a new request. */
    id: Count,
    /** The descriptor by which it is returned. */
    head: U32,
    operation: t.union([t.literal("read"), t.literal("write"), t.literal("flush"), t.literal("zero")]),
    /** The place on the disk, in bytes. */
    offset: Count,
    length: Count,
    /** What is to be read or written, in order; nothing for the other operations. */
    buffers: t.readonlyArray(Segment),
    statusAddress: U64,
    /** All that the driver gave to write into, which is what QEMU says was written. */
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
    /** The configuration's `writeback` byte. The driver may clear it, which changes nothing: what is completed is kept. */
    writeback: U8,
    /** As the host has them, in the order in which they were taken. */
    inFlight: t.readonlyArray(BlkRequest),
    /** Answered by the host, in the order of its answers, with the status for the driver. */
    answered: t.readonlyArray(t.readonly(t.type({ request: BlkRequest, status: U8 }))),
  }),
);
export type BlkState = t.TypeOf<typeof BlkState>;

const EVENTS = {
  /** The host answered a disk's request: VIRTIO_BLK_S_OK, or S_IOERR. The data are a function of the image and the state. */
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
  events: EVENTS,
  queues: 1,
  features: ({ readOnly }) => FEATURES | (readOnly ? F_RO : 0n),
  configuration: (state) => configuration(state),
  storeConfiguration: (state, offset, bytes) => storeConfiguration(state, offset, bytes),
  /** §2.4: the disk stays what it is, and forgets what it was asked. */
  afterReset: (state) => ({ ...state, writeback: 1, inFlight: [], answered: [] }),
  /** Its one queue: a request lives in the rings that it came from. The host's answers, when they come, are for nobody. */
  afterQueueStopped: (state) => ({ ...state, inFlight: [], answered: [] }),
  outstanding: ({ inFlight }, slot) => inFlight.map((request) => diskRequested(slot, request)),
};

/** The most that one discard or write-zeroes request may cover: as QEMU's, whose requests end below 2 GiB. */
export const MAX_REQUEST_SECTORS = 0x3f_ffff;
/** Requests that the device has taken: more wait in the queue until some are finished, so what a guest can put into the state is bounded. */
export const MAX_IN_FLIGHT = 128;
/** A chain has a header and a status besides: with them a queue of 256 is full. */
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

/** The driver may write `writeback`, and nothing else (§5.2.4). */
const storeConfiguration = (state: BlkState, offset: number, bytes: Uint8Array): BlkState => {
  const written = bytes[WRITEBACK - offset];
  if (written === undefined || offset + bytes.length > CONFIG_BYTES) return state;
  return { ...state, writeback: written === 0 ? 0 : 1 };
};

/** How the host is asked. What is written stays within the state, so an answer only says that the time has come. */
export const diskRequested = (slot: number, { id, operation, offset, length }: BlkRequest): Effect => ({
  type: "disk/requested",
  slot,
  id,
  operation,
  offset,
  length,
});

/** What the host answered; nothing for a request that a reset has dropped meanwhile. */
export const withAnswer = (state: BlkState, id: number, status: number): BlkState => {
  const request = state.inFlight.find((one) => one.id === id);
  if (request === undefined) return state;
  return {
    ...state,
    inFlight: state.inFlight.filter((one) => one !== request),
    answered: [...state.answered, { request, status }],
  };
};

/** What BIOSes make of a disk without partitions, and QEMU too. */
const HEADS = 16;
const SECTORS_A_TRACK = 63;
const cylinders = (sectors: number): number =>
  Math.min(Math.max(Math.floor(sectors / (HEADS * SECTORS_A_TRACK)), 2), 16_383);
