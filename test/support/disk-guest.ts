// A bare-metal guest that drives a disk: it offers its requests all at once, waits until all are back, and powers off.
import { AREA } from "../machine/virtio/virtio-guest.js";
import { describe, NEXT, notify, offer, start, WRITE } from "../machine/virtio/virtio-driver.js";
import { Program, X } from "./assemble.js";
import { POWER_OFF, RESET, stores, tellFinisher } from "./driver-program.js";

export interface GuestRequest {
  /** VIRTIO_BLK_T_*. */
  readonly type: number;
  readonly sector: number;
}

export const READ = 0;
export const WRITE_OUT = 1;

/** Where request `index` has its 512 bytes, and its status behind them. */
export const dataAt = (index: number): number => AREA.buffers + 0x1000 + index * 0x400;
export const statusAt = (index: number): number => dataAt(index) + 0x200;
/** The used ring's entry: the id is three times the request's number. */
export const usedEntry = (place: number): number => AREA.device + 4 + place * 8;

const NUM = 64;

/** Each batch is offered when the one before is all back. A write writes its number. */
export const diskGuest = (batches: readonly (readonly GuestRequest[])[]): Uint8Array => {
  const program = new Program();
  stores(program, start(0, NUM));
  let offered = 0;
  for (const batch of batches) {
    offerAll(program, offered, batch);
    offered += batch.length;
    waitForBack(program, offered);
  }
  return tellFinisher(program, POWER_OFF).bytes();
};

/**
 * Writes to a sector, offers `before`, waits until `answered` of these are back, and resets the machine with the others
 * in flight. After the reset, which it knows by the sector, it offers `after`, waits for all of them, and powers off.
 */
export const resettingDiskGuest = (
  sector: number,
  before: readonly GuestRequest[],
  answered: number,
  after: readonly GuestRequest[],
): Uint8Array => {
  const program = new Program();
  stores(program, start(0, NUM));
  offerAll(program, 0, [{ type: READ, sector }]);
  waitForBack(program, 1);
  program
    .li(X.t0, BigInt(dataAt(0)))
    .i("lwu", { rd: X.t0, rs1: X.t0, imm: 0 })
    .li(X.t1, MARK)
    // A jump, since a branch does not reach so far.
    .i("bne", { rs1: X.t0, rs2: X.t1, imm: "first" })
    .i("jal", { imm: "second" })
    .label("first");
  offerAll(program, 1, [{ type: WRITE_OUT, sector }, ...before]);
  waitForBack(program, 2 + answered);
  tellFinisher(program, RESET).label("second");
  offerAll(program, 1, after);
  waitForBack(program, 1 + after.length);
  return tellFinisher(program, POWER_OFF).bytes();
};

/** What the first write leaves in its sector: the number of the request. */
const MARK = 2n;

const offerAll = (program: Program, first: number, batch: readonly GuestRequest[]): void => {
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
};

/** Until the used ring has had so many. */
const waitForBack = (program: Program, count: number): void => {
  const wait = `wait${String(program.length)}`;
  program
    .li(X.t0, BigInt(AREA.device + 2))
    .li(X.t1, BigInt(count))
    .label(wait)
    .i("lhu", { rd: X.t2, rs1: X.t0, imm: 0 })
    .i("bne", { rs1: X.t2, rs2: X.t1, imm: wait });
};
