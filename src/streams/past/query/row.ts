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

/** A row as it is found, where nobody knows names. */
export type Unnamed<Row> = Omit<Row, "function">;

/** Of the instruction that the machine is at. */
export const hartThere = (machine: Machine, icount: number): Unnamed<RowOfHart> => ({
  ...instantThere(machine, icount),
  hart: machine.hart,
  pc: machine.whereabouts.pc,
});

export const instantThere = (machine: Machine, icount: number): Instant => ({
  ...positionOf(machine.position.seq, icount),
  ns: machine.virtualNsAt(icount),
});

/** Puts names into rows where they are read. */
export class Namer {
  private readonly functions: SymbolTable;

  constructor(symbols: readonly Symbol[]) {
    this.functions = new SymbolTable(symbols.filter(isCode));
  }

  /** The row with the function that its `pc` is in. */
  name<Row extends { readonly pc: bigint | undefined; readonly function: string | undefined }>(
    found: Unnamed<Row>,
  ): Row {
    const { seq, icount, ns, hart, pc, ...rest } = found as unknown as Unnamed<RowOfHart>;
    const name = (pc as bigint | undefined) === undefined ? undefined : this.functionAt(pc);
    return { seq, icount, ns, hart, pc, function: name, ...rest } as unknown as Row;
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
