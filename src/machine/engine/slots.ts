/** Decodes an instruction into a slot, in the form that the loop's cases read. */
import { decode, isCompressed } from "../isa/decode.js";
import { HANDLER, PAGE_BYTES, SLOT, SLOT_BYTES, SLOTS_A_PAGE, X_BASE, X_SINK } from "./layout.js";
import { handlerOf } from "./interpreter-loop.js";

const registerAddress = (index: number): number => X_BASE + index * 8;

/** Slots by a hash of the encoding, on which alone they depend: guests use few of all encodings, again and again. */
const KEPT_BITS = 14;
const HASH_FACTOR = 0x9e37_79b1;
const KEPT = new DataView(new ArrayBuffer(SLOT_BYTES << KEPT_BITS));

/** `straddles`: the encoding's second half lies in another page, so nothing but its lower half may be kept. */
export function writeSlot(view: DataView, slot: number, raw: number, straddles = false): void {
  if (straddles && !isCompressed(raw)) {
    view.setUint16(slot + SLOT.handler, HANDLER.straddling, true);
    return;
  }
  const encoding = isCompressed(raw) ? raw & 0xffff : raw | 0;
  const kept = (Math.imul(encoding, HASH_FACTOR) >>> (32 - KEPT_BITS)) * SLOT_BYTES;
  const isKept = KEPT.getUint16(kept + SLOT.handler, true) !== HANDLER.undecoded;
  if (!isKept || KEPT.getInt32(kept + SLOT.raw, true) !== encoding) decodeInto(KEPT, kept, encoding);
  for (let at = 0; at < SLOT_BYTES; at += 4) view.setInt32(slot + at, KEPT.getInt32(kept + at, true), true);
}

function decodeInto(view: DataView, slot: number, encoding: number): void {
  view.setInt32(slot + SLOT.raw, encoding, true);
  const decoded = decode(encoding);
  if (decoded === undefined) {
    view.setUint16(slot + SLOT.handler, HANDLER.illegal, true);
    return;
  }
  const { instruction, rd, rs1, rs2, imm, bytes } = decoded;
  // The f registers lie at a fixed distance behind the x registers, and f0 is an ordinary one.
  const discards = rd === 0 && instruction.format.writesFloat !== true;
  view.setUint16(slot + SLOT.rd, discards ? X_SINK : registerAddress(rd), true);
  view.setUint16(slot + SLOT.rs1, registerAddress(rs1), true);
  view.setUint16(slot + SLOT.rs2, registerAddress(rs2), true);
  view.setInt32(slot + SLOT.immediate, imm, true);
  view.setUint16(slot + SLOT.handler, handlerOf(instruction, bytes), true);
}

/** The offset in its page of the instruction that slot `index` is for, and whether it may run over the page's end. */
export const slotPlace = (index: number): { offset: number; isLast: boolean } => ({
  offset: (index * PAGE_BYTES) / SLOTS_A_PAGE,
  isLast: index === SLOTS_A_PAGE - 1,
});
