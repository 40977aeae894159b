/** A case: the state it starts in and the code it runs; and the RAM image that holds the runtime with many of them. */
import { runtime } from "./runtime.js";
import {
  CODE_OFFSET,
  CSRS_IN,
  DATA_OFFSET,
  FIRST_SLOT,
  PAGE,
  RAM_BASE,
  RECORD,
  SLOTS_END,
  type CsrIn,
} from "./slot.js";

export interface Case {
  readonly x: readonly bigint[];
  readonly f: readonly bigint[];
  readonly csrs: Readonly<Partial<Record<CsrIn, bigint>>>;
  /** Starts the code page; ends in an ebreak. */
  readonly code: Uint8Array;
  /** Where the code page is for the case. */
  readonly codeVa: bigint;
  readonly supervisorHandlerVa?: bigint;
  /** A page table walk may leave RAM. */
  readonly hasTablesOutsideRam?: boolean;
  /** Behind the code page, by offset in the slot. */
  readonly contents: readonly (readonly [offset: number, bytes: Uint8Array])[];
}

/** What a generator is told of the slot that its case will run in. */
export interface Slot {
  /** Physical address of the slot. */
  readonly base: bigint;
  readonly bytes: number;
  /** Of the runtime's M-mode handler. */
  readonly handler: bigint;
}

const END_BYTES = 4;
/** In the code page, behind any code: ecalls to M mode, one for each cause of a vectored interrupt. */
export const SUPERVISOR_HANDLER_OFFSET = 0xe00;

/** Every access allowed: one NAPOT entry over all. */
export const OPEN_PMP = { pmpaddr0: (1n << 54n) - 1n, pmpcfg0: 0x1fn } as const;

export const slotBytesFor = (pages: number): number => pages * PAGE;
export const slotsFor = (slotBytes: number): number => Math.floor((SLOTS_END - FIRST_SLOT) / slotBytes);

export interface Image {
  readonly bytes: Uint8Array;
  readonly cases: readonly Case[];
  readonly slotBytes: number;
}

export function buildImage(count: number, slotBytes: number, generate: (slot: Slot, index: number) => Case): Image {
  if (count > slotsFor(slotBytes)) throw new Error(`${String(count)} cases do not fit into RAM`);
  const { words, handlerOffset } = runtime(slotBytes);
  const bytes = new Uint8Array(FIRST_SLOT + count * slotBytes);
  bytes.set(new Uint8Array(words.buffer), 0);
  const handler = RAM_BASE + BigInt(handlerOffset);
  const cases = Array.from({ length: count }, (_, index) => {
    const offset = FIRST_SLOT + index * slotBytes;
    const generated = generate({ base: RAM_BASE + BigInt(offset), bytes: slotBytes, handler }, index);
    placeCase(bytes.subarray(offset, offset + slotBytes), generated);
    return generated;
  });
  return { bytes, cases, slotBytes };
}

function placeCase(slot: Uint8Array, given: Case): void {
  const view = new DataView(slot.buffer, slot.byteOffset, slot.length);
  const put = (offset: number, value: bigint): void => view.setBigUint64(offset, BigInt.asUintN(64, value), true);
  put(RECORD.present, 1n);
  put(RECORD.codeVa, given.codeVa);
  put(RECORD.endVa, given.codeVa + BigInt(given.code.length - END_BYTES));
  put(RECORD.supervisorHandlerVa, given.supervisorHandlerVa ?? 0n);
  CSRS_IN.forEach((name, index) => put(RECORD.csrsIn + index * 8, given.csrs[name] ?? 0n));
  given.x.forEach((value, index) => put(RECORD.xIn + index * 8, value));
  given.f.forEach((value, index) => put(RECORD.fIn + index * 8, value));
  if (given.code.length > SUPERVISOR_HANDLER_OFFSET) throw new Error("a case's code must leave room in its page");
  slot.set(given.code, CODE_OFFSET);
  const ECALL = 0x73;
  for (let at = SUPERVISOR_HANDLER_OFFSET; at < SUPERVISOR_HANDLER_OFFSET + 0x100; at += 4) {
    view.setUint32(CODE_OFFSET + at, ECALL, true);
  }
  for (const [offset, contents] of given.contents) {
    if (offset < DATA_OFFSET || offset + contents.length > slot.length) throw new Error("contents outside their slot");
    slot.set(contents, offset);
  }
}
