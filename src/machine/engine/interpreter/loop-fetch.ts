/** Finds the slot of pc for the interpreter's loop. */
import type { Label } from "../../wasm/assembler.js";
import { FETCH_ONE } from "../decoded/code-pages.js";
import { ABORT, SCRATCH_SLOT, SLOT_SHIFT } from "../layout.js";
import { countHeat } from "./loop-heat.js";
import type { LoopFunctions, LoopState } from "./loop-state.js";
import type { Word } from "../expressions/words.js";

/** The scratch slot gets this page offset, beyond any page, so every jump from it leaves its page. */
const SCRATCH_OFFSET = 1 << 28;

export class LoopFetch {
  constructor(
    private readonly loop: LoopState,
    private readonly engine: LoopFunctions,
    private readonly boundary: Label,
  ) {}

  /** Jumps to the slot of pc, whatever its page. */
  toPc(): void {
    const { loop, engine, boundary } = this;
    const { asm, w, pageVa, jumpPage } = loop;
    w.block((ready) => {
      jumpPage.set(pageVa.tee(loop.pageOfPc));
      w.block((found) => {
        w.branchIf(loop.findCode(), found);
        this.leaveAtStop();
        this.findPage(() => {
          asm.br(ready);
        });
      });
      loop.toSlotOfPc();
      countHeat(loop, engine, boundary);
    });
  }

  /** Jumps to the scratch slot, with the instruction at pc. */
  enterScratch(): void {
    const { loop, engine } = this;
    const { w, v, slot, codeBase, pageVa, jumpPage, pc } = loop;
    w.when(w.not(this.fetched(engine.fetchOne)), this.leave);
    slot.set(w.i32(SCRATCH_SLOT));
    codeBase.set(w.i32((SCRATCH_SLOT - SCRATCH_OFFSET * (1 << SLOT_SHIFT)) | 0));
    pageVa.set(v.sub(pc, v.i64(BigInt(SCRATCH_OFFSET))));
    jumpPage.set(v.i64(1n));
  }

  /** A stop comes before the next instruction's fetch, because that may trap. */
  private leaveAtStop(): void {
    const { loop, boundary } = this;
    const { asm, w, remaining, pc } = loop;
    w.when(w.not(remaining), () => {
      loop.storePc(pc);
      loop.spillRemaining();
      asm.br(boundary);
    });
  }

  /** Finds the decoded code of a page that the fetch TLB lacks. `isScratch`: the scratch slot was entered. */
  private findPage(isScratch: () => void): void {
    const { w, codeBase } = this.loop;
    w.when(w.not(codeBase.tee(this.fetched(this.engine.fetchPage))), this.leave);
    w.when(w.eq(codeBase, w.i32(FETCH_ONE)), () => {
      this.enterScratch();
      isScratch();
    });
  }

  /** What a function that fetches from pc returns. */
  private fetched(functionIndex: number): Word {
    const { loop, engine } = this;
    const { w, pc } = loop;
    return () => {
      loop.storePc(pc);
      loop.spillRemaining();
      this.setFetching(1);
      w.call(functionIndex, w.i32(0), pc);
      this.setFetching(0);
      if (engine.probes !== undefined) this.heedListener();
    };
  }

  private setFetching(value: number): void {
    const { loop, engine } = this;
    if (engine.probes !== undefined) loop.setControl("isFetching", loop.w.i32(value));
  }

  /** Whoever was told may have ended the run: before the instruction that is being fetched, or after it. */
  private heedListener(): void {
    const { loop } = this;
    const { w, remaining } = loop;
    w.when(w.control("abort"), this.leave);
    w.when(w.not(w.control("remaining")), () => {
      loop.setControl("stash", w.sub(w.control("stash"), w.i32(1)));
      remaining.set(w.i32(1));
      loop.spillRemaining();
    });
  }

  /** The fetch trapped, and no instruction was counted yet. */
  private readonly leave = (): void => {
    const { asm, w } = this.loop;
    this.loop.setControl("abort", w.i32(ABORT.none));
    asm.br(this.boundary);
  };
}
