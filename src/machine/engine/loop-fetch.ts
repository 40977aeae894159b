/** Finds the slot of pc for the interpreter's loop. */
import type { Label } from "../wasm/assembler.js";
import { FETCH_ONE } from "./code-pages.js";
import { ABORT, PAGE_MASK, SCRATCH_SLOT, SLOT_SHIFT } from "./layout.js";
import type { LoopFunctions, LoopState } from "./loop-state.js";

/** The scratch slot gets this page offset, beyond any page, so every jump from it leaves its page. */
const SCRATCH_OFFSET = 1 << 28;

export interface Fetch {
  /** Jumps to the slot of pc, whatever its page. */
  readonly toPc: () => void;
  /** Jumps to the scratch slot, with the instruction at pc. */
  readonly enterScratch: () => void;
}

export function fetchInto(loop: LoopState, engine: LoopFunctions, boundary: Label): Fetch {
  const {
    asm,
    slot,
    codeBase,
    remaining,
    pageVa,
    jumpPage,
    pc,
    loadControl,
    setControl,
    storePc,
    spillRemaining,
    findCode,
    toSlotOfPc,
    countHeat,
  } = loop;
  /** The fetch trapped, and no instruction was counted yet. */
  const leaveFetch = (): void => {
    setControl("abort", () => {
      asm.i32(ABORT.none);
    });
    asm.br(boundary);
  };
  /** Whoever was told may have ended the run: before the instruction that is being fetched, or after it. */
  const heedListener = (): void => {
    loadControl("abort");
    asm.if(leaveFetch);
    loadControl("remaining");
    asm.op("i32.eqz");
    asm.if(() => {
      setControl("stash", () => {
        loadControl("stash");
        asm.i32(1);
        asm.op("i32.sub");
      });
      asm.i32(1);
      asm.set(remaining);
      spillRemaining();
    });
  };
  const fetch = (functionIndex: number): void => {
    storePc(() => {
      asm.get(pc);
    });
    spillRemaining();
    const setFetching = (value: number): void => {
      if (engine.probes === undefined) return;
      setControl("isFetching", () => {
        asm.i32(value);
      });
    };
    setFetching(1);
    asm.i32(0);
    asm.get(pc);
    asm.call(functionIndex);
    setFetching(0);
    if (engine.probes !== undefined) heedListener();
  };
  const enterScratch = (): void => {
    fetch(engine.fetchOne);
    asm.op("i32.eqz");
    asm.if(leaveFetch);
    asm.i32(SCRATCH_SLOT);
    asm.set(slot);
    asm.i32((SCRATCH_SLOT - SCRATCH_OFFSET * (1 << SLOT_SHIFT)) | 0);
    asm.set(codeBase);
    asm.get(pc);
    asm.i64(BigInt(SCRATCH_OFFSET));
    asm.op("i64.sub");
    asm.set(pageVa);
    asm.i64(1n);
    asm.set(jumpPage);
  };
  const toPc = (): void => {
    asm.block((ready) => {
      asm.get(pc);
      asm.i64(PAGE_MASK);
      asm.op("i64.and");
      asm.tee(pageVa);
      asm.set(jumpPage);
      asm.block((found) => {
        findCode();
        asm.brIf(found);
        // A stop comes before the next instruction's fetch, because that may trap.
        asm.get(remaining);
        asm.op("i32.eqz");
        asm.if(() => {
          storePc(() => {
            asm.get(pc);
          });
          spillRemaining();
          asm.br(boundary);
        });
        fetch(engine.fetchPage);
        asm.tee(codeBase);
        asm.op("i32.eqz");
        asm.if(leaveFetch);
        asm.get(codeBase);
        asm.i32(FETCH_ONE);
        asm.op("i32.eq");
        asm.if(() => {
          enterScratch();
          asm.br(ready);
        });
      });
      toSlotOfPc();
      countHeat(boundary);
    });
  };
  return { toPc, enterScratch };
}
