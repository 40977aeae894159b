/** The registers of the interpreter's loop: WebAssembly locals, and how they relate to the values in memory. */
import type { HartField } from "../hart/fields.js";
import type { NumberedInstruction } from "../isa/instruction-set.js";
import { Assembler, type Label, type Local } from "../wasm/assembler.js";
import { CONTROL, FETCH_TLB, FIELD, PAGE_SHIFT, SLOT, SLOT_SHIFT, type ControlField } from "./layout.js";
import type { EngineFunctions } from "./slot-ops.js";
import { tlbEntry } from "./tlb.js";

export interface LoopFunctions extends EngineFunctions {
  readonly fetchPage: number;
  readonly fetchOne: number;
  readonly enterAddressSpaces: number;
  readonly takePendingInterrupt: number;
  readonly decodeSlot: number;
  readonly noteHot: number;
  readonly noteSplit: number;
  readonly noteTranslated: number;
  /** The signature of compiled code, for calls through the table. */
  readonly codeType: number;
  readonly noteRecorded: number;
  readonly noteStretch: number;
  /** How many arrivals make a slot hot. Infinity: it never is. */
  readonly hotThreshold: number;
  /** Compiled code goes on to other code by itself: see compiled/ways-out.ts. */
  readonly traces: boolean;
  /** Executes an instruction outside the loop, after a call of `executesOutOfLine`. */
  readonly executeOutOfLine: number;
  readonly executesOutOfLine: (instruction: NumberedInstruction) => void;
}

/** The time that code saves by sharing its module, as a number of arrivals in the interpreter. A power of two. */
const arrivalsAReport = (hotThreshold: number): number => 1 << (31 - Math.clz32(hotThreshold));

export type LoopState = ReturnType<typeof loopState>;

export function loopState(engine: LoopFunctions) {
  const asm = new Assembler();
  const slot = asm.local("i32");
  const codeBase = asm.local("i32");
  const remaining = asm.local("i32");
  const entry = asm.local("i32");
  const target = asm.local("i32");
  const displacement = asm.local("i32");
  const handler = asm.local("i32");
  const heat = asm.local("i32");
  const chunk = asm.local("i32");
  const pageVa = asm.local("i64");
  /** The page that a jump may stay in: `pageVa`, or a value that no address equals while the scratch slot runs. */
  const jumpPage = asm.local("i64");
  const context = asm.local("i64");
  const fetchContext = asm.local("i64");
  const pc = asm.local("i64");

  const loadControl = (name: ControlField): void => {
    asm.i32(0);
    asm.memory("i32.load", CONTROL[name]);
  };
  const setControl = (name: ControlField, value: () => void): void => {
    asm.i32(0);
    value();
    asm.op("i64.extend_i32_u");
    asm.memory("i64.store", CONTROL[name]);
  };
  const loadField = (name: HartField): void => {
    asm.i32(0);
    asm.memory("i64.load", FIELD[name]);
  };
  const addTo = (local: Local, amount: number): void => {
    asm.get(local);
    asm.i32(amount);
    asm.op("i32.add");
    asm.set(local);
  };
  const spillRemaining = (): void => {
    setControl("remaining", () => {
      asm.get(remaining);
    });
  };
  const currentPc = (): void => {
    asm.get(pageVa);
    asm.get(slot);
    asm.get(codeBase);
    asm.op("i32.sub");
    asm.i32(SLOT_SHIFT);
    asm.op("i32.shr_u");
    asm.op("i64.extend_i32_u");
    asm.op("i64.add");
  };
  const storePc = (value: () => void): void => {
    asm.i32(0);
    value();
    asm.memory("i64.store", FIELD.pc);
  };
  const spill = (): void => {
    storePc(currentPc);
    spillRemaining();
  };

  /** Finds the decoded code of pc in the page of `pageVa`. Leaves whether the fetch TLB has it. */
  const findCode = (): void => {
    tlbEntry(asm, () => {
      asm.get(pc);
    });
    asm.tee(entry);
    asm.memory("i32.load", FETCH_TLB + 8);
    asm.set(codeBase);
    asm.get(entry);
    asm.memory("i64.load", FETCH_TLB);
    asm.get(pageVa);
    asm.get(fetchContext);
    asm.op("i64.or");
    asm.op("i64.eq");
  };
  /** Finds the slot of pc, which lies in the page of `codeBase`. */
  const toSlotOfPc = (): void => {
    asm.get(codeBase);
    asm.get(pc);
    asm.op("i32.wrap_i64");
    asm.i32((1 << PAGE_SHIFT) - 2);
    asm.op("i32.and");
    asm.i32(SLOT_SHIFT);
    asm.op("i32.shl");
    asm.op("i32.add");
    asm.set(slot);
  };
  /** The address of the present slot's entry in a table with `bytes` per slot. */
  const besideSlot = (table: number, bytes: 2 | 4): void => {
    asm.get(slot);
    asm.i32(engine.layout.codePool);
    asm.op("i32.sub");
    asm.i32(bytes === 4 ? 1 : 2);
    asm.op("i32.shr_u");
    asm.i32(table);
    asm.op("i32.add");
  };
  /** Counts an arrival at the present slot by a jump that may be part of a loop. */
  const countHeat = (boundary: Label): void => {
    if (engine.hotThreshold === Infinity) return;
    besideSlot(engine.layout.slotHeat, 4);
    asm.tee(heat);
    asm.get(heat);
    asm.memory("i32.load");
    asm.i32(1);
    asm.op("i32.add");
    asm.tee(heat);
    asm.memory("i32.store");
    // Zero at the threshold, and again when the hot slot should no longer wait for others.
    asm.get(heat);
    asm.i32(engine.hotThreshold);
    asm.op("i32.sub");
    asm.i32(~arrivalsAReport(engine.hotThreshold));
    asm.op("i32.and");
    asm.op("i32.eqz");
    asm.if(() => {
      asm.get(slot);
      asm.call(engine.noteHot);
      if (!engine.traces) {
        asm.op("drop");
        return;
      }
      // From now on each instruction comes by the boundary, which records it.
      asm.if(() => {
        spill();
        asm.br(boundary);
      });
    });
  };

  const loadHandler = (): void => {
    asm.get(slot);
    asm.memory("i32.load16_u", SLOT.handler);
  };
  return {
    asm,
    slot,
    codeBase,
    remaining,
    target,
    displacement,
    handler,
    chunk,
    pageVa,
    jumpPage,
    context,
    fetchContext,
    pc,
    loadControl,
    setControl,
    loadField,
    addTo,
    currentPc,
    storePc,
    spill,
    spillRemaining,
    findCode,
    toSlotOfPc,
    besideSlot,
    countHeat,
    loadHandler,
  };
}
