/** `switches`: when a hart of a Linux guest went from one task to another. */
import { flag, maybe } from "../../../options/codecs.js";
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
    return readingOf(switchesKind, { address, members }, (found) => namer.name<Switch>(found));
  };
  return new Query(recording, open, { from, until });
}

interface SwitchPlace {
  /** Physical. */
  readonly address: number;
  readonly members: TaskMembers;
}

/** Asked about no place: there are none. */
export const switchesKind: Kind<SwitchPlace | undefined, Unnamed<Switch>> = {
  name: "switches",
  listen: (place) => ({
    probes: { arrivals: place === undefined ? [] : [place.address] },
    told: (machine, icount, probed) => {
      if (probed.type !== "instruction/reached") return undefined;
      const [previous, next] = [A0, A1].map((register) => taskThere(machine, machine.x(register), place?.members));
      if (previous === undefined || next === undefined) return undefined;
      const { pid, tgid, comm } = next;
      return Object.assign(hartThere(machine, icount), { pid, tgid, comm, previous: numbersOf(previous) });
    },
  }),
};

const A0 = 10;
const A1 = 11;

const numbersOf = ({ pid, tgid, comm }: LinuxTask): Switch["previous"] => ({ pid, tgid, comm });
