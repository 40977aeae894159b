/**
 * Goes through a recording once, in the background: what its consoles printed and when, how often it was trapped. On the
 * way it leaves states, so that every moment is near one, and at the end it knows the kernel's names.
 */
import { Subject } from "rxjs";

import { INTERRUPT_BIT } from "../../src/machine/hart/trap-causes.js";
import { findsFrom } from "../../src/streams/past/query/index.js";
import { portOf } from "../../src/streams/past/query/printed-lines.js";
import { trapName } from "../../src/streams/past/query/traps.js";
import type { Listener } from "../../src/streams/past/query/index.js";
import type { Recording } from "../../src/streams/past/recording.js";
import type { PageInstant, PagePosition } from "../protocol.js";
import { ConsoleJournal } from "./console-journal.js";
import { TrapHistogram } from "./trap-histogram.js";

/** Whoever hears of it asks for what is known anew. */
const TIMES_TOLD = 200;

export class Survey {
  readonly consoles = new Map<string, ConsoleJournal>();
  readonly traps: TrapHistogram;
  /** Up to which icount it has come, now and then. */
  readonly progress$ = new Subject<number>();
  private reached: PagePosition;
  private isDone = false;

  constructor(
    private readonly recording: Recording,
    private readonly start: PageInstant,
    private endIcount: number,
  ) {
    this.reached = { seq: start.seq, icount: start.icount };
    this.traps = new TrapHistogram(start.icount, endIcount);
  }

  /** Up to which icount it has come. */
  get icount(): number {
    return this.isDone ? Infinity : this.reached.icount;
  }

  /** 0 to 1. */
  get share(): number {
    if (this.isDone) return 1;
    return (this.reached.icount - this.start.icount) / Math.max(1, this.endIcount - this.start.icount);
  }

  console(port: string): ConsoleJournal {
    const journal = this.consoles.get(port) ?? new ConsoleJournal();
    this.consoles.set(port, journal);
    return journal;
  }

  /** The recording goes on: the next steps go on from where the last ones ended. */
  grow(endIcount: number): void {
    this.endIcount = endIcount;
    this.isDone = false;
  }

  /** Yields how far it is, in instructions. */
  *steps(): Generator<number, void> {
    const { recording, start, endIcount } = this;
    const toldApart = (endIcount - start.icount) / TIMES_TOLD;
    let told = this.reached.icount;
    const from = yield* stretches(recording.stepsTo(this.reached));
    for (const _ of findsFrom(recording, this.listener(), from, undefined, {
      progress: ({ seq, icount }) => {
        this.reached = { seq, icount };
      },
    })) {
      const { icount } = this.reached;
      if (icount >= told + toldApart) this.progress$.next((told = icount));
      yield icount;
    }
    this.isDone = true;
  }

  private listener(): Listener<never> {
    return {
      needsAll: true,
      probes: { traps: true },
      told: (_machine, icount, probed) => {
        if (probed.type === "trap/taken") {
          this.traps.add(trapName(probed.cause), (probed.cause & INTERRUPT_BIT) !== 0n, icount);
        }
        return undefined;
      },
      // Where it ends; what is told on the way may be behind that.
      ends: ({ position: { seq, icount } }) => {
        this.reached = { seq, icount };
        return [];
      },
      heard: (machine, effect) => {
        if (effect.type !== "console/transmitted") return [];
        const icount = machine.presentIcount;
        const ns = Number(machine.virtualNsAt(icount));
        this.console(portOf(effect)).add(effect.bytes, { seq: machine.position.seq, icount, ns });
        return [];
      },
    };
  }
}

function* stretches<T>(steps: Generator<{ readonly icount: number }, T>): Generator<number, T> {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    yield value.icount;
  }
}
