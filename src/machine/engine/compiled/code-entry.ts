/** What compiled code looks up once when it is entered. */
import type { HartField } from "../../hart/fields.js";
import { FS_DIRTY } from "../../hart/mstatus.js";
import type { Assembler, Local } from "../../wasm/assembler.js";
import { NX } from "../float-fast-path.js";
import { CONTROL, FIELD, type Layout } from "../layout.js";
import { NOT_DIRECT } from "./code-protocol.js";

/** Conditions that no compiled instruction changes: FS is dirty, frm is RNE, NX is set. */
export interface FloatStatus {
  readonly floatDirty: Local;
  readonly roundsToNearest: Local;
  readonly isInexact: Local;
}

export const floatStatus = (asm: Assembler): FloatStatus => ({
  floatDirty: asm.local("i32"),
  roundsToNearest: asm.local("i32"),
  isInexact: asm.local("i32"),
});

export function loadFloatStatus(asm: Assembler, { floatDirty, roundsToNearest, isInexact }: FloatStatus): void {
  const masked = (name: HartField, mask: bigint): void => {
    asm.i32(0);
    asm.memory("i64.load", FIELD[name]);
    asm.i64(mask);
    asm.op("i64.and");
  };
  masked("mstatus", FS_DIRTY);
  asm.i64(FS_DIRTY);
  asm.op("i64.eq");
  asm.set(floatDirty);
  masked("frm", -1n);
  asm.op("i64.eqz");
  asm.set(roundsToNearest);
  masked("fflags", NX);
  asm.op("i32.wrap_i64");
  asm.set(isInexact);
}

/** How loads and stores find their place: by a TLB, for which the address space is looked up, or by `directRam`. */
export function findData(asm: Assembler, budget: Local, context: Local, directRam: Layout | undefined): void {
  asm.i32(0);
  if (directRam === undefined) {
    asm.memory("i64.load", CONTROL.dataContext);
    asm.set(context);
    return;
  }
  asm.memory("i32.load", CONTROL.directRam);
  asm.op("i32.eqz");
  asm.if(() => {
    asm.get(budget);
    asm.i32(NOT_DIRECT);
    asm.op("i32.or");
    asm.op("return");
  });
}
