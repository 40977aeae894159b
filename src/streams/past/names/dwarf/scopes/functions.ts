/** The functions of a unit that have code, by address. */
import { TAG } from "../entries/constants.js";
import { rangesOf } from "../entries/ranges.js";
import type { Entry, Unit } from "../entries/unit.js";
import { declaredIn } from "../declared/unit-names.js";
import { Intervals, type Interval } from "../file/intervals.js";

/** All functions and blocks of a unit together; they may share lists. */
export const MAX_CODE_RANGES = 2 ** 20;

interface Code extends Interval {
  readonly entryAt: number;
}

export class Functions {
  private readonly code: Intervals<Code>;

  /** @throws {DwarfError} */
  constructor(private readonly unit: Unit) {
    const code: Code[] = [];
    for (const { entry } of declaredIn(unit)) {
      if (entry.tag !== TAG.subprogram) continue;
      for (const { start, end } of rangesOf(entry)) {
        if (code.length === MAX_CODE_RANGES)
          throw unit.error(entry.offset, "its functions have too many ranges", "TOO_LARGE");
        code.push({ start, end, entryAt: entry.offset });
      }
    }
    this.code = new Intervals(code);
  }

  /** Undefined: none that the unit tells. */
  at(address: bigint): Entry | undefined {
    const found = this.code.find(address);
    return found && this.unit.entry(found.entryAt);
  }
}
