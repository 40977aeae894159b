/** Which task of a Linux guest ran on which hart, and how long: intervals between switches. */
import type { FormRow } from "../form-rows.js";
import type { Marker } from "./thread-tables.js";

interface Running {
  readonly pid: number;
  readonly name: string;
  readonly sinceNs: bigint;
}

/** Nothing runs there. */
const IDLE = 0;

export class RunningTasks {
  private readonly byHart = new Map<number, Running>();

  /** The task that a row of `switches` ends. Since when the first of all ran, nothing tells. */
  switched(row: FormRow): Marker | undefined {
    const { ns, hart = 0 } = row;
    const pid = Number(row["pid"]);
    const before = this.byHart.get(hart);
    this.byHart.set(hart, { pid, name: `${String(row["comm"])} ${String(pid)}`, sinceNs: ns });
    return before && intervalOf(before, ns);
  }

  /** Those that still run. */
  *end(ns: bigint): Generator<readonly [hart: number, Marker], void> {
    for (const [hart, running] of this.byHart) {
      const marker = intervalOf(running, ns);
      if (marker !== undefined) yield [hart, marker];
    }
  }
}

const intervalOf = ({ pid, name, sinceNs }: Running, endNs: bigint): Marker | undefined =>
  pid === IDLE ? undefined : { type: "task", name, text: name, ns: sinceNs, endNs };
