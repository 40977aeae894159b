/** Traps as a client's exceptions: those that can be stopped at, and what is told of one. */
import { EXCEPTION_NAMES, INTERRUPT, INTERRUPT_BIT, TRAP_CAUSE } from "../../../../machine/hart/trap-causes.js";
import { hexAddress } from "../../../../reducers/hex.js";
import { trapName } from "../../../past/query/traps.js";
import type { Hit } from "../../stop-points/stop-points.js";

interface ExceptionFilter {
  readonly filter: string;
  readonly label: string;
  readonly description: string;
  readonly causes: ReadonlySet<bigint>;
}

const filterOf = (filter: string, label: string, description: string, causes: readonly bigint[]): ExceptionFilter => ({
  filter,
  label,
  description,
  causes: new Set(causes),
});

const T = TRAP_CAUSE;
export const EXCEPTION_FILTERS: readonly ExceptionFilter[] = [
  filterOf("pageFault", "Page faults", "Of fetches, loads and stores", [
    ...[T.instructionPageFault, T.loadPageFault, T.storePageFault],
  ]),
  filterOf("accessFault", "Access faults", "Where nothing answers, or PMP forbids it", [
    ...[T.instructionAccessFault, T.loadAccessFault, T.storeAccessFault],
  ]),
  filterOf("misaligned", "Misaligned addresses", "Of fetches, loads and stores", [
    ...[T.instructionAddressMisaligned, T.loadAddressMisaligned, T.storeAddressMisaligned],
  ]),
  filterOf("illegalInstruction", "Illegal instructions", "Also those that a mode may not execute", [
    T.illegalInstruction,
  ]),
  filterOf("breakpoint", "ebreak", "The guest's own breakpoints", [T.breakpoint]),
  filterOf("ecall", "ecall", "Calls of the environment, such as system calls", [
    T.ecallFromU,
    T.ecallFromS,
    T.ecallFromM,
  ]),
  filterOf(
    "interrupt",
    "Interrupts",
    "Of timers, devices and other harts",
    Object.values(INTERRUPT).map((cause) => cause | INTERRUPT_BIT),
  ),
];

/** The answer to `exceptionInfo`. `epc`: where the trap is taken. */
export function exceptionInfo({ cause, trapValue }: NonNullable<Hit["trap"]>, epc: bigint): object {
  const isInterrupt = (cause & INTERRUPT_BIT) !== 0n;
  const name = trapName(cause);
  const words = isInterrupt ? `interrupt ${name}` : (EXCEPTION_NAMES.get(cause) ?? name);
  return {
    exceptionId: name,
    description: `${words}: cause ${hexAddress(cause)}, tval ${hexAddress(trapValue)}, epc ${hexAddress(epc)}`,
    breakMode: "always",
    details: { message: words, typeName: name, evaluateName: "$pc" },
  };
}
