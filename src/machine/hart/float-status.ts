/** Whether F and D are on, whether their registers changed (privileged spec, §3.1.6.6), and the rounding mode. */
import type { Ops } from "./ops.js";
import { FS_DIRTY, FS_MASK } from "./mstatus.js";

const ROUND_DYNAMIC = 7n;
const LAST_ROUNDING_MODE = 4n;

/** With FS off, every floating-point instruction and CSR is illegal. */
export function requireFloat<V, C, R>(o: Ops<V, C, R>): void {
  o.when(o.eq(o.and(o.field("mstatus"), o.i64(FS_MASK)), o.i64(0n)), () => {
    o.illegal();
  });
}

export function markFloatDirty<V, C, R>(o: Ops<V, C, R>): void {
  o.setField("mstatus", o.or(o.field("mstatus"), o.i64(FS_DIRTY)));
}

/** The static rm, or frm if rm is DYN. Reserved values are illegal (unprivileged spec, §21.2). */
export function roundingMode<V, C, R>(o: Ops<V, C, R>, rm: V): V {
  const mode = o.bind(o.select(o.eq(rm, o.i64(ROUND_DYNAMIC)), o.field("frm"), rm));
  o.when(o.ltU(o.i64(LAST_ROUNDING_MODE), mode), () => {
    o.illegal();
  });
  return mode;
}
