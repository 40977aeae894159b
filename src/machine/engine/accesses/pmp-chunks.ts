/**
 * Remembers which chunks of 2 MiB of RAM PMP allows as a whole, because each page-table entry of a walk is checked. One
 * byte per chunk: permissions of S and U mode in the low bits, those of M mode above.
 */
import { PRIVILEGE } from "../../hart/mstatus.js";
import type { Assembler } from "../../wasm/assembler.js";
import { CompiledValues, type Code } from "../expressions/compiled-values.js";
import { functionFrame } from "../function-frame.js";
import { PMP_CHUNK_SHIFT, RAM_BASE, type Layout } from "../layout.js";
import { localVariable } from "../expressions/local-variable.js";
import type { Words } from "../expressions/words.js";

const CHUNK_BYTES = 1n << BigInt(PMP_CHUNK_SHIFT);
const MACHINE_SHIFT = 3;

/** (address, bytes, needed, privilege: i64) -> i64: the result of `pmpAllows`, whose index is `exact`. */
export function pmpAllowsFunction(layout: Layout, exact: number): Assembler {
  const { frame, inputs } = functionFrame(["i64", "i64", "i64", "i64"], "i64");
  const [address, bytes, needed, privilege] = inputs;
  const { asm, w, slot } = frame;
  const v = new CompiledValues(asm);
  const offset = localVariable(asm, asm.local("i64"));
  const chunk = w.variable();
  const bit = w.variable();
  const known = w.load("i32.load8_u", chunk, layout.pmpChunks);
  const allows = (start: Code, length: Code): Code => w.result(exact, slot, start, length, needed, privilege);
  const returnTrue = (): void => {
    w.return(v.i64(1n));
  };

  w.block((elsewhere) => {
    const isElsewhere = v.geU(offset.tee(v.sub(address, v.i64(BigInt(RAM_BASE)))), v.i64(BigInt(layout.ramBytes)));
    w.branchIf(isElsewhere, elsewhere);
    // No access is longer than a page, and no checked access crosses one.
    chunk.set(w.low(v.shrU(offset, v.i64(BigInt(PMP_CHUNK_SHIFT)))));
    const isMachine = v.eq(privilege, v.i64(PRIVILEGE.machine));
    bit.set(w.shl(w.low(needed), w.select(isMachine, w.i32(MACHINE_SHIFT), w.i32(0))));
    w.when(w.and(known, bit), returnTrue);
    w.branchIf(v.isZero(allows(v.and(address, v.i64(-CHUNK_BYTES)), v.i64(CHUNK_BYTES))), elsewhere);
    w.store("i32.store8", chunk, layout.pmpChunks, w.or(known, bit));
    returnTrue();
  });
  allows(address, bytes)();
  return asm;
}

/** PMP changed, so nothing is known. */
export function forgetPmpChunks(w: Words, layout: Layout): void {
  w.fill(w.i32(layout.pmpChunks), 0, layout.pmpChunkCount);
}
