/**
 * The interpreter: a loop over decoded slots, its cases compiled from the semantics table.
 *
 * `boundary` is where interrupts, budget and address spaces are looked at; what may change one of them ends the
 * present stretch by setting `remaining` to 0, so that the loop has a single test an instruction.
 */
import type { HartField } from "../hart/fields.js";
import { INSTRUCTIONS, type NumberedInstruction } from "../isa/instruction-set.js";
import { RV64C } from "../isa/rv64c.js";
import { RV64I } from "../isa/rv64i.js";
import { RV64M } from "../isa/rv64m.js";
import { Assembler, type Label, type Local } from "../wasm/assembler.js";
import {
  ABORT,
  CONTROL,
  FIELD,
  FETCH_TLB,
  HANDLER,
  PAGE_SHIFT,
  SCRATCH_SLOT,
  SLOT,
  SLOT_BYTES,
  SLOT_SHIFT,
  SLOTS_A_PAGE,
  type ControlField,
} from "./layout.js";
import { countHandedOver, countUp } from "./counters.js";
import { FETCH_ONE } from "./code-pages.js";
import { MAX_INSTRUCTIONS } from "./regions/control-flow-graph.js";
import { BUDGET_LEFT, HANDED_OVER, LIES_APART, NOT_DIRECT } from "./regions/region-function.js";
import { SlotOps, type EngineFunctions, type Frame } from "./slot-ops.js";
import { switchOn, type Case } from "./switch-on.js";
import { tlbEntry } from "./tlb.js";

/** What `run` returns. */
export const RUN_END = { budget: 0, idle: 1, attention: 2 } as const;

export interface LoopFunctions extends EngineFunctions {
  readonly fetchPage: number;
  readonly fetchOne: number;
  readonly enterAddressSpaces: number;
  readonly takePendingInterrupt: number;
  readonly decodeSlot: number;
  readonly noteHot: number;
  readonly noteApart: number;
  readonly noteNotDirect: number;
  /** The signature of regions, which are called through the table. */
  readonly regionType: number;
  /** How often control must come to a slot until it is hot; Infinity: never. */
  readonly compileThreshold: number;
  /** Executes an instruction for which `executesApart` was called. */
  readonly executeApart: number;
  readonly executesApart: (instruction: NumberedInstruction) => void;
}

/** The loop holds what runs often, and what jumps; all else is a call away, and misses of the TLB are. */
const isInline = ({ name }: NumberedInstruction): boolean => name in RV64I || name in QUICK_RV64M;
const QUICK_RV64M: Partial<typeof RV64M> = { mul: RV64M.mul, mulw: RV64M.mulw };

const COMPRESSED_NAMES: ReadonlySet<string> = new Set(Object.values(RV64C).map(({ name }) => name));
const hasCompressed = ({ name }: NumberedInstruction): boolean => COMPRESSED_NAMES.has(name);

export const handlerOf = ({ number }: NumberedInstruction, bytes: 2 | 4): number =>
  HANDLER.first + number * 2 + (bytes === 2 ? 1 : 0);

/** As many arrivals as the interpreter is given for what one module saves that is shared with others: a power of two. */
const patience = (compileThreshold: number): number => 1 << (31 - Math.clz32(compileThreshold));

/** The longest stretch in one call of a region. */
const REGION_BUDGET_INSNS = 1 << 20;

/** The scratch slot is made to lie this far into a page that is not, so that every jump from it leaves it. */
const SCRATCH_OFFSET = 1 << 28;

export function interpreterLoop(engine: LoopFunctions): Assembler {
  const asm = new Assembler();
  const slot = asm.local("i32");
  const codeBase = asm.local("i32");
  const remaining = asm.local("i32");
  const entry = asm.local("i32");
  const target = asm.local("i32");
  const handler = asm.local("i32");
  const heat = asm.local("i32");
  const chunk = asm.local("i32");
  const pageVa = asm.local("i64");
  /** The page that a jump may stay in: `pageVa`, or what no address equals while the scratch slot runs. */
  const jumpPage = asm.local("i64");
  const context = asm.local("i64");
  const fetchContext = asm.local("i64");
  const pc = asm.local("i64");
  const PAGE_MASK = -(1n << BigInt(PAGE_SHIFT));

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

  /** The decoded code of pc, which lies in the page of `pageVa`; leaves whether the fetch TLB has it. */
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
  /** From pc, which lies in the page of `codeBase`. */
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
  /** The address that belongs to the present slot in a table of `bytes` a slot. */
  const besideSlot = (table: number, bytes: 2 | 4): void => {
    asm.get(slot);
    asm.i32(engine.layout.codePool);
    asm.op("i32.sub");
    asm.i32(bytes === 4 ? 2 : 3);
    asm.op("i32.shr_u");
    asm.i32(table);
    asm.op("i32.add");
  };
  /** Counts an arrival at the present slot by a jump that may be part of a loop. */
  const countHeat = (): void => {
    if (engine.compileThreshold === Infinity) return;
    besideSlot(engine.layout.slotHeat, 4);
    asm.tee(heat);
    asm.get(heat);
    asm.memory("i32.load");
    asm.i32(1);
    asm.op("i32.add");
    asm.tee(heat);
    asm.memory("i32.store");
    // Zero at the threshold, and once more by the time that what is hot should not wait for company any longer.
    asm.get(heat);
    asm.i32(engine.compileThreshold);
    asm.op("i32.sub");
    asm.i32(~patience(engine.compileThreshold));
    asm.op("i32.and");
    asm.op("i32.eqz");
    asm.if(() => {
      asm.get(slot);
      asm.call(engine.noteHot);
    });
  };

  asm.loop((boundary) => {
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

    asm.loop((refetch) => {
      /** A fetch that trapped: no instruction was counted off yet. */
      const leaveFetch = (): void => {
        setControl("abort", () => {
          asm.i32(ABORT.none);
        });
        asm.br(boundary);
      };
      const fetch = (functionIndex: number): void => {
        storePc(() => {
          asm.get(pc);
        });
        spillRemaining();
        asm.i32(0);
        asm.get(pc);
        asm.call(functionIndex);
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
      asm.block((ready) => {
        asm.get(pc);
        asm.i64(PAGE_MASK);
        asm.op("i64.and");
        asm.tee(pageVa);
        asm.set(jumpPage);
        asm.block((found) => {
          findCode();
          asm.brIf(found);
          // A stop comes before the next instruction's fetch, which may trap.
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
        countHeat();
      });

      asm.loop((next) => {
        asm.get(remaining);
        asm.op("i32.eqz");
        asm.if(() => {
          spill();
          asm.br(boundary);
        });
        addTo(remaining, -1);

        const leave = (): void => {
          // `abort` says whether the instruction counts.
          setControl("remaining", () => {
            loadControl("remaining");
            loadControl("abort");
            asm.i32(ABORT.notRetired);
            asm.op("i32.eq");
            asm.op("i32.add");
          });
          setControl("abort", () => {
            asm.i32(ABORT.none);
          });
          asm.br(boundary);
        };
        const resumeOrLeave = (): void => {
          loadControl("remaining");
          asm.set(remaining);
          loadControl("abort");
          asm.if(leave);
        };
        /** All that the loop's own code does not do, or not to its end: a function beside it begins the instruction anew. */
        const executeApart = (): void => {
          spill();
          asm.get(slot);
          asm.get(handler);
          asm.call(engine.executeApart);
          resumeOrLeave();
          // The handler of a 16-bit encoding is the second of two.
          asm.get(slot);
          asm.i32(4 << SLOT_SHIFT);
          asm.get(handler);
          asm.i32(HANDLER.first);
          asm.op("i32.sub");
          asm.i32(1);
          asm.op("i32.and");
          asm.op("i32.shr_u");
          asm.op("i32.add");
          asm.set(slot);
          asm.br(next);
        };
        /** To pc. */
        const jumpToPc = (): void => {
          asm.get(pc);
          asm.i64(PAGE_MASK);
          asm.op("i64.and");
          asm.get(jumpPage);
          asm.op("i64.ne");
          asm.brIf(refetch);
          toSlotOfPc();
          countHeat();
          asm.br(next);
        };
        /** By the slot's immediate, which is the displacement in each instruction that has one. */
        const jumpByImmediate = (): void => {
          asm.get(slot);
          asm.get(slot);
          asm.memory("i32.load", SLOT.immediate);
          asm.i32(SLOT_SHIFT);
          asm.op("i32.shl");
          asm.op("i32.add");
          asm.tee(target);
          asm.get(codeBase);
          asm.op("i32.sub");
          asm.i32(SLOTS_A_PAGE * SLOT_BYTES);
          asm.op("i32.lt_u");
          asm.if(() => {
            asm.get(target);
            asm.get(slot);
            asm.op("i32.lt_u");
            asm.get(target);
            asm.set(slot);
            asm.if(countHeat);
            asm.br(next);
          });
          currentPc();
          asm.get(slot);
          asm.memory("i64.load32_s", SLOT.immediate);
          asm.op("i64.add");
          asm.set(pc);
          asm.br(refetch);
        };
        const refetchHere = (label: Label): void => {
          addTo(remaining, 1);
          currentPc();
          asm.set(pc);
          asm.br(label);
        };
        const loadHandler = (): void => {
          asm.get(slot);
          asm.memory("i32.load16_u", SLOT.handler);
        };
        /** Runs the region that begins here; then goes on where it left, or executes what it handed over. */
        const runRegion = (again: Label): void => {
          asm.get(pageVa);
          // No on-stack replacement: only a call that ends comes back as optimised code.
          asm.get(remaining);
          asm.i32(1);
          asm.op("i32.add");
          asm.tee(remaining);
          asm.i32(REGION_BUDGET_INSNS);
          asm.get(remaining);
          asm.i32(REGION_BUDGET_INSNS);
          asm.op("i32.lt_u");
          asm.op("select");
          asm.tee(chunk);
          besideSlot(engine.layout.slotRegions, 4);
          asm.memory("i32.load");
          asm.tee(target);
          asm.i32(0xffff);
          asm.op("i32.and");
          asm.get(target);
          asm.i32(16);
          asm.op("i32.shr_u");
          asm.callIndirect(engine.regionType);
          asm.tee(target);
          asm.i32(NOT_DIRECT);
          asm.op("i32.and");
          asm.if(() => {
            asm.get(slot);
            asm.call(engine.noteNotDirect);
            asm.br(next);
          });
          asm.get(target);
          asm.i32(BUDGET_LEFT);
          asm.op("i32.and");
          asm.get(remaining);
          asm.op("i32.add");
          asm.get(chunk);
          asm.op("i32.sub");
          asm.set(remaining);
          loadField("pc");
          asm.set(pc);
          countUp(asm, "regionRuns");
          countUp(asm, "regionInsns", () => {
            asm.get(chunk);
            asm.get(target);
            asm.i32(BUDGET_LEFT);
            asm.op("i32.and");
            asm.op("i32.sub");
          });
          asm.get(target);
          asm.i32(HANDED_OVER);
          asm.op("i32.and");
          asm.op("i32.eqz");
          asm.brIf(refetch);
          asm.get(pc);
          asm.i64(PAGE_MASK);
          asm.op("i64.and");
          asm.get(pageVa);
          asm.op("i64.ne");
          asm.if(() => {
            // Another of the region's pages, which it found by the fetch TLB in this very call.
            asm.get(pc);
            asm.i64(PAGE_MASK);
            asm.op("i64.and");
            asm.tee(pageVa);
            asm.set(jumpPage);
            findCode();
            // Anything else would be a wrong region: better no guest than another one.
            asm.op("i32.eqz");
            asm.if(() => {
              asm.op("unreachable");
            });
          });
          toSlotOfPc();
          asm.get(target);
          asm.i32(LIES_APART);
          asm.op("i32.and");
          asm.if(() => {
            asm.get(slot);
            asm.call(engine.noteApart);
          });
          // With less than a block's length left it was the budget that made an end.
          asm.get(target);
          asm.i32(BUDGET_LEFT);
          asm.op("i32.and");
          asm.i32(MAX_INSTRUCTIONS);
          asm.op("i32.lt_u");
          asm.tee(target);
          asm.if(() => {
            countUp(asm, "regionBudgetExits");
          });
          asm.get(remaining);
          asm.op("i32.eqz");
          asm.brIf(next);
          addTo(remaining, -1);
          loadHandler();
          asm.tee(handler);
          asm.i32(HANDLER.region);
          asm.op("i32.eq");
          asm.if(() => {
            besideSlot(engine.layout.slotHandlers, 2);
            asm.memory("i32.load16_u");
            asm.set(handler);
          });
          asm.get(target);
          asm.op("i32.eqz");
          asm.if(() => {
            countHandedOver(asm, () => {
              asm.get(handler);
            });
          });
          asm.br(again);
        };
        const execute = (ends: { readonly apart: Label; readonly jumpBy: Label; readonly jump: Label }): void => {
          let mayEndApart = false;
          const frame = (bytes: 2 | 4): Frame => ({
            asm,
            slot,
            dataContext: () => {
              asm.get(context);
            },
            pc: currentPc,
            nextPc: () => {
              currentPc();
              asm.i64(BigInt(bytes));
              asm.op("i64.add");
            },
            spill,
            resumeOrLeave,
            leave,
            accessMissed: () => {
              mayEndApart = true;
              asm.br(ends.apart);
            },
            jumpTo: (destination) => {
              destination();
              asm.set(pc);
              asm.br(ends.jump);
            },
            jumpBy: () => {
              asm.br(ends.jumpBy);
            },
          });
          const frames = { 2: new SlotOps(frame(2), engine), 4: new SlotOps(frame(4), engine) } as const;
          const inlineCase = (instruction: NumberedInstruction, bytes: 2 | 4): Case => [
            [handlerOf(instruction, bytes)],
            () => {
              const o = frames[bytes];
              mayEndApart = false;
              instruction.execute(o, o.operands());
              o.releaseLocals();
              addTo(slot, bytes << SLOT_SHIFT);
              asm.br(next);
              if (mayEndApart) engine.executesApart(instruction);
            },
          ];
          const apart = INSTRUCTIONS.filter((instruction) => !isInline(instruction));
          apart.forEach(engine.executesApart);
          const inline = INSTRUCTIONS.filter(isInline);
          loadHandler();
          asm.set(handler);
          asm.loop((again) => {
            switchOn(
              asm,
              () => {
                asm.get(handler);
              },
              [
                [
                  [HANDLER.region],
                  () => {
                    runRegion(again);
                  },
                ],
                ...inline.map((instruction) => inlineCase(instruction, 4)),
                ...inline.filter(hasCompressed).map((instruction) => inlineCase(instruction, 2)),
                [
                  apart.flatMap((instruction) => [handlerOf(instruction, 4), handlerOf(instruction, 2)]),
                  () => {
                    asm.br(ends.apart);
                  },
                ],
                [
                  [HANDLER.undecoded],
                  () => {
                    addTo(remaining, 1);
                    asm.get(slot);
                    asm.call(engine.decodeSlot);
                    asm.br(next);
                  },
                ],
                [
                  [HANDLER.pageEnd],
                  () => {
                    refetchHere(refetch);
                  },
                ],
                [
                  [HANDLER.straddling],
                  () => {
                    addTo(remaining, 1);
                    currentPc();
                    asm.set(pc);
                    enterScratch();
                    asm.br(next);
                  },
                ],
                [
                  [HANDLER.illegal],
                  () => {
                    frames[4].illegal();
                  },
                ],
              ],
              () => {
                asm.op("unreachable");
              },
            );
          });
        };
        // Once for all instructions: what the loop is long for, V8 takes long to optimise.
        asm.block((jump) => {
          asm.block((jumpBy) => {
            asm.block((apart) => {
              execute({ apart, jumpBy, jump });
            });
            executeApart();
          });
          jumpByImmediate();
        });
        jumpToPc();
      });
    });
  });
  asm.op("unreachable");
  return asm;
}
