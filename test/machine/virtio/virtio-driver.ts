// What a virtio driver does, as lists of accesses: they run on QEMU and here alike.
import { load, store, type RegisterAccess } from "../../support/register-access.js";
import { AREA, SLOT } from "./virtio-guest.js";

export const NEXT = 1;
export const WRITE = 2;
export const INDIRECT = 4;
export const INDIRECT_DESC = 1 << 28;
export const EVENT_IDX = 1 << 29;

export const REGISTERS = { queueNotify: 0x50, interruptStatus: 0x60, interruptAck: 0x64, status: 0x70 } as const;

export interface DescriptorFields {
  readonly address: number | bigint;
  readonly length: number;
  readonly flags?: number;
  readonly next?: number;
}

export const register = (offset: number, value: number): RegisterAccess => store(SLOT + offset, 4, value);

/** Where the parts of a queue lie. */
export type Rings = Readonly<Record<"descriptors" | "driver" | "device", number>>;

/** Resets the device, accepts `features` beside VERSION_1, and makes `queues` ready: by default in the common areas. */
export const start = (
  queues: number | readonly number[],
  num: number,
  features = 0,
  ringsOf: (queue: number) => Rings = () => AREA,
): RegisterAccess[] => [
  register(REGISTERS.status, 0),
  register(REGISTERS.status, 3),
  register(0x24, 1),
  register(0x20, 1),
  register(0x24, 0),
  register(0x20, features >>> 0),
  register(REGISTERS.status, 11),
  ...[queues].flat().flatMap((queue) => ready(queue, num, ringsOf(queue))),
  register(REGISTERS.status, 15),
];

const ready = (queue: number, num: number, { descriptors, driver, device }: Rings): RegisterAccess[] => [
  register(0x30, queue),
  register(0x38, num),
  register(0x80, descriptors),
  register(0x84, 0),
  register(0x90, driver),
  register(0x94, 0),
  register(0xa0, device),
  register(0xa4, 0),
  register(0x44, 1),
];

export const clearRings = (num: number): RegisterAccess[] => [
  ...Array.from({ length: 2 + Math.ceil(num / 4) }, (_, index) => store(AREA.driver + index * 8, 8, 0)),
  ...Array.from({ length: 2 + num }, (_, index) => store(AREA.device + index * 8, 8, 0)),
];

export const describe = (
  table: number,
  index: number,
  { address, length, flags = 0, next = 0 }: DescriptorFields,
): RegisterAccess[] => [
  store(table + index * 16, 8, address),
  store(table + index * 16 + 8, 4, length),
  store(table + index * 16 + 12, 2, flags),
  store(table + index * 16 + 14, 2, next),
];

/** Makes chains available from ring index `from` on. */
export const offer = (
  num: number,
  from: number,
  heads: readonly number[],
  { driver }: Pick<Rings, "driver"> = AREA,
): RegisterAccess[] => [
  ...heads.map((head, index) => store(driver + 4 + ((from + index) % num) * 2, 2, head)),
  store(driver + 2, 2, (from + heads.length) & 0xffff),
];

export const notify = (queue: number): RegisterAccess => register(REGISTERS.queueNotify, queue);

/** Everything that the device may have changed. */
export const inspect = (num: number, waitMs = 0): RegisterAccess[] => [
  load(SLOT + REGISTERS.status, 4, waitMs),
  load(SLOT + REGISTERS.status, 4),
  load(SLOT + REGISTERS.interruptStatus, 4),
  load(AREA.device + 2, 2),
  ...Array.from({ length: num }, (_, index) => load(AREA.device + 4 + index * 8, 8)),
  load(AREA.device + 4 + num * 8, 2),
];
