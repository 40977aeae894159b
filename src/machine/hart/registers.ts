/** A hart's registers: an engine's live ones, and as a value. */
import { HART_FIELDS, type HartField } from "./fields.js";

/** 64 bits each. A write to x0 is ignored. */
export interface HartRegisters {
  x(index: number): bigint;
  setX(index: number, value: bigint): void;
  f(index: number): bigint;
  setF(index: number, value: bigint): void;
  field(name: HartField): bigint;
  setField(name: HartField, value: bigint): void;
}

/** A hart as a frozen value. */
export interface HartState {
  readonly x: readonly bigint[];
  readonly f: readonly bigint[];
  readonly fields: Readonly<Record<HartField, bigint>>;
}

export const hartState = (registers: HartRegisters): HartState =>
  Object.freeze({
    x: Object.freeze(Array.from({ length: 32 }, (_, index) => registers.x(index))),
    f: Object.freeze(Array.from({ length: 32 }, (_, index) => registers.f(index))),
    fields: Object.freeze(
      Object.fromEntries(HART_FIELDS.map((name) => [name, registers.field(name)])) as Record<HartField, bigint>,
    ),
  });

export function loadHart(registers: HartRegisters, { x, f, fields }: HartState): void {
  x.forEach((value, index) => {
    registers.setX(index, value);
  });
  f.forEach((value, index) => {
    registers.setF(index, value);
  });
  for (const name of HART_FIELDS) registers.setField(name, fields[name]);
}
