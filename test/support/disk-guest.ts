// A bare-metal guest that drives a disk: it offers its requests all at once, waits until all are back, and powers off.
import { AREA, SLOT as SLOT_1 } from "../machine/virtio/virtio-guest.js";
import { describe, NEXT, notify, offer, start, WRITE } from "../machine/virtio/virtio-driver.js";
import type { RegisterAccess } from "../reducers/qemu-registers.js";
import { Program, X } from "./assemble.js";

export interface GuestRequest {
  /** VIRTIO_BLK_T_*. */
  readonly type: number;
  readonly sector: number;
}

export const READ = 0;
export const WRITE_OUT = 1;
export const FLUSH = 4;

/** Where request `index` has its 512 bytes, and its status behind them. */
export const dataAt = (index: number): number => AREA.buffers + 0x1000 + index * 0x400;
export const statusAt = (index: number): number => dataAt(index) + 0x200;
/** The used ring's entry: the id is three times the request's number. */
export const usedEntry = (place: number): number => AREA.device + 4 + place * 8;

const NUM = 64;
const FINISHER = 0x10_0000n;

/** Each batch is offered when the one before is all back. A write writes its number. */
export const diskGuest = (batches: readonly (readonly GuestRequest[])[]): Uint8Array => {
  const program = new Program();
  stores(program, start(0, NUM));
  let offered = 0;
  for (const batch of batches) {
    const first = offered;
    const heads = batch.map(({ type, sector }, index) => {
      const number = first + index;
      const head = number * 3;
      const header = AREA.buffers + number * 16;
      stores(program, [
        { address: header, width: 8, value: BigInt(type) },
        { address: header + 8, width: 8, value: BigInt(sector) },
        ...(type === WRITE_OUT ? [{ address: dataAt(number), width: 8, value: BigInt(number + 1) } as const] : []),
        ...describe(AREA.descriptors, head, { address: header, length: 16, flags: NEXT, next: head + 1 }),
        ...describe(AREA.descriptors, head + 1, {
          address: dataAt(number),
          length: 512,
          flags: NEXT | (type === READ ? WRITE : 0),
          next: head + 2,
        }),
        ...describe(AREA.descriptors, head + 2, { address: statusAt(number), length: 1, flags: WRITE }),
      ]);
      return head;
    });
    stores(program, [...offer(NUM, first, heads), notify(0)]);
    offered += batch.length;
    const wait = `wait${String(offered)}`;
    program
      .li(X.t0, BigInt(AREA.device + 2))
      .li(X.t1, BigInt(offered))
      .label(wait)
      .i("lhu", { rd: X.t2, rs1: X.t0, imm: 0 })
      .i("bne", { rs1: X.t2, rs2: X.t1, imm: wait });
  }
  return program
    .li(X.t0, FINISHER)
    .li(X.t1, 0x5555n)
    .i("sw", { rs1: X.t0, rs2: X.t1, imm: 0 })
    .label("off")
    .i("jal", { imm: "off" })
    .bytes();
};

const STORES = { 1: "sb", 2: "sh", 4: "sw", 8: "sd" } as const;

const stores = (program: Program, accesses: readonly RegisterAccess[]): void => {
  for (const { address, width, value = 0n } of accesses) {
    program
      .li(X.t0, BigInt(address))
      .li(X.t1, BigInt.asIntN(64, value))
      .i(STORES[width], { rs1: X.t0, rs2: X.t1, imm: 0 });
  }
};

/** The disk has to be in this slot of the machine. */
export const DISK_SLOT = (SLOT_1 - 0x1000_1000) / 0x1000;
