/** Fetches: turns a pc into decoded instructions. A code page mirrors a page of memory, with one slot per halfword. */
import { FAULTS, translate } from "../../hart/mmu.js";
import { PMP_PERMISSION, pmpAllows } from "../../hart/pmp.js";
import type { Assembler } from "../../wasm/assembler.js";
import { attachCode, type CodePoolFunctions } from "./code-pool.js";
import { countUp } from "../counters.js";
import { functionFrame } from "../function-frame.js";
import { FETCH_TLB, PAGE_BYTES, PAGE_MASK, PAGE_SHIFT, SCRATCH_RAW, SCRATCH_SLOT } from "../layout.js";
import { SlotOps, type EngineFunctions } from "../slot-ops.js";
import { fillTlbEntry } from "../tlb.js";
import { ifProbed } from "../probe-calls.js";
import type { Code } from "../expressions/compiled-values.js";
import type { Word } from "../expressions/words.js";

/** `fetchPage` returns it if instructions must be fetched one by one. */
export const FETCH_ONE = 1;

export interface FetchFunctions extends CodePoolFunctions {
  readonly forgetWritesTo: number;
}

/** (pc: i64) -> i32: the slots of the page that pc is in, `FETCH_ONE`, or 0 after a trap. */
export function fetchPageFunction(engine: EngineFunctions, hostAddress: number, functions: FetchFunctions): Assembler {
  const { frame, inputs } = functionFrame(["i64"], "i32");
  const [pc] = inputs;
  const { w } = frame;
  const { layout } = engine;
  const o = new SlotOps(frame, engine);
  const { physical, host } = fetchHost(o, hostAddress, pc);
  const uniform = o.invoke(
    pmpAllows,
    o.and(physical, o.i64(PAGE_MASK)),
    o.i64(BigInt(PAGE_BYTES)),
    o.i64(PMP_PERMISSION.fetch),
    o.field("privilege"),
  );
  o.when(o.eq(uniform, o.i64(0n)), () => {
    w.return(w.i32(FETCH_ONE));
  });

  const page = w.variable();
  const code = w.variable();
  page.set(w.shrU(w.sub(host, w.i32(layout.ram)), w.i32(PAGE_SHIFT)));
  w.when(w.not(code.tee(w.load("i32.load", w.index(page), layout.pageCode))), () => {
    attachCode(w, layout, functions, page, code);
    // From now on stores to the page must be noticed.
    w.call(functions.forgetWritesTo, page);
  });
  fillTlbEntry(w, FETCH_TLB, pc, o.control("fetchContext"), code);
  code();
  return frame.asm;
}

/** (pc: i64) -> i32: fetches one instruction, halfword by halfword, into the scratch slot; returns 0 after a trap. */
export function fetchOneFunction(engine: EngineFunctions, hostAddress: number, decode: number): Assembler {
  const { frame, inputs } = functionFrame(["i64"], "i32");
  const [pc] = inputs;
  const { asm, w } = frame;
  const o = new SlotOps(frame, engine);
  const raw = w.variable();
  const halfword = (host: Word): Word => w.load("i32.load16_u", host);
  countUp(w, "loneFetches");
  const { host } = fetchHost(o, hostAddress, pc);
  w.when(w.eq(w.and(raw.tee(halfword(host)), w.i32(3)), w.i32(3)), () => {
    const second = fetchHost(o, hostAddress, o.bind(o.add(pc, o.i64(2n))));
    raw.set(w.or(w.shl(halfword(second.host), w.i32(16)), raw));
  });
  w.store("i32.store", w.i32(0), SCRATCH_RAW, raw);
  w.call(decode, w.i32(SCRATCH_SLOT), raw);
  const { probes } = engine;
  if (probes !== undefined) {
    const tell = (): void => {
      w.call(probes.probeFetched, host);
    };
    ifProbed(w, engine.layout, host, tell, "probesEncodings");
  }
  asm.i32(1);
  return asm;
}

/** Translates a halfword's address for execution. Traps if execution is not allowed, or if there is no memory. */
function fetchHost(o: SlotOps, hostAddress: number, address: Code): { physical: Code; host: Word } {
  const { w, slot } = o.frame;
  const physical = o.invoke(translate.fetch, address, o.i64(2n));
  const host = w.variable();
  w.when(w.not(host.tee(w.result(hostAddress, slot, physical))), () => {
    o.trap(o.i64(FAULTS.fetch.access), address);
  });
  return { physical, host };
}
