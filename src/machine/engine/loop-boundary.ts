/** The interpreter's checks between two stretches: budget, interrupts, address spaces. */
import { CONTROL } from "./layout.js";
import type { LoopFunctions, LoopState } from "./loop-state.js";

/** The results of `run`. */
export const RUN_END = { budget: 0, idle: 1, attention: 2 } as const;

/** Returns from the loop's function, or continues with pc and the address spaces in their locals. */
export function lookAround(loop: LoopState, engine: LoopFunctions): void {
  const { asm, remaining, context, fetchContext, pc, loadControl, setControl, loadField } = loop;
  const end = (value: number): void => {
    asm.i32(value);
    asm.op("return");
  };
  const collectStash = (): void => {
    setControl("remaining", () => {
      loadControl("remaining");
      loadControl("stash");
      asm.op("i32.add");
      asm.tee(remaining);
    });
    setControl("stash", () => {
      asm.i32(0);
    });
  };
  collectStash();
  loadControl("attention");
  asm.if(() => {
    end(RUN_END.attention);
  });
  asm.get(remaining);
  asm.op("i32.eqz");
  asm.if(() => {
    end(RUN_END.budget);
  });
  loadField("mip");
  asm.i32(0);
  asm.memory("i64.load", CONTROL.interruptLines);
  asm.op("i64.or");
  loadField("mie");
  asm.op("i64.and");
  asm.op("i64.eqz");
  asm.op("i32.eqz");
  asm.if(() => {
    asm.i32(0);
    asm.call(engine.takePendingInterrupt);
    asm.op("drop");
    collectStash();
    // Whoever was told of the interrupt may have ended the run.
    if (engine.probes !== undefined) {
      loadControl("attention");
      asm.if(() => {
        end(RUN_END.attention);
      });
    }
  });
  loadField("waiting");
  asm.op("i64.eqz");
  asm.op("i32.eqz");
  asm.if(() => {
    end(RUN_END.idle);
  });
  loadControl("contextStale");
  asm.if(() => {
    asm.i32(0);
    asm.call(engine.enterAddressSpaces);
  });
  asm.i32(0);
  asm.memory("i64.load", CONTROL.dataContext);
  asm.set(context);
  asm.i32(0);
  asm.memory("i64.load", CONTROL.fetchContext);
  asm.set(fetchContext);
  loadField("pc");
  asm.set(pc);
  if (engine.traces) recordPc(loop, engine);
}

/** While a path is recorded, each instruction is a stretch of its own, so that each pc comes by here. */
function recordPc({ asm, remaining, pc, loadControl, setControl }: LoopState, engine: LoopFunctions): void {
  const at = asm.local("i32");
  loadControl("recordAt");
  asm.tee(at);
  asm.if(() => {
    asm.get(at);
    asm.get(pc);
    asm.memory("i64.store");
    asm.get(at);
    asm.i32(8);
    asm.op("i32.add");
    asm.tee(at);
    asm.i32(engine.layout.recorded.end);
    asm.op("i32.eq");
    asm.if(
      () => {
        setControl("recordAt", () => {
          asm.i32(0);
        });
        asm.call(engine.noteRecorded);
      },
      () => {
        setControl("recordAt", () => {
          asm.get(at);
        });
        setControl("stash", () => {
          asm.get(remaining);
          asm.i32(1);
          asm.op("i32.sub");
        });
        asm.i32(1);
        asm.set(remaining);
      },
    );
  });
}
