/** What every row of an answer has: where and when it was, and who did it. */
import type { Machine } from "../../../machine/machine.js";
import { isCode, SymbolTable, type Symbol } from "../../../machine/symbol-table.js";
import { positionOf } from "../../../reducers/position.js";
import type { Instant } from "../../../reducers/stream-event.js";

/** `icount`: the instructions retired before it. */
export interface RowOfHart extends Instant {
  readonly hart: number;
  /** Of the instruction, as the hart sees it. */
  readonly pc: bigint;
  /** The function that `pc` is in; undefined where no symbol tells. */
  readonly function: string | undefined;
}

/** Makes the parts that all rows have. */
export class RowMaker {
  private readonly functions: SymbolTable;

  constructor(symbols: readonly Symbol[]) {
    this.functions = new SymbolTable(symbols.filter(isCode));
  }

  of(machine: Machine, icount: number): RowOfHart {
    const { pc } = machine.whereabouts;
    return { ...this.moment(machine, icount), hart: machine.hart, pc, function: this.functionAt(pc) };
  }

  moment(machine: Machine, icount: number): Instant {
    return { ...positionOf(machine.position.seq, icount), ns: machine.virtualNsAt(icount) };
  }

  functionAt(address: bigint): string | undefined {
    return this.functions.find(address)?.name;
  }
}

const A0 = 10;
const ARGUMENTS = 8;

/** a0 to a7 of the hart that executes. */
export function argumentsOf(machine: Machine): readonly bigint[] {
  const x = machine.present.harts[machine.hart]?.x ?? [];
  return Array.from({ length: ARGUMENTS }, (_, index) => x[A0 + index] ?? 0n);
}
