/** Fetches: turns a pc into decoded instructions. A code page mirrors a page of memory, with one slot per halfword. */
import { FAULTS, translate } from "../hart/mmu.js";
import { PMP_PERMISSION, pmpAllows } from "../hart/pmp.js";
import type { Assembler, Local } from "../wasm/assembler.js";
import { countUp } from "./counters.js";
import { functionFrame } from "./function-frame.js";
import {
  CODE_PAGE_BYTES,
  CONTROL,
  FETCH_TLB,
  HANDLER,
  PAGE_BYTES,
  PAGE_FLAG,
  PAGE_MASK,
  PAGE_SHIFT,
  SCRATCH_SLOT,
  SLOTS_A_PAGE,
  SLOT_BYTES,
  TLB_ENTRIES,
  TLB_ENTRY_BYTES,
  type Layout,
} from "./layout.js";
import { SlotOps, type EngineFunctions } from "./slot-ops.js";
import { fillTlbEntry } from "./tlb.js";
import { ifProbed } from "./probe-calls.js";
import type { Code } from "./compiled-values.js";

/** `fetchPage` returns it if instructions must be fetched one by one. */
export const FETCH_ONE = 1;

export interface FetchFunctions {
  readonly hostAddress: number;
  readonly dropRegions: number;
  readonly forgetWritesTo: number;
}

/** (pc: i64) -> i32: the slots of the page that pc is in, `FETCH_ONE`, or 0 after a trap. */
export function fetchPageFunction(
  engine: EngineFunctions,
  { hostAddress, dropRegions, forgetWritesTo }: FetchFunctions,
): Assembler {
  const { frame, parameter } = functionFrame(["i64"], "i32");
  const { asm } = frame;
  const { layout } = engine;
  const o = new SlotOps(frame, engine);
  const pc = (): void => {
    asm.get(parameter(0));
  };
  const { physical, host } = fetchHost(o, hostAddress, pc);
  const uniform = o.invoke(
    pmpAllows,
    o.and(physical, o.i64(PAGE_MASK)),
    o.i64(BigInt(PAGE_BYTES)),
    o.i64(PMP_PERMISSION.fetch),
    o.field("privilege"),
  );
  o.when(o.eq(uniform, o.i64(0n)), () => {
    asm.i32(FETCH_ONE);
    asm.op("return");
  });

  const page = asm.local("i32");
  const code = asm.local("i32");
  asm.get(host);
  asm.i32(layout.ram);
  asm.op("i32.sub");
  asm.i32(PAGE_SHIFT);
  asm.op("i32.shr_u");
  asm.tee(page);
  asm.i32(2);
  asm.op("i32.shl");
  asm.memory("i32.load", layout.pageCode);
  asm.tee(code);
  asm.op("i32.eqz");
  asm.if(() => {
    newCodePage(asm, engine.layout, dropRegions, page, code);
    // From now on stores to the page must be noticed.
    asm.get(page);
    asm.call(forgetWritesTo);
  });

  fillTlbEntry(asm, FETCH_TLB, pc, o.control("fetchContext"), () => {
    asm.get(code);
  });
  asm.get(code);
  return asm;
}

/** (pc: i64) -> i32: fetches one instruction, halfword by halfword, into the scratch slot; returns 0 after a trap. */
export function fetchOneFunction(engine: EngineFunctions, hostAddress: number, decode: number): Assembler {
  const { frame, parameter } = functionFrame(["i64"], "i32");
  const { asm } = frame;
  const o = new SlotOps(frame, engine);
  const pc = (): void => {
    asm.get(parameter(0));
  };
  const raw = asm.local("i32");
  countUp(asm, "loneFetches");
  const first = fetchHost(o, hostAddress, pc);
  asm.get(first.host);
  asm.memory("i32.load16_u");
  asm.tee(raw);
  asm.i32(3);
  asm.op("i32.and");
  asm.i32(3);
  asm.op("i32.eq");
  asm.if(() => {
    const second = fetchHost(o, hostAddress, o.bind(o.add(pc, o.i64(2n))));
    asm.get(second.host);
    asm.memory("i32.load16_u");
    asm.i32(16);
    asm.op("i32.shl");
    asm.get(raw);
    asm.op("i32.or");
    asm.set(raw);
  });
  asm.i32(SCRATCH_SLOT);
  asm.get(raw);
  asm.call(decode);
  const { probes } = engine;
  if (probes !== undefined) {
    const tell = (): void => {
      asm.get(first.host);
      asm.call(probes.probeFetched);
    };
    ifProbed(asm, engine.layout, first.host, tell, "probesEncodings");
  }
  asm.i32(1);
  return asm;
}

/** Translates a halfword's address for execution. Traps if execution is not allowed, or if there is no memory. */
function fetchHost(o: SlotOps, hostAddress: number, address: Code): { physical: Code; host: Local } {
  const { asm, slot } = o.frame;
  const physical = o.invoke(translate.fetch, address, o.i64(2n));
  const host = o.temporary("i32");
  asm.get(slot);
  physical();
  asm.call(hostAddress);
  asm.tee(host);
  asm.op("i32.eqz");
  asm.if(() => {
    o.trap(o.i64(FAULTS.fetch.access), address);
  });
  return { physical, host };
}

/** Takes the next code page of the pool, from its owner if it has one, and leaves its address in `code`. */
function newCodePage(asm: Assembler, layout: Layout, dropRegions: number, page: Local, code: Local): void {
  const cursor = asm.local("i32");
  const owner = asm.local("i32");
  const setFlags = (target: Local, change: () => void): void => {
    asm.get(target);
    asm.get(target);
    asm.memory("i32.load8_u", layout.pageFlags);
    change();
    asm.memory("i32.store8", layout.pageFlags);
  };
  const setPageCode = (target: Local, value: () => void): void => {
    asm.get(target);
    asm.i32(2);
    asm.op("i32.shl");
    value();
    asm.memory("i32.store", layout.pageCode);
  };

  asm.i32(0);
  asm.memory("i32.load", CONTROL.codeCursor);
  asm.set(cursor);
  asm.get(cursor);
  asm.i32(CODE_PAGE_BYTES);
  asm.op("i32.mul");
  asm.i32(layout.codePool);
  asm.op("i32.add");
  asm.set(code);
  asm.get(cursor);
  asm.i32(2);
  asm.op("i32.shl");
  asm.memory("i32.load", layout.codeOwners);
  asm.tee(owner);
  asm.if(() => {
    asm.get(code);
    asm.call(dropRegions);
    asm.get(owner);
    asm.i32(1);
    asm.op("i32.sub");
    asm.set(owner);
    setPageCode(owner, () => {
      asm.i32(0);
    });
    setFlags(owner, () => {
      asm.i32(~PAGE_FLAG.code);
      asm.op("i32.and");
    });
    // Some fetch TLB entry may still lead to the page's old content.
    asm.i32(FETCH_TLB);
    asm.i32(0);
    asm.i32(TLB_ENTRIES * TLB_ENTRY_BYTES);
    asm.fill();
  });
  asm.get(code);
  asm.i32(HANDLER.undecoded);
  asm.i32(CODE_PAGE_BYTES);
  asm.fill();
  for (const offset of [0, SLOT_BYTES]) {
    asm.get(code);
    asm.i32(HANDLER.pageEnd);
    asm.memory("i32.store16", SLOTS_A_PAGE * SLOT_BYTES + offset);
  }
  asm.get(cursor);
  asm.i32(2);
  asm.op("i32.shl");
  asm.get(page);
  asm.i32(1);
  asm.op("i32.add");
  asm.memory("i32.store", layout.codeOwners);
  setPageCode(page, () => {
    asm.get(code);
  });
  setFlags(page, () => {
    asm.i32(PAGE_FLAG.code);
    asm.op("i32.or");
  });
  // cursor = (cursor + 1) % codePages
  asm.i32(0);
  asm.get(cursor);
  asm.i32(1);
  asm.op("i32.add");
  asm.tee(cursor);
  asm.i32(0);
  asm.get(cursor);
  asm.i32(layout.codePages);
  asm.op("i32.lt_u");
  asm.op("select");
  asm.memory("i32.store", CONTROL.codeCursor);
}
