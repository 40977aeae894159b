/**
 * A hart's registers as JavaScript values, by index and by name. They have no addresses, so no address can be wrong.
 */
import { HART_FIELDS, type HartField } from "../hart/fields.js";
import type { HartNote, HartNotes } from "../hart/notes.js";
import type { HartRegisters } from "../hart/registers.js";

const REGISTERS = 32;

const unsigned = (value: bigint): bigint => BigInt.asUintN(64, value);

export class PlainHart implements HartRegisters, HartNotes {
  private readonly xs = new Array<bigint>(REGISTERS).fill(0n);
  private readonly fs = new Array<bigint>(REGISTERS).fill(0n);
  private readonly notes = new Map<HartNote, bigint>();
  private readonly fields = new Map<HartField, bigint>(HART_FIELDS.map((name) => [name, 0n]));

  x(index: number): bigint {
    return this.xs[index] ?? 0n;
  }

  setX(index: number, value: bigint): void {
    if (index !== 0) this.xs[index] = unsigned(value);
  }

  f(index: number): bigint {
    return this.fs[index] ?? 0n;
  }

  setF(index: number, value: bigint): void {
    this.fs[index] = unsigned(value);
  }

  note(name: HartNote): bigint {
    return this.notes.get(name) ?? 0n;
  }

  setNote(name: HartNote, value: bigint): void {
    this.notes.set(name, value);
  }

  forgetNotes(): void {
    this.notes.clear();
  }

  field(name: HartField): bigint {
    return this.fields.get(name) ?? 0n;
  }

  setField(name: HartField, value: bigint): void {
    this.fields.set(name, unsigned(value));
  }
}
