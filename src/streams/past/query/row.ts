/** What every row of an answer has: where and when it was, and who did it. */
import type { Machine } from "../../../machine/machine.js";
import { positionOf } from "../../../reducers/position.js";
import type { Names } from "../names/names.js";
import type { Instant } from "../../../reducers/stream-event.js";

/** `icount`: the instructions retired before it. */
export interface RowOfHart extends Instant {
  readonly hart: number;
  /** Of the instruction, as the hart sees it. */
  readonly pc: bigint;
  /** The function that `pc` is in; undefined where no symbol tells. */
  readonly function: string | undefined;
  /** `link.c:30`; undefined where no debugging information tells. */
  readonly line: string | undefined;
}

/** A row as it is found, where nobody knows names. */
export type Unnamed<Row> = Omit<Row, "function" | "line">;

/** Of the instruction that the machine is at. A guest makes millions of these: field by field, without a spread. */
export const hartThere = (machine: Machine, icount: number): Unnamed<RowOfHart> => {
  const { seq } = machine.position;
  const row: RowOfHart = {
    seq,
    icount: icount as RowOfHart["icount"],
    ns: machine.virtualNsAt(icount),
    hart: machine.hart,
    pc: machine.pc,
    function: undefined,
    line: undefined,
  };
  return row;
};

export const instantThere = (machine: Machine, icount: number): Instant => ({
  ...positionOf(machine.position.seq, icount),
  ns: machine.virtualNsAt(icount),
});

interface Named {
  readonly pc: bigint | undefined;
  readonly function: string | undefined;
  readonly line: string | undefined;
}

type Writable<Row> = { -readonly [Key in keyof Row]: Row[Key] };

/** Puts names into rows where they are read. */
export class Namer {
  constructor(private readonly names: Names) {}

  /** The row with the function and the line that its `pc` is in. It is nobody else's yet, so it is not copied. */
  name<Row extends Named>(found: Unnamed<Row>): Row {
    const row = found as unknown as Writable<Row>;
    const { pc } = row;
    row.function = pc === undefined ? undefined : this.functionAt(pc);
    row.line = pc === undefined ? undefined : this.lineAt(pc);
    return row;
  }

  functionAt(address: bigint): string | undefined {
    return this.names.functionAt(address)?.name;
  }

  private lineAt(pc: bigint): string | undefined {
    const at = this.names.lineAt(pc);
    return at === undefined ? undefined : `${at.file}:${String(at.line)}`;
  }
}

const A0 = 10;
const ARGUMENTS = 8;

/** a0 to a7 of the hart that executes. */
export function argumentsOf(machine: Machine): readonly bigint[] {
  const args = new Array<bigint>(ARGUMENTS);
  for (let index = 0; index < ARGUMENTS; index += 1) args[index] = machine.x(A0 + index);
  return args;
}
