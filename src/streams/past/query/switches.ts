/** `switches`: when a hart of a Linux guest went from one task to another. */
import { flag, maybe } from "../../../options/codecs.js";
import type { Machine } from "../../../machine/machine.js";
import type { Recording } from "../recording.js";
import { PlaceError } from "../names/place-error.js";
import type { LinuxTask, SchedulingMembers, TaskMembers, TaskState } from "../names/linux/index.js";
import { checkQuery, type AskedOptions } from "./asked.js";
import { Query } from "./query.js";
import { readingOf, type Kind, type Reading } from "./question.js";
import { hartThere, Namer, type RowOfHart, type Unnamed } from "./row.js";
import { schedulingThere, taskThere } from "./task-there.js";
import { physicalOf } from "./visits.js";

/** The scheduler is about to leave a task for another one on the same hart. */
export interface Switch extends RowOfHart {
  /** The thread that runs from now on; 0: the hart is idle. */
  readonly pid: number;
  /** Its process. */
  readonly tgid: number;
  readonly comm: string;
  /** The kernel's: 0 to 99 is real time, 120 is a nice of 0. Undefined: the kernel does not tell. */
  readonly priority: number | undefined;
  readonly previous: LeftTask;
}

/** The thread that ran until now. */
export interface LeftTask extends Omit<LinuxTask, "address"> {
  /** Why it was left: `R` is ready to run on, and waits for its turn. Undefined: as of `priority`. */
  readonly state: TaskState | undefined;
  readonly priority: number | undefined;
}

/** Where the kernel's own assembly puts one task in the place of another: arch/riscv/kernel/entry.S. */
const SWITCH = "__switch_to";

export interface SwitchesOptions extends AskedOptions {
  /** False: where no Linux kernel is in the guest, there are no rows; that is an error otherwise. */
  readonly needsLinux?: boolean | undefined;
}

/** Switches, in order. @throws {PlaceError} where no Linux kernel is in the guest; when it is read, as a replay does */
export function switches(recording: Recording, options: SwitchesOptions = {}): Query<Switch> {
  checkQuery("switches", recording, options, { needsLinux: maybe(flag) });
  const { from, until, needsLinux = true } = options;
  const open = (): Reading<Switch> => {
    const { names, kernel } = recording;
    const members = kernel?.taskMembers;
    if (members === undefined && !needsLinux)
      return readingOf<SwitchPlace | undefined, unknown, Switch>(switchesKind, undefined, () => undefined);
    if (members === undefined) {
      const why = kernel === undefined ? "no Linux kernel is in the guest" : "the guest's kernel has no BTF";
      throw new PlaceError("NO_SUCH_NAME", `switches: ${why}, which would tell of tasks`);
    }
    const address = physicalOf(names.named(SWITCH).address, () => recording.at(until));
    const namer = new Namer(names);
    return readingOf(switchesKind, { address, members, scheduling: kernel?.schedulingMembers }, (found) =>
      namer.name<Switch>(found),
    );
  };
  return new Query(recording, open, { from, until });
}

interface SwitchPlace {
  /** Physical. */
  readonly address: number;
  readonly members: TaskMembers;
  readonly scheduling: SchedulingMembers | undefined;
}

/** Asked about no place: there are none. */
export const switchesKind: Kind<SwitchPlace | undefined, Unnamed<Switch>> = {
  name: "switches",
  listen: (place) => ({
    probes: { arrivals: place === undefined ? [] : [place.address] },
    told: (machine, icount, probed) => {
      if (probed.type !== "instruction/reached" || place === undefined) return undefined;
      const [previous, next] = [A0, A1].map((register) => switchedTask(machine, machine.x(register), place));
      if (previous === undefined || next === undefined) return undefined;
      const { pid, tgid, comm, priority } = next;
      return Object.assign(hartThere(machine, icount), { pid, tgid, comm, priority, previous });
    },
  }),
};

const A0 = 10;
const A1 = 11;

function switchedTask(machine: Machine, address: bigint, { members, scheduling }: SwitchPlace): LeftTask | undefined {
  const task = taskThere(machine, address, members);
  if (task === undefined) return undefined;
  const { pid, tgid, comm } = task;
  const { state, priority } = schedulingThere(machine, address, scheduling) ?? {};
  return { pid, tgid, comm, state, priority };
}
