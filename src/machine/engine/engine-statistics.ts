/** An engine's statistics, made from its counters. Derived, and not part of the state. */
import { INSTRUCTIONS } from "../isa/instruction-set.js";
import { counterOf, COUNTERS, handedOverCount, trapCount, type Counter } from "./counters.js";
import type { EngineMemory } from "./engine-memory.js";
import { handlerOf } from "./slot-form.js";
import { TRAP_CAUSES } from "./layout.js";
import type { CompiledCounts } from "./hot-code.js";

export interface EngineStatistics extends Readonly<Record<Counter, number>> {
  readonly compiled: CompiledCounts;
  /** Time to build the interpreter. 0: another machine of this process had built it. */
  readonly interpreterMs: number;
  /** How often compiled code handed an instruction to the interpreter, keyed by the instruction's name. */
  readonly handedOver: Readonly<Record<string, number>>;
  /** Keyed by the number in xcause. */
  readonly exceptions: Readonly<Record<number, number>>;
  readonly interrupts: Readonly<Record<number, number>>;
}

export function engineStatistics(
  memory: EngineMemory,
  more: Pick<EngineStatistics, "compiled" | "interpreterMs">,
): EngineStatistics {
  const counters = Object.fromEntries(COUNTERS.map((counter) => [counter, counterOf(memory, counter)]));
  const handedOver = INSTRUCTIONS.map((instruction): [string, number] => [
    instruction.name,
    handedOverCount(memory, handlerOf(instruction, 2)) + handedOverCount(memory, handlerOf(instruction, 4)),
  ]);
  const traps = (isInterrupt: boolean): Record<number, number> =>
    nonZero(
      Array.from({ length: TRAP_CAUSES }, (_, cause): [number, number] => [
        cause,
        trapCount(memory, cause, isInterrupt),
      ]),
    );
  return {
    ...(counters as Record<Counter, number>),
    ...more,
    handedOver: nonZero(handedOver),
    exceptions: traps(false),
    interrupts: traps(true),
  };
}

const nonZero = <Key extends string | number>(counts: readonly (readonly [Key, number])[]): Record<Key, number> =>
  Object.fromEntries(counts.filter(([, count]) => count !== 0)) as Record<Key, number>;
