/** Fetches: turns a pc into decoded instructions. A code page mirrors a page of memory, with one slot per halfword. */
import { FAULTS, translate } from "../hart/mmu.js";
import { PMP_PERMISSION, pmpAllows } from "../hart/pmp.js";
import type { Assembler, Local } from "../wasm/assembler.js";
import { attachCode, type CodePoolFunctions } from "./code-pool.js";
import { countUp } from "./counters.js";
import { functionFrame } from "./function-frame.js";
import { FETCH_TLB, PAGE_BYTES, PAGE_MASK, PAGE_SHIFT, SCRATCH_RAW, SCRATCH_SLOT } from "./layout.js";
import { SlotOps, type EngineFunctions } from "./slot-ops.js";
import { fillTlbEntry } from "./tlb.js";
import { ifProbed } from "./probe-calls.js";
import type { Code } from "./compiled-values.js";
import { Words } from "./words.js";

/** `fetchPage` returns it if instructions must be fetched one by one. */
export const FETCH_ONE = 1;

export interface FetchFunctions extends CodePoolFunctions {
  readonly forgetWritesTo: number;
}

/** (pc: i64) -> i32: the slots of the page that pc is in, `FETCH_ONE`, or 0 after a trap. */
export function fetchPageFunction(engine: EngineFunctions, hostAddress: number, functions: FetchFunctions): Assembler {
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

  const w = new Words(asm);
  const page = w.variable();
  const code = w.variable();
  page.set(w.shrU(w.sub(w.get(host), w.i32(layout.ram)), w.i32(PAGE_SHIFT)));
  w.when(w.not(code.tee(w.load("i32.load", w.index(page), layout.pageCode))), () => {
    attachCode(w, layout, functions, page, code);
    // From now on stores to the page must be noticed.
    w.call(functions.forgetWritesTo, page);
  });
  fillTlbEntry(asm, FETCH_TLB, pc, o.control("fetchContext"), code);
  code();
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
  const w = new Words(asm);
  w.store("i32.store", w.i32(0), SCRATCH_RAW, w.get(raw));
  w.call(decode, w.i32(SCRATCH_SLOT), w.get(raw));
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
