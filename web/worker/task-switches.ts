/** When which task of a Linux guest was switched to. */
import type { LinuxTask } from "../../src/streams/past/names/linux/index.js";
import { Query, type Reading } from "../../src/streams/past/query/index.js";
import { hartThere, type RowOfHart, type Unnamed } from "../../src/streams/past/query/row.js";
import { physicalOf } from "../../src/streams/past/query/visits.js";
import type { PageRow } from "../protocol.js";
import { PageError } from "./cancelled.js";
import type { Opened } from "./opened.js";
import { pageRow } from "./page-row.js";

/** Called right behind a switch, by whom it was switched to. Compilers put a suffix behind it. */
const SWITCHED = /^finish_task_switch(?:\.|$)/;

interface Switched {
  readonly where: Unnamed<RowOfHart>;
  readonly task: LinuxTask | undefined;
}

/** @throws {PageError} where no kernel is */
export function taskSwitches(
  { recording }: Opened,
  range: { readonly from: number; readonly until: number },
): Query<PageRow> {
  const { kernel } = recording;
  const places = recording.names.functionsNamed(SWITCHED);
  if (kernel === undefined || places.length === 0) {
    throw new PageError("no tasks are known: the guest is no Linux kernel that tells of them");
  }
  const open = (): Reading<PageRow> => ({
    question: undefined,
    listen: () => ({
      probes: { arrivals: places.map(({ address }) => physicalOf(address, () => recording.at())) },
      told(machine, icount, probed): Switched | undefined {
        if (probed.type !== "instruction/reached") return undefined;
        return { where: hartThere(machine, icount), task: kernel.taskOf(machine.present) };
      },
    }),
    take(found, emit) {
      const { where, task } = found as Switched;
      emit(pageRow("tasks", { ...where, pid: task?.pid, address: task?.address }, task?.comm ?? "unknown"));
    },
  });
  return new Query(recording, open, range);
}
