/** What a command of the monitor is, and what the commands have in common. */
import { MonitorError } from "./monitor-error.js";
import type { MonitorTarget } from "./target.js";

export interface MonitorCommand {
  readonly names: readonly string[];
  readonly operands?: string;
  readonly help: string;
  run(target: MonitorTarget, operands: readonly string[]): string | undefined | Promise<string | undefined>;
}

/** @throws {MonitorError} */
export function required([operand]: readonly string[], what: string): string {
  if (operand === undefined || operand === "") throw new MonitorError("MISSING_OPERAND", `${what} is missing`);
  return operand;
}

export const notHere = ({ mode }: MonitorTarget, remedy: string): MonitorError =>
  new MonitorError("NOT_HERE", `not in a ${mode}: ${remedy}`);

export const where = (target: MonitorTarget): string => {
  const { seq, icount } = target.state().position;
  return `at instruction ${String(icount)}, event ${String(seq)}`;
};
