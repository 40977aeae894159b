/** How a recording of a machine ends where the machine stands now. */
import type { Machine } from "../../machine/machine.js";
import { STOPPED, type LogEnd } from "./log/index.js";

export function runEnd(machine: Machine): LogEnd {
  const { seq, icount } = machine.position;
  return { seq, icount, hash: machine.hash(), cause: machine.ended?.cause ?? STOPPED };
}
