/** The lines of a unit: by address, and by file and line. */
import { AT } from "../entries/constants.js";
import type { Unit } from "../entries/unit.js";
import type { Interval } from "../file/intervals.js";
import { readLineHeader, type LineHeader } from "./line-header.js";
import { runLineProgram, type LineRows, type Sequence } from "./line-rows.js";

export interface LinePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number | undefined;
}

export class LineTable {
  private ran: LineRows | undefined;

  private constructor(readonly header: LineHeader) {}

  /** Undefined: the unit has no lines. Its program is run when lines are asked for. @throws {DwarfError} */
  static of(unit: Unit): LineTable | undefined {
    const root = unit.root();
    const at = root.attribute(AT.stmt_list);
    // DWARF 2 and 3 have no form of its own for an offset.
    const offset = at?.kind === "sectionOffset" ? at.offset : at?.kind === "constant" ? Number(at.value) : undefined;
    if (offset === undefined || unit.surroundings.find(".debug_line") === undefined) return undefined;
    return new LineTable(readLineHeader(unit, offset, root.text(AT.comp_dir)));
  }

  /** How the program numbers it. */
  file(number: number): string {
    return this.header.files[number] ?? "";
  }

  /** Where the instruction at an address is from; undefined: this unit has no line for it. */
  at(address: bigint): LinePlace | undefined {
    const { sequences, deltas, lines, columns, files } = this.rows;
    for (const sequence of sequences.containing(address)) {
      const row = lastRow(deltas, sequence, Number(address - sequence.start));
      if (row < sequence.firstRow) continue;
      const column = columns[row]!;
      return { file: this.file(files[row]!), line: lines[row]!, column: column === 0 ? undefined : column };
    }
    return undefined;
  }

  /** Where a line begins: its statements that follow one of another line. In the order of the table. */
  addressesOf(isFile: (file: string) => boolean, line: number): readonly bigint[] {
    const wanted = new Set(this.header.files.flatMap((file, number) => (isFile(file) ? [number] : [])));
    if (wanted.size === 0) return [];
    const { sequences, deltas, lines, files, areStatements } = this.rows;
    const addresses: bigint[] = [];
    for (const { start, firstRow, endRow } of sequences.all()) {
      let isWithin = false;
      for (let row = firstRow; row < endRow; row++) {
        if (areStatements[row] === 0) continue;
        const isThere = lines[row] === line && wanted.has(files[row]!);
        if (isThere && !isWithin) addresses.push(start + BigInt(deltas[row]!));
        isWithin = isThere;
      }
    }
    return addresses;
  }

  /** Where lines begin in a range: statements that follow one of another line, or none. */
  beginsIn({ start, end }: Interval): readonly bigint[] {
    const { sequences, deltas, lines, files, areStatements } = this.rows;
    const begins = new Set<bigint>();
    for (const sequence of sequences.containing(start)) {
      let before = -1;
      let row = Math.max(lastRow(deltas, sequence, Number(start - sequence.start)), sequence.firstRow);
      while (row > sequence.firstRow && deltas[row - 1] === deltas[row]) row -= 1;
      for (; row < sequence.endRow; row++) {
        const address = sequence.start + BigInt(deltas[row]!);
        if (address >= end) break;
        if (address < start || areStatements[row] === 0) continue;
        if (before < 0 || lines[row] !== lines[before] || files[row] !== files[before]) begins.add(address);
        before = row;
      }
    }
    return [...begins];
  }

  /** The instructions behind each other that an address is among, as they were compiled in one piece. */
  pieceAt(address: bigint): Interval | undefined {
    for (const { start, end } of this.rows.sequences.containing(address)) return { start, end };
    return undefined;
  }

  /** The lines of a file that have instructions. */
  linesOf(isFile: (file: string) => boolean): readonly number[] {
    const wanted = new Set(this.header.files.flatMap((file, number) => (isFile(file) ? [number] : [])));
    if (wanted.size === 0) return [];
    const { lines, files, areStatements } = this.rows;
    const isOf = (_line: number, row: number): boolean => areStatements[row] !== 0 && wanted.has(files[row]!);
    return [...new Set(lines.filter(isOf))];
  }

  private get rows(): LineRows {
    this.ran ??= runLineProgram(this.header);
    return this.ran;
  }
}

/** The last row at a distance from the sequence's start, or before it. */
function lastRow(deltas: Float64Array, { firstRow, endRow }: Sequence, delta: number): number {
  let low = firstRow;
  let high = endRow;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (deltas[middle]! <= delta) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
