/** `syscalls`: what programs asked their kernel for. */
import { TRAP_CAUSE } from "../../../machine/hart/trap-causes.js";
import type { Machine } from "../../../machine/machine.js";
import type { Probed } from "../../../machine/engine/probes.js";
import { flag, maybe, oneOrList, text } from "../../../options/codecs.js";
import { nearestWords, orList } from "../../../options/nearest.js";
import { PlaceError } from "../names/place-error.js";
import type { Recording } from "../recording.js";
import type { TaskMembers } from "../names/linux/index.js";
import { checkQuery, type AskedOptions } from "./asked.js";
import type { Returned } from "./calls-in-order.js";
import { Query } from "./query.js";
import { readingOf, type Kind, type Reading } from "./question.js";
import { listenerWithReturns, readingWithReturns, type FoundWithReturn } from "./returning-traps.js";
import { argumentsOf, hartThere, Namer, type RowOfHart, type Unnamed } from "./row.js";
import { SystemCallNames } from "./system-call-names.js";
import { taskThere } from "./task-there.js";

export interface SyscallsOptions extends AskedOptions {
  /** One or several by name, as `openat`; all where it is left out. */
  readonly of?: string | readonly string[] | undefined;
  /** Each row with when the program went on, and the result: `last()` then begins at the range's beginning. */
  readonly results?: boolean | undefined;
}

/** A program at an ecall, as Linux' calling convention for RISC-V has it (syscall(2)). */
export interface Syscall extends RowOfHart {
  /** a7. */
  readonly number: number;
  /** As the guest's kernel calls what answers it: `openat`. Undefined: it tells none. */
  readonly name: string | undefined;
  /** a0 to a5. */
  readonly args: readonly bigint[];
  /** The thread; undefined where no Linux kernel tells. */
  readonly pid: number | undefined;
  readonly tgid: number | undefined;
  readonly comm: string | undefined;
  /**
   * With `results`: where the task went on, and a0; no value where that is not behind the ecall, as after execve, or in
   * a signal's handler. Undefined: it did not until the range's end, or until 65,536 other calls were made.
   */
  readonly returned?: Returned | undefined;
}

/** System calls, in order. Throws, when it is read, as a replay does. */
export function syscalls(recording: Recording, options: SyscallsOptions = {}): Query<Syscall> {
  checkQuery("syscalls", recording, options, { of: maybe(oneOrList(text)), results: maybe(flag) });
  const { of, from, until, results = false } = options;
  const wanted = of === undefined ? undefined : new Set(typeof of === "string" ? [of] : of);
  const open = (): Reading<Syscall> => {
    const namer = new Namer(recording.names);
    const callNames = new SystemCallNames(recording);
    for (const name of wanted ?? []) requireCall(name, callNames.all());
    const rowOf = (found: FoundSyscall): Syscall | undefined => {
      const row = namer.name<{ -readonly [Member in keyof Syscall]: Syscall[Member] }>(found);
      row.name = callNames.of(row.number);
      return wanted === undefined || (row.name !== undefined && wanted.has(row.name)) ? row : undefined;
    };
    const members = recording.kernel?.taskMembers;
    if (results) return readingWithReturns(syscallResultsKind, members, rowOf);
    return readingOf(syscallsKind, members, rowOf);
  };
  return new Query(recording, open, { from, until });
}

/** @throws {PlaceError} where the kernel tells its calls, and none is called so */
function requireCall(name: string, all: readonly string[]): void {
  if (all.length === 0 || all.includes(name)) return;
  const near = orList(nearestWords(name, all));
  throw new PlaceError("NO_SUCH_NAME", `the guest's kernel has no system call ${name}; nearest are ${near}`);
}

type FoundSyscall = Unnamed<Syscall>;

/** Asked about how the kernel's tasks are made. */
export const syscallsKind: Kind<TaskMembers | undefined, FoundSyscall> = {
  name: "syscalls",
  listen: (members) => ({ probes: { traps: true }, told: callOf(members) }),
};

/** The same with what came of each. */
export const syscallResultsKind: Kind<TaskMembers | undefined, FoundWithReturn<FoundSyscall>> = {
  name: "syscallResults",
  listen: (members) => listenerWithReturns(callOf(members)),
};

const callOf =
  (members: TaskMembers | undefined) =>
  (machine: Machine, icount: number, probed: Probed): FoundSyscall | undefined => {
    if (probed.type !== "trap/taken" || probed.cause !== TRAP_CAUSE.ecallFromU) return undefined;
    const args = argumentsOf(machine);
    // While a program runs, its task is in sscratch: arch/riscv/kernel/entry.S.
    const address = machine.present.harts[machine.hart]?.fields.sscratch ?? 0n;
    const { pid, tgid, comm } = taskThere(machine, address, members) ?? {
      pid: undefined,
      tgid: undefined,
      comm: undefined,
    };
    return Object.assign(hartThere(machine, icount), {
      ...{ number: Number(BigInt.asIntN(32, args[NUMBER] ?? 0n)), name: undefined },
      ...{ args: args.slice(0, ARGUMENTS), pid, tgid, comm },
    });
  };

/** a7. */
const NUMBER = 7;
const ARGUMENTS = 6;
