/**
 * Who wrote each register and each byte of RAM last, found by brute force: every instruction from a place on is
 * executed by the reference evaluator, which is asked at each assignment. No code is shared with probes and `whence`.
 */
import type { HartField } from "../../src/machine/hart/fields.js";
import type { Procedure } from "../../src/machine/hart/system-ops.js";
import { takePendingInterrupt } from "../../src/machine/hart/trap.js";
import { Machine } from "../../src/machine/machine.js";
import { DRAM_BASE } from "../../src/machine/memory-map.js";
import { Evaluator, type EvaluatorParts } from "../../src/machine/reference/evaluate.js";
import { ReferenceEngine } from "../../src/machine/reference/reference-engine.js";
import type { Recording } from "../../src/streams/past/recording.js";
import { replaySteps } from "../../src/streams/past/replayer.js";

/** `seq`: after that event; of a device's write, in it. `icount`: the instructions retired before. */
export interface Writer {
  readonly seq: number;
  readonly icount: number;
  readonly by: "hart" | "device";
}

/** By `hart x10`, `hart sepc`, or `@` and the physical address of a byte. */
export type LastWriters = ReadonlyMap<string, Writer>;

/** The writers from one icount on, as they are at some others, ascending. */
export function* lastWriters(
  recording: Recording,
  fromIcount: number,
  atIcounts: readonly number[],
): Generator<{ readonly seq: number; readonly icount: number; readonly writers: LastWriters }> {
  const writers = new Map<string, Writer>();
  const machine: Machine = recording.openMachine((initial, options) => {
    const note = (key: string, icount: number, by: Writer["by"]): void => {
      writers.set(key, { seq: machine.position.seq, icount, by });
    };
    const engine = (...[bus, wanted]: Parameters<NonNullable<typeof options.engine>>): ReferenceEngine => {
      const made = new ReferenceEngine(bus, {
        ...wanted,
        evaluator: (parts) =>
          new NotingEvaluator(
            withNotedMemory(parts, () => current),
            (key, icount) => {
              note(key.startsWith("@") ? key : `${String(machine.hart)} ${key}`, icount, "hart");
            },
          ),
      });
      const write = made.writeRam.bind(made);
      made.writeRam = (offset, bytes, from) => {
        bytes.forEach((_, at) => {
          note(`@${String(DRAM_BASE + offset + at)}`, machine.position.icount, "device");
        });
        write(offset, bytes, from);
      };
      return made;
    };
    let current: NotingEvaluator | undefined;
    NotingEvaluator.made = (evaluator) => {
      current = evaluator;
    };
    return new Machine(initial, { ...options, engine });
  });
  machine.load(recording.at(fromIcount));
  for (const icount of atIcounts) {
    for (const step of replaySteps(machine, recording.log, icount)) {
      // All is as it was at the start.
      if (step?.event.type === "machine/reset") writers.clear();
    }
    yield { ...machine.position, writers: new Map(writers) };
  }
}

type Note = (key: string, icount: number) => void;

/** Each byte that is stored is noted by the evaluator that stores it. */
function withNotedMemory(parts: EvaluatorParts, evaluator: () => NotingEvaluator | undefined): EvaluatorParts {
  const { memory } = parts;
  const noted = Object.create(memory, {
    setByte: {
      value: (address: bigint, value: number) => {
        evaluator()?.noteByte(address);
        memory.setByte(address, value);
      },
    },
  }) as typeof memory;
  return Object.create(parts, { memory: { value: noted } }) as EvaluatorParts;
}

class NotingEvaluator extends Evaluator {
  static made: (evaluator: NotingEvaluator) => void = () => undefined;
  /** An interrupt comes before the next instruction is counted. */
  private isBetween = false;

  constructor(
    parts: EvaluatorParts,
    private readonly tell: Note,
  ) {
    super(parts);
    NotingEvaluator.made(this);
  }

  override invoke<Arity extends number>(procedure: Procedure<Arity>, ...inputs: readonly bigint[]): bigint {
    if ((procedure as unknown) !== takePendingInterrupt) return super.invoke(procedure, ...inputs);
    this.isBetween = true;
    try {
      return super.invoke(procedure, ...inputs);
    } finally {
      this.isBetween = false;
    }
  }

  override setX(register: number, value: bigint): void {
    if (register !== 0) this.tell(`x${String(register)}`, this.icount());
    super.setX(register, value);
  }

  override setF(register: number, value: bigint): void {
    this.tell(`f${String(register)}`, this.icount());
    super.setF(register, value);
  }

  override setField(name: HartField, value: bigint): void {
    this.tell(name, this.icount());
    super.setField(name, value);
  }

  noteByte(address: bigint): void {
    if (address >= BigInt(DRAM_BASE)) this.tell(`@${String(address)}`, this.icount());
  }

  private icount(): number {
    return Number(this.input("icount")) + Number(this.isBetween);
  }
}
