/** Stores to watched pages: pages that are not dirty yet, have decoded code, are page tables, or are probed. */
import type { Assembler } from "../wasm/assembler.js";
import { functionFrame } from "./function-frame.js";
import { PAGE_BYTES, PAGE_FLAG, PAGE_SHIFT, SLOT_BYTES, type Layout } from "./layout.js";
import type { EngineFunctions } from "./slot-ops.js";
import { STORES, WIDTHS } from "./wasm-ops.js";

/**
 * (width: i32, host: i32, value: i64) -> i32: stores to RAM, and does all that a first store to a page needs. Returns
 * whether later stores to the page need none of it.
 */
export function writeWatchedFunction(
  engine: EngineFunctions,
  invalidateCode: number,
  pageTableStored: number,
): Assembler {
  const { frame, parameter } = functionFrame(["i32", "i32", "i64"], "i32");
  const { asm, slot } = frame;
  const { layout } = engine;
  const [width, host, value] = [parameter(0), parameter(1), parameter(2)];
  const page = asm.local("i32");
  const entry = asm.local("i32");
  const old = asm.local("i64");
  const flags = (): void => {
    asm.get(page);
    asm.memory("i32.load8_u", layout.pageFlags);
  };
  const has = (flag: number): void => {
    flags();
    asm.i32(flag);
    asm.op("i32.and");
  };

  asm.get(host);
  asm.i32(layout.ram);
  asm.op("i32.sub");
  asm.i32(PAGE_SHIFT);
  asm.op("i32.shr_u");
  asm.set(page);
  // The page-table entry that contains the first byte.
  asm.get(host);
  asm.i32(-8);
  asm.op("i32.and");
  asm.tee(entry);
  asm.memory("i64.load");
  asm.set(old);
  for (const bytes of WIDTHS) {
    asm.get(width);
    asm.i32(bytes);
    asm.op("i32.eq");
    asm.if(() => {
      asm.get(host);
      asm.get(value);
      asm.memory(STORES[bytes]);
    });
  }
  asm.get(page);
  flags();
  asm.i32(PAGE_FLAG.digestStale | PAGE_FLAG.uncaptured);
  asm.op("i32.or");
  asm.memory("i32.store8", layout.pageFlags);
  has(PAGE_FLAG.code);
  asm.if(() => {
    asm.get(slot);
    asm.get(page);
    asm.get(host);
    asm.get(width);
    asm.call(invalidateCode);
  });
  has(PAGE_FLAG.tables);
  asm.if(() => {
    const stored = (offset: number, isChanged: () => void): void => {
      asm.get(slot);
      asm.get(page);
      asm.get(entry);
      asm.i32(layout.ram - offset);
      asm.op("i32.sub");
      isChanged();
      asm.call(pageTableStored);
    };
    stored(0, () => {
      asm.get(entry);
      asm.memory("i64.load");
      asm.get(old);
      asm.op("i64.ne");
    });
    // A store that straddles two entries counts as a change of the second.
    asm.get(host);
    asm.get(entry);
    asm.op("i32.sub");
    asm.get(width);
    asm.op("i32.add");
    asm.i32(8);
    asm.op("i32.gt_u");
    asm.if(() => {
      stored(8, () => {
        asm.i32(1);
      });
    });
  });
  has(PAGE_FLAG.code | PAGE_FLAG.tables | PAGE_FLAG.probed);
  asm.op("i32.eqz");
  return asm;
}

/**
 * (page: i32, host: i32, width: i32): marks the decoded instructions that contain a changed byte for decoding again.
 */
export function invalidateCodeFunction(layout: Layout, dropRegions: number): Assembler {
  const { frame, parameter } = functionFrame(["i32", "i32", "i32"], undefined);
  const { asm } = frame;
  const [page, host, width] = [parameter(0), parameter(1), parameter(2)];
  const code = asm.local("i32");
  const index = asm.local("i32");
  const end = asm.local("i32");
  asm.get(page);
  asm.i32(2);
  asm.op("i32.shl");
  asm.memory("i32.load", layout.pageCode);
  asm.tee(code);
  asm.op("i32.eqz");
  asm.if(() => {
    asm.op("return");
  });
  asm.get(page);
  asm.memory("i32.load8_u", layout.pageFlags);
  asm.i32(PAGE_FLAG.regions);
  asm.op("i32.and");
  asm.if(() => {
    asm.get(code);
    asm.call(dropRegions);
  });
  // From the halfword before, because its instruction may have 4 bytes, to the last one written.
  const halfword = (): void => {
    asm.get(host);
    asm.i32(PAGE_BYTES - 1);
    asm.op("i32.and");
  };
  halfword();
  asm.i32(1);
  asm.op("i32.shr_u");
  asm.i32(1);
  asm.op("i32.sub");
  asm.set(index);
  halfword();
  asm.get(width);
  asm.op("i32.add");
  asm.i32(1);
  asm.op("i32.sub");
  asm.i32(1);
  asm.op("i32.shr_u");
  asm.set(end);
  asm.loop((next) => {
    asm.get(index);
    asm.i32(0);
    asm.op("i32.ge_s");
    asm.if(() => {
      asm.get(code);
      asm.get(index);
      asm.i32(SLOT_BYTES);
      asm.op("i32.mul");
      asm.op("i32.add");
      asm.i32(0);
      asm.memory("i32.store16");
    });
    asm.get(index);
    asm.i32(1);
    asm.op("i32.add");
    asm.tee(index);
    asm.get(end);
    asm.op("i32.le_u");
    asm.brIf(next);
  });
  return asm;
}
