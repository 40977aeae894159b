/** What an instruction is part of: unit, functions, blocks, source lines. */
import { AT } from "../entries/constants.js";
import type { AddressIndex } from "../entries/address-index.js";
import type { Entry, Unit } from "../entries/unit.js";
import type { UnitHeader } from "../entries/unit-header.js";
import type { Definitions } from "../declared/definitions.js";
import { isFlat } from "../declared/unit-names.js";
import type { Interval } from "../file/intervals.js";
import { Recent } from "../../recent.js";
import { LineTable } from "../lines/line-table.js";
import type { FunctionCode, SourceLine } from "../../name-source.js";
import { Functions } from "./functions.js";
import { isFunction, scopeOf, scopesAt, type Scope } from "./scope.js";

const KEPT_UNITS = 64;
const KEPT_FUNCTIONS = 256;

export class CodePlaces {
  private readonly functions = new Recent<UnitHeader, Functions>(KEPT_UNITS);
  private readonly tables = new Recent<UnitHeader, LineTable | undefined>(KEPT_UNITS);
  private readonly scopes = new Recent<number, Scope>(KEPT_FUNCTIONS);

  constructor(
    private readonly units: AddressIndex,
    private readonly definitions: Definitions,
  ) {}

  /** The function that an instruction is part of, and inwards what it is inlined from, and blocks. Empty: none. */
  scopesAt(pc: bigint): readonly Scope[] {
    const unit = this.units.unitAt(pc);
    const entry = unit && this.functions.get(unit.header, () => new Functions(unit)).at(pc);
    if (entry === undefined) return [];
    return scopesAt(
      this.scopes.get(entry.offset, () => scopeOf(entry)),
      pc,
    );
  }

  /** `symbolAt` says the name of what has no function in the debugging information. */
  linesAt(pc: bigint, symbolAt: (pc: bigint) => string | undefined): readonly SourceLine[] {
    const unit = this.units.unitAt(pc);
    const table = unit && this.linesOf(unit);
    const place = table?.at(pc);
    if (table === undefined || place === undefined) return [];
    const functions = this.scopesAt(pc).filter(isFunction).reverse();
    if (functions.length === 0) return [{ function: symbolAt(pc), ...place }];
    return functions.map(({ entry }, index) => {
      const inlined = functions[index - 1]?.entry;
      return { function: this.nameOf(entry), ...(inlined === undefined ? place : callOf(inlined, table)) };
    });
  }

  functionCode(pc: bigint): FunctionCode | undefined {
    const [scope] = this.scopesAt(pc);
    const [first] = scope?.ranges ?? [];
    if (scope === undefined || first === undefined) return undefined;
    const { entry, ranges } = scope;
    const table = this.linesOf(entry.unit);
    const lineBegins = ranges.flatMap((range) => table?.beginsIn(range) ?? []).sort((a, b) => (a < b ? -1 : 1));
    return { entry: first.start, ranges, lineBegins };
  }

  /** Of what has lines, but no function in the debugging information. `within`: what its symbol covers. */
  assemblyCode(pc: bigint, within: Interval | undefined): FunctionCode | undefined {
    const unit = this.units.unitAt(pc);
    const table = unit && this.linesOf(unit);
    const range = within ?? table?.pieceAt(pc);
    if (table === undefined || range === undefined) return undefined;
    const lineBegins = [...table.beginsIn(range)].sort((a, b) => (a < b ? -1 : 1));
    return lineBegins.length === 0 ? undefined : { entry: range.start, ranges: [range], lineBegins, isAssembly: true };
  }

  linesOf(unit: Unit): LineTable | undefined {
    return this.tables.get(unit.header, () => LineTable.of(unit));
  }

  /** `space::name`; undefined: it has none. */
  nameOf(entry: Entry): string | undefined {
    const qualified = entry.ofOrigins((origin) =>
      isFlat(origin.unit) ? undefined : this.definitions.of(origin.unit).qualifiedName(origin),
    );
    return qualified ?? entry.ofOrigins((origin) => origin.text(AT.name) ?? origin.text(AT.linkage_name));
  }
}

/** Where an inlined function was called. */
function callOf(inlined: Entry, table: LineTable): Omit<SourceLine, "function"> {
  const column = inlined.number(AT.call_column);
  return {
    file: table.file(inlined.number(AT.call_file) ?? 0),
    line: inlined.number(AT.call_line) ?? 0,
    column: column === 0 ? undefined : column,
  };
}
