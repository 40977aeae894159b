/** What compiled code looks up once when it is entered. */
import type { HartField } from "../../hart/fields.js";
import { FS_DIRTY } from "../../hart/mstatus.js";
import type { Code, CompiledValues } from "../expressions/compiled-values.js";
import { NX } from "../expressions/float-fast-path.js";
import type { Layout } from "../layout.js";
import type { LocalVariable } from "../expressions/local-variable.js";
import type { Word, Words } from "../expressions/words.js";
import { NOT_DIRECT } from "./code-protocol.js";

/** Conditions that no compiled instruction changes: FS is dirty, frm is RNE, NX is set. */
export interface FloatStatus {
  readonly floatDirty: LocalVariable;
  readonly roundsToNearest: LocalVariable;
  readonly isInexact: LocalVariable;
}

export const floatStatus = (w: Words): FloatStatus => ({
  floatDirty: w.variable(),
  roundsToNearest: w.variable(),
  isInexact: w.variable(),
});

export function loadFloatStatus(
  w: Words,
  v: CompiledValues,
  { floatDirty, roundsToNearest, isInexact }: FloatStatus,
): void {
  const masked = (name: HartField, mask: bigint): Code => v.and(v.field(name), v.i64(mask));
  floatDirty.set(v.eq(masked("mstatus", FS_DIRTY), v.i64(FS_DIRTY)));
  roundsToNearest.set(v.isZero(masked("frm", -1n)));
  isInexact.set(w.low(masked("fflags", NX)));
}

/** How loads and stores find their place: by a TLB, for which the address space is looked up, or by `directRam`. */
export function findData(
  w: Words,
  v: CompiledValues,
  budget: Word,
  context: LocalVariable,
  directRam: Layout | undefined,
): void {
  if (directRam === undefined) {
    context.set(v.control("dataContext"));
    return;
  }
  w.when(w.not(w.control("directRam")), () => {
    w.return(w.or(budget, w.i32(NOT_DIRECT)));
  });
}
