/** All names of a guest's program: for addresses, lines, variables and types, from every source that knows some. */
import { hexAddress } from "../../../reducers/hex.js";
import { byAddress, isCode, SymbolTable, type Symbol } from "../../../machine/symbol-table.js";
import { nearestWords } from "../../../options/nearest.js";
import type { FunctionCode, NameSource, SourceLine, UnwindRules, Variable } from "./name-source.js";
import { PlaceError } from "./place-error.js";
import type { FunctionType, Type } from "./type.js";

/** A compiler's own labels have the same name thousands of times. */
const MAX_PLACES_SHOWN = 8;
/** Names, and instructions of each. */
export const MAX_REMEMBERED = 4096;

interface Tables {
  readonly table: SymbolTable;
  readonly functions: SymbolTable;
  readonly byName: ReadonlyMap<string, readonly Symbol[]>;
}

export class Names {
  private read: Tables | undefined;
  private opened: readonly NameSource[] | undefined;
  /** By name, and by the instruction whose function's own are meant first. */
  private readonly variables = new Map<string, Map<bigint | undefined, Variable | undefined>>();

  /** Asked once, when the first name is: a kernel has a hundred thousand. Earlier sources go before later ones. */
  constructor(private readonly open: () => readonly NameSource[]) {}

  /** Of symbols alone. */
  static ofSymbols(symbols: () => readonly Symbol[]): Names {
    return new Names(() => [{ title: "symbols", symbols }]);
  }

  get sources(): readonly NameSource[] {
    return (this.opened ??= this.open());
  }

  symbols(): readonly Symbol[] {
    return this.sources.flatMap((source) => source.symbols());
  }

  has(name: string): boolean {
    return this.tables().byName.has(name);
  }

  /** @throws {PlaceError} where there is none, or the name is of several places. */
  named(name: string): Symbol {
    const symbols = this.tables().byName.get(name) ?? [];
    const [symbol] = symbols;
    if (symbol === undefined) throw this.missing(name);
    const places = [...new Set(symbols.map(({ address }) => hexAddress(address)))];
    // A file says how large it is, a list of names does not.
    if (places.length === 1) return symbols.find(({ sizeBytes }) => sizeBytes > 0n) ?? symbol;
    const more = places.length > MAX_PLACES_SHOWN ? ` and ${String(places.length - MAX_PLACES_SHOWN)} more places` : "";
    const shown = `${places.slice(0, MAX_PLACES_SHOWN).join(", ")}${more}`;
    throw new PlaceError("AMBIGUOUS_NAME", `${name} is at ${shown}: give the address that is meant`);
  }

  /** All functions of that name, or whose name matches, by address. */
  functionsNamed(of: string | RegExp): readonly Symbol[] {
    const { byName } = this.tables();
    const names = typeof of === "string" ? [of] : [...byName.keys()].filter((name) => name.search(of) >= 0);
    const found = names.flatMap((name) => byName.get(name) ?? []).filter(isCode);
    return [...new Map(byAddress(found).map((symbol) => [symbol.address, symbol])).values()];
  }

  /** `main+0x10`, where an address lies in what has a name. */
  of(address: bigint): string | undefined {
    const symbol = this.tables().table.find(address);
    if (symbol === undefined) return undefined;
    const offset = address - symbol.address;
    return offset === 0n ? symbol.name : `${symbol.name}+${hexAddress(offset)}`;
  }

  /** The symbol of the function that an instruction is in. */
  functionAt(pc: bigint): Symbol | undefined {
    return this.tables().functions.find(pc);
  }

  symbolAt(address: bigint): Symbol | undefined {
    return this.tables().table.find(address);
  }

  /** In order. */
  startingWith(prefix: string): readonly string[] {
    return [...this.tables().byName.keys()].filter((name) => name.startsWith(prefix)).sort();
  }

  /** The innermost first; empty where no source tells. */
  linesAt(pc: bigint): readonly SourceLine[] {
    return this.first((source) => nonEmpty(source.linesAt?.(pc))) ?? [];
  }

  lineAt(pc: bigint): SourceLine | undefined {
    return this.linesAt(pc)[0];
  }

  /** Where no source tells, it is what its symbol covers, without lines. */
  functionCode(pc: bigint): FunctionCode | undefined {
    const told = this.first((source) => source.functionCode?.(pc));
    if (told !== undefined) return told;
    const symbol = this.functionAt(pc);
    if (symbol === undefined) return undefined;
    const { address: start, sizeBytes } = symbol;
    return { entry: start, ranges: [{ start, end: start + sizeBytes }], lineBegins: [] };
  }

  /** Of all sources. */
  addressesOf(file: string, line: number): readonly bigint[] {
    return this.sources.flatMap((source) => source.addressesOf?.(file, line) ?? []);
  }

  /** Where gdb stops for a line, once in a pass through it: the first place in each inlined copy of a function. */
  breakAddressesOf(file: string, line: number): readonly bigint[] {
    const firsts = new Map<string, bigint>();
    for (const address of this.addressesOf(file, line)) {
      const copy = this.copyAt(address);
      if (!firsts.has(copy)) firsts.set(copy, address);
    }
    return [...firsts.values()];
  }

  /** The function that an instruction is in, and by which calls it was inlined there. */
  private copyAt(pc: bigint): string {
    const [own, ...calls] = this.linesAt(pc);
    const told = calls.map(({ function: name = "", line, column = 0 }) => `${name}:${String(line)}:${String(column)}`);
    return [own?.function ?? "", ...told, hexAddress(this.functionCode(pc)?.entry ?? pc)].join(" ");
  }

  /** Of all sources, in order. */
  linesOf(file: string): readonly number[] {
    const lines = this.sources.flatMap((source) => source.linesOf?.(file) ?? []);
    return [...new Set(lines)].sort((a, b) => a - b);
  }

  /** The files that were compiled, of all sources, and perhaps others. */
  sourceFiles(): readonly string[] {
    return [...new Set(this.sources.flatMap((source) => source.sourceFiles?.() ?? []))].sort();
  }

  /** Remembered: a condition may be asked at every instruction. */
  variable(name: string, pc?: bigint, within = 0): Variable | undefined {
    if (within > 0) return this.first((source) => source.variable?.(name, pc, within));
    const known = this.variables.get(name) ?? new Map<bigint | undefined, Variable | undefined>();
    if (known.has(pc)) return known.get(pc);
    if (known.size >= MAX_REMEMBERED || this.variables.size >= MAX_REMEMBERED) {
      this.variables.clear();
      known.clear();
    }
    const found = this.first((source) => source.variable?.(name, pc));
    this.variables.set(name, known.set(pc, found));
    return found;
  }

  variablesAt(pc: bigint, within = 0): ReturnType<NonNullable<NameSource["variablesAt"]>> {
    return this.first((source) => nonEmpty(source.variablesAt?.(pc, within))) ?? [];
  }

  globalsAt(pc: bigint): readonly Variable[] {
    return this.first((source) => nonEmpty(source.globalsAt?.(pc))) ?? [];
  }

  typeNamed(name: string): Type | undefined {
    return this.first((source) => source.typeNamed?.(name));
  }

  functionType(name: string): FunctionType | undefined {
    return this.first((source) => source.functionType?.(name));
  }

  unwindRules(pc: bigint): UnwindRules | undefined {
    return this.first((source) => source.unwindRules?.(pc));
  }

  /** What to say where a name is not known. */
  missing(name: string): PlaceError {
    const { byName } = this.tables();
    if (byName.size === 0) {
      return new PlaceError(
        "NO_SUCH_NAME",
        `${name} is not known: no image of the machine has names; give --symbols an ELF file or a System.map`,
      );
    }
    const near = nearestWords(name, byName.keys()).map(
      (other) => `${other} (${hexAddress(byName.get(other)?.[0]?.address ?? 0n)})`,
    );
    const hint = /^[0-9a-f]+$/i.test(name) ? "; a hexadecimal number begins with 0x" : "";
    return new PlaceError("NO_SUCH_NAME", `there is no ${name}; nearest are ${near.join(", ")}${hint}`);
  }

  private first<T>(ask: (source: NameSource) => T | undefined): T | undefined {
    for (const source of this.sources) {
      const answer = ask(source);
      if (answer !== undefined) return answer;
    }
    return undefined;
  }

  private tables(): Tables {
    return (this.read ??= tablesOf(this.symbols()));
  }
}

const nonEmpty = <T>(answers: readonly T[] | undefined): readonly T[] | undefined =>
  answers === undefined || answers.length === 0 ? undefined : answers;

function tablesOf(symbols: readonly Symbol[]): Tables {
  const byName = new Map<string, Symbol[]>();
  const known = new Set<string>();
  for (const symbol of symbols) {
    const place = `${String(symbol.address)} ${String(symbol.sizeBytes)} ${symbol.name}`;
    // An image and its symbol file name the same thing.
    if (known.has(place)) continue;
    known.add(place);
    const same = byName.get(symbol.name);
    if (same === undefined) byName.set(symbol.name, [symbol]);
    else same.push(symbol);
  }
  return { table: new SymbolTable(symbols), functions: new SymbolTable(symbols.filter(isCode)), byName };
}
