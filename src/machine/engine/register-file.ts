/** A hart's registers, fields and notes in the engine's memory: in the window, or in the bank. */
import type { HartField } from "../hart/fields.js";
import { HART_NOTES, type HartNote, type HartNotes } from "../hart/notes.js";
import type { HartRegisters } from "../hart/registers.js";
import { BANK_BYTES, F_BASE, FIELD, NOTE, X_BASE } from "./layout.js";

export class RegisterFile implements HartRegisters, HartNotes {
  private readonly words: BigUint64Array;

  /** `base`: what its addresses are counted from. 0: the window. */
  constructor(buffer: ArrayBuffer, base: number) {
    this.words = new BigUint64Array(buffer, base, BANK_BYTES / 8);
  }

  x(index: number): bigint {
    return this.words[(X_BASE >> 3) + index] ?? 0n;
  }

  setX(index: number, value: bigint): void {
    if (index !== 0) this.words[(X_BASE >> 3) + index] = value;
  }

  f(index: number): bigint {
    return this.words[(F_BASE >> 3) + index] ?? 0n;
  }

  setF(index: number, value: bigint): void {
    this.words[(F_BASE >> 3) + index] = value;
  }

  field(name: HartField): bigint {
    return this.words[FIELD[name] >> 3] ?? 0n;
  }

  setField(name: HartField, value: bigint): void {
    this.words[FIELD[name] >> 3] = value;
  }

  note(name: HartNote): bigint {
    return this.words[NOTE[name] >> 3] ?? 0n;
  }

  forgetNotes(): void {
    for (const name of HART_NOTES) this.words[NOTE[name] >> 3] = 0n;
  }
}
