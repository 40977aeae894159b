/**
 * Remembers which chunks of 2 MiB of RAM PMP allows as a whole, because each page-table entry of a walk is checked. One
 * byte per chunk: permissions of S and U mode in the low bits, those of M mode above.
 */
import { PRIVILEGE } from "../hart/mstatus.js";
import type { Assembler } from "../wasm/assembler.js";
import { functionFrame } from "./function-frame.js";
import { PMP_CHUNK_SHIFT, RAM_BASE, type Layout } from "./layout.js";

const MACHINE_SHIFT = 3;

/** (address, bytes, needed, privilege: i64) -> i64: the result of `pmpAllows`, whose index is `exact`. */
export function pmpAllowsFunction(layout: Layout, exact: number): Assembler {
  const { frame, parameter } = functionFrame(["i64", "i64", "i64", "i64"], "i64");
  const { asm, slot } = frame;
  const [address, bytes, needed, privilege] = [parameter(0), parameter(1), parameter(2), parameter(3)];
  const offset = asm.local("i64");
  const chunk = asm.local("i32");
  const bit = asm.local("i32");
  const callExact = (start: () => void, length: () => void): void => {
    asm.get(slot);
    start();
    length();
    asm.get(needed);
    asm.get(privilege);
    asm.call(exact);
  };

  asm.block((elsewhere) => {
    asm.get(address);
    asm.i64(BigInt(RAM_BASE));
    asm.op("i64.sub");
    asm.tee(offset);
    asm.i64(BigInt(layout.ramBytes));
    asm.op("i64.ge_u");
    asm.brIf(elsewhere);
    // No access is longer than a page, and no checked access crosses one.
    asm.get(offset);
    asm.i64(BigInt(PMP_CHUNK_SHIFT));
    asm.op("i64.shr_u");
    asm.op("i32.wrap_i64");
    asm.set(chunk);
    asm.get(needed);
    asm.op("i32.wrap_i64");
    asm.i32(MACHINE_SHIFT);
    asm.i32(0);
    asm.get(privilege);
    asm.i64(PRIVILEGE.machine);
    asm.op("i64.eq");
    asm.op("select");
    asm.op("i32.shl");
    asm.set(bit);
    asm.get(chunk);
    asm.memory("i32.load8_u", layout.pmpChunks);
    asm.get(bit);
    asm.op("i32.and");
    asm.if(() => {
      asm.i64(1n);
      asm.op("return");
    });
    callExact(
      () => {
        asm.get(address);
        asm.i64(-(1n << BigInt(PMP_CHUNK_SHIFT)));
        asm.op("i64.and");
      },
      () => {
        asm.i64(1n << BigInt(PMP_CHUNK_SHIFT));
      },
    );
    asm.op("i64.eqz");
    asm.brIf(elsewhere);
    asm.get(chunk);
    asm.get(chunk);
    asm.memory("i32.load8_u", layout.pmpChunks);
    asm.get(bit);
    asm.op("i32.or");
    asm.memory("i32.store8", layout.pmpChunks);
    asm.i64(1n);
    asm.op("return");
  });
  callExact(
    () => {
      asm.get(address);
    },
    () => {
      asm.get(bytes);
    },
  );
  return asm;
}

/** PMP changed, so nothing is known. */
export function forgetPmpChunks(asm: Assembler, layout: Layout): void {
  asm.i32(layout.pmpChunks);
  asm.i32(0);
  asm.i32(layout.pmpChunkCount);
  asm.fill();
}
