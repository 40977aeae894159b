/** mstatus.FS (privileged spec, §3.1.6.6): whether F and D are there, and whether their registers changed. */
import type { Ops } from "../isa/ops.js";
import { FS_DIRTY, FS_MASK } from "./mstatus.js";

/** With FS off, every floating-point instruction and CSR is illegal. */
export function requireFloat<V, C, R>(o: Ops<V, C, R>): void {
  o.when(o.eq(o.and(o.field("mstatus"), o.i64(FS_MASK)), o.i64(0n)), () => {
    o.illegal();
  });
}

export function markFloatDirty<V, C, R>(o: Ops<V, C, R>): void {
  o.setField("mstatus", o.or(o.field("mstatus"), o.i64(FS_DIRTY)));
}
