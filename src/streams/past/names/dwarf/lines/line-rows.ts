/** Runs a line program: for each instruction of a unit, file, line and column (DWARF 5, section 6.2). */
import type { Cursor } from "../file/cursor.js";
import { Intervals, type Interval } from "../file/intervals.js";
import type { LineHeader } from "./line-header.js";

/** A byte of a program makes at most one row. A unit of hand-written C has some thousands. */
export const MAX_ROWS = 2 ** 21;

/** Instructions behind each other, whose rows ascend by address. */
export interface Sequence extends Interval {
  readonly firstRow: number;
  /** Behind its last one. */
  readonly endRow: number;
}

/** Rows in the order of the program; each column is a list. */
export interface LineRows {
  /** They overlap where a linker dropped functions: those begin at address 0. */
  readonly sequences: Intervals<Sequence>;
  /** From the start of the row's sequence. */
  readonly deltas: Float64Array;
  readonly files: Uint32Array;
  readonly lines: Uint32Array;
  /** 0: not told. */
  readonly columns: Uint32Array;
  /** A debugger may stop there. */
  readonly areStatements: Uint8Array;
}

/** @throws {DwarfError} */
export function runLineProgram(header: LineHeader): LineRows {
  const machine = new LineMachine(header);
  machine.run(header.section.cursor(header.programAt, header.end));
  return machine.rows();
}

const LNS = {
  copy: 1,
  advance_pc: 2,
  advance_line: 3,
  set_file: 4,
  set_column: 5,
  negate_stmt: 6,
  const_add_pc: 8,
  fixed_advance_pc: 9,
};
const LNE = { end_sequence: 1, set_address: 2 };

class LineMachine {
  private readonly table = new RowTable();
  private readonly sequences: Sequence[] = [];
  private start: bigint | undefined;
  private delta = 0;
  private operation = 0;
  private file = 1;
  private line = 1;
  private column = 0;
  private isStatement: boolean;
  private firstRow = 0;

  constructor(private readonly header: LineHeader) {
    this.isStatement = header.defaultIsStatement;
  }

  run(cursor: Cursor): void {
    const { opcodeBase, lineBase, lineRange } = this.header;
    while (!cursor.isAtEnd) {
      const opcode = cursor.u8();
      if (opcode >= opcodeBase) {
        const special = opcode - opcodeBase;
        this.advance(Math.floor(special / lineRange));
        this.line += lineBase + (special % lineRange);
        this.emit(cursor);
      } else if (opcode === 0) this.extended(cursor);
      else this.standard(opcode, cursor);
    }
  }

  rows(): LineRows {
    return { sequences: new Intervals(this.sequences), ...this.table.columns() };
  }

  private standard(opcode: number, cursor: Cursor): void {
    switch (opcode) {
      case LNS.copy:
        this.emit(cursor);
        return;
      case LNS.advance_pc:
        this.advance(cursor.uleb());
        return;
      case LNS.advance_line:
        this.line += cursor.sleb();
        return;
      case LNS.set_file:
        this.file = cursor.uleb();
        return;
      case LNS.set_column:
        this.column = cursor.uleb();
        return;
      case LNS.negate_stmt:
        this.isStatement = !this.isStatement;
        return;
      case LNS.const_add_pc:
        this.advance(Math.floor((255 - this.header.opcodeBase) / this.header.lineRange));
        return;
      case LNS.fixed_advance_pc:
        this.delta += cursor.u16();
        this.operation = 0;
        return;
      default:
        for (let operand = this.header.operands[opcode] ?? 0; operand > 0; operand--) cursor.skipLeb();
    }
  }

  private extended(cursor: Cursor): void {
    const bytes = cursor.uleb();
    if (bytes === 0) return;
    const end = cursor.offset + bytes;
    const opcode = cursor.u8();
    if (opcode === LNE.end_sequence) this.endSequence();
    else if (opcode === LNE.set_address) this.setAddress(cursor.unsigned(bytes - 1));
    cursor.goTo(end);
  }

  private setAddress(address: bigint): void {
    this.start ??= address;
    this.delta = Number(BigInt.asIntN(64, address - this.start));
    this.operation = 0;
  }

  private advance(operations: number): void {
    const { maxOperations, minInstructionBytes } = this.header;
    if (maxOperations <= 1) {
      this.delta += operations * minInstructionBytes;
      return;
    }
    const total = this.operation + operations;
    this.delta += Math.floor(total / maxOperations) * minInstructionBytes;
    this.operation = total % maxOperations;
  }

  private emit(cursor: Cursor): void {
    if (this.table.count >= MAX_ROWS) throw cursor.error("TOO_LARGE", "a line program has too many rows");
    this.table.push(this.delta, this.file, this.line, this.column, this.isStatement);
  }

  private endSequence(): void {
    const { firstRow, delta } = this;
    const endRow = this.table.count;
    const start = this.start ?? 0n;
    if (endRow > firstRow && delta > 0) {
      this.table.sortByDelta(firstRow, endRow);
      this.sequences.push({ start, end: start + BigInt(Math.trunc(delta)), firstRow, endRow });
    }
    this.firstRow = endRow;
    this.start = undefined;
    this.delta = this.operation = this.column = 0;
    this.file = this.line = 1;
    this.isStatement = this.header.defaultIsStatement;
  }
}

/** Grows by doubling. */
class RowTable {
  count = 0;
  private deltas = new Float64Array(FIRST_ROWS);
  private files = new Uint32Array(FIRST_ROWS);
  private lines = new Uint32Array(FIRST_ROWS);
  private columnNumbers = new Uint32Array(FIRST_ROWS);
  private areStatements = new Uint8Array(FIRST_ROWS);

  push(delta: number, file: number, line: number, column: number, isStatement: boolean): void {
    if (this.count === this.deltas.length) this.grow();
    this.deltas[this.count] = delta;
    this.files[this.count] = file;
    this.lines[this.count] = line;
    this.columnNumbers[this.count] = column;
    this.areStatements[this.count] = isStatement ? 1 : 0;
    this.count += 1;
  }

  columns(): Omit<LineRows, "sequences"> {
    const { deltas, files, lines, columnNumbers: columns, areStatements } = this;
    return { deltas, files, lines, columns, areStatements };
  }

  /** Programs ascend by themselves, but for those that set an address in the middle. */
  sortByDelta(from: number, end: number): void {
    let isSorted = true;
    for (let row = from + 1; isSorted && row < end; row++) isSorted = this.deltas[row - 1]! <= this.deltas[row]!;
    if (isSorted) return;
    const order = Array.from({ length: end - from }, (_, row) => from + row).sort(
      (a, b) => this.deltas[a]! - this.deltas[b]! || a - b,
    );
    for (const column of [this.deltas, this.files, this.lines, this.columnNumbers, this.areStatements]) {
      column.set(
        order.map((row) => column[row]!),
        from,
      );
    }
  }

  private grow(): void {
    const more = this.count * 2;
    this.deltas = copied(new Float64Array(more), this.deltas);
    this.files = copied(new Uint32Array(more), this.files);
    this.lines = copied(new Uint32Array(more), this.lines);
    this.columnNumbers = copied(new Uint32Array(more), this.columnNumbers);
    this.areStatements = copied(new Uint8Array(more), this.areStatements);
  }
}

const FIRST_ROWS = 1024;

function copied<T extends { set(from: T): void }>(to: T, from: T): T {
  to.set(from);
  return to;
}
