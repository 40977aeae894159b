/**
 * Loads and stores while addresses are physical and PMP allows all of RAM. RAM is contiguous, so one comparison finds
 * it. A store also needs that its first and last page were written since the last state, and hold neither code nor a
 * page table. The pages' flags tell this.
 */
import type { Assembler, Local } from "../../wasm/assembler.js";
import type { ValueType } from "../../wasm/opcodes.js";
import type { Code } from "../expressions/compiled-values.js";
import { PAGE_FLAG, PAGE_SHIFT, RAM_BASE, type Layout } from "../layout.js";
import type { AccessPaths } from "../wasm-ops.js";

const JUST_WRITTEN = PAGE_FLAG.digestStale | PAGE_FLAG.uncaptured;

interface DirectAccess {
  readonly isStore: boolean;
  readonly bytes: number;
  readonly address: Code;
  readonly paths: AccessPaths;
}

export function directAccess(
  ops: { readonly asm: Assembler; temporary: (type: ValueType) => Local },
  layout: Layout,
  { isStore, bytes, address, paths }: DirectAccess,
): void {
  const { asm } = ops;
  const wide = ops.temporary("i64");
  const offset = ops.temporary("i32");
  asm.block((found) => {
    asm.block((missed) => {
      address();
      asm.i64(BigInt(-RAM_BASE));
      asm.op("i64.add");
      asm.tee(wide);
      asm.i64(BigInt(layout.ramBytes - bytes));
      asm.op("i64.gt_u");
      asm.brIf(missed);
      asm.get(wide);
      asm.op("i32.wrap_i64");
      asm.set(offset);
      if (isStore) {
        for (const byte of new Set([0, bytes - 1])) {
          asm.get(offset);
          if (byte > 0) {
            asm.i32(byte);
            asm.op("i32.add");
          }
          asm.i32(PAGE_SHIFT);
          asm.op("i32.shr_u");
          asm.memory("i32.load8_u", layout.pageFlags);
          asm.i32(JUST_WRITTEN);
          asm.op("i32.ne");
          asm.brIf(missed);
        }
      }
      asm.br(found);
    });
    paths.miss();
  });
  asm.get(offset);
  paths.hit(layout.ram);
}
