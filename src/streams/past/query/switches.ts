/** `switches`: when a hart of a Linux guest went from one task to another. */
import type { Recording } from "../recording.js";
import { PlaceError } from "../names/place-error.js";
import type { LinuxTask, TaskMembers } from "../names/linux/index.js";
import { checkQuery, type AskedOptions } from "./asked.js";
import { Query } from "./query.js";
import { readingOf, type Kind, type Reading } from "./question.js";
import { hartThere, Namer, type RowOfHart, type Unnamed } from "./row.js";
import { taskThere } from "./task-there.js";
import { physicalOf } from "./visits.js";

/** The scheduler is about to leave a task for another one on the same hart. */
export interface Switch extends RowOfHart {
  /** The thread that runs from now on; 0: the hart is idle. */
  readonly pid: number;
  /** Its process. */
  readonly tgid: number;
  readonly comm: string;
  /** The thread that ran until now. */
  readonly previous: Omit<LinuxTask, "address">;
}

/** Where the kernel's own assembly puts one task in the place of another: arch/riscv/kernel/entry.S. */
const SWITCH = "__switch_to";

/** Switches, in order. @throws {PlaceError} where no Linux kernel is in the guest; when it is read, as a replay does */
export function switches(recording: Recording, options: AskedOptions = {}): Query<Switch> {
  checkQuery("switches", recording, options, {});
  const { from, until } = options;
  const open = (): Reading<Switch> => {
    const { names, kernel } = recording;
    const members = kernel?.taskMembers;
    if (members === undefined) {
      const why = kernel === undefined ? "no Linux kernel is in the guest" : "the guest's kernel has no BTF";
      throw new PlaceError("NO_SUCH_NAME", `switches: ${why}, which would tell of tasks`);
    }
    const address = physicalOf(names.named(SWITCH).address, () => recording.at(until));
    const namer = new Namer(names);
    return readingOf(switchesKind, { address, members }, (found) => namer.name<Switch>(found));
  };
  return new Query(recording, open, { from, until });
}

interface SwitchPlace {
  /** Physical. */
  readonly address: number;
  readonly members: TaskMembers;
}

export const switchesKind: Kind<SwitchPlace, Unnamed<Switch>> = {
  name: "switches",
  listen: ({ address, members }) => ({
    probes: { arrivals: [address] },
    told: (machine, icount, probed) => {
      if (probed.type !== "instruction/reached") return undefined;
      const [previous, next] = [A0, A1].map((register) => taskThere(machine, machine.x(register), members));
      if (previous === undefined || next === undefined) return undefined;
      const { pid, tgid, comm } = next;
      return Object.assign(hartThere(machine, icount), { pid, tgid, comm, previous: numbersOf(previous) });
    },
  }),
};

const A0 = 10;
const A1 = 11;

const numbersOf = ({ pid, tgid, comm }: LinuxTask): Switch["previous"] => ({ pid, tgid, comm });
