/** Names from the debugging information of an ELF file (DWARF 2 to 5). It is read when it is asked for. */
import type { LineTable } from "./lines/line-table.js";
import { elfSymbolsOf } from "../../../../machine/elf.js";
import { SymbolTable, type Symbol } from "../../../../machine/symbol-table.js";
import { check } from "../../../../options/check.js";
import { exactly, text, value } from "../../../../options/codecs.js";
import { savedBytes } from "../../../../options/parts.js";
import { bytesSource, type ByteSource } from "../../../store/log/byte-source.js";
import type { FunctionCode, NameSource } from "../name-source.js";
import type { FunctionType, Type } from "../type.js";
import { Definitions } from "./declared/definitions.js";
import { AddressIndex } from "./entries/address-index.js";
import { AT, TAG } from "./entries/constants.js";
import { Information } from "./entries/information.js";
import type { Entry } from "./entries/unit.js";
import { elfSections, type ElfSections } from "./file/elf-sections.js";
import { CallFrames } from "./frames/call-frames.js";
import { CodePlaces } from "./scopes/code-places.js";
import type { Scope } from "./scopes/scope.js";
import { Types } from "./types/types.js";
import { Variables } from "./variables/variables.js";

/**
 * Undefined: it is no ELF file, or has no debugging information. `movedBy`: where the program runs, less where it was
 * linked. The file must stay as it is while its names are used. @throws {DwarfError} if it is damaged, now or when
 * something of it is asked for.
 */
export function dwarfNames(source: ByteSource | Uint8Array, title: string, movedBy = 0n): NameSource | undefined {
  check("dwarfNames", GIVEN, { source, title, movedBy });
  const sections = elfSections(source instanceof Uint8Array ? bytesSource(source) : source, title);
  return sections !== undefined && TELLING.some((name) => sections.find(name) !== undefined)
    ? new DwarfNames(sections, title, movedBy)
    : undefined;
}

const GIVEN = exactly<{ source: unknown; title: string; movedBy: bigint }>({
  source: savedBytes,
  title: text,
  movedBy: value<bigint>("a bigint", (given) => typeof given === "bigint"),
});

const TELLING = [".debug_info", ".debug_frame", ".eh_frame"];

class DwarfNames implements Required<NameSource> {
  private readonly information: Information;
  private readonly definitions: Definitions;
  private readonly places: CodePlaces;
  private readonly types: Types;
  private readonly variables: Variables;
  private readonly frames: CallFrames;
  private own: readonly Symbol[] | undefined;
  private byAddress: SymbolTable | undefined;
  private byName: ReadonlyMap<string, Symbol> | undefined;

  constructor(
    private readonly sections: ElfSections,
    readonly title: string,
    private readonly movedBy: bigint,
  ) {
    this.information = new Information(sections);
    this.definitions = new Definitions(sections, this.information);
    this.places = new CodePlaces(new AddressIndex(sections, this.information), this.definitions);
    this.types = new Types((declaration) => this.definitionOf(declaration), sections.floatRegisterBytes);
    this.variables = new Variables(this.definitions, this.places, this.types, movedBy);
    this.frames = new CallFrames(sections, movedBy);
  }

  symbols(): readonly Symbol[] {
    this.own ??= this.readSymbols();
    return this.own;
  }

  linesAt(pc: bigint): ReturnType<CodePlaces["linesAt"]> {
    return this.places.linesAt(this.linked(pc), () => this.symbolAt(pc)?.name);
  }

  functionCode(pc: bigint): FunctionCode | undefined {
    const linked = this.linked(pc);
    const code = this.places.functionCode(linked) ?? this.codeOfSymbol(linked, this.symbolAt(pc));
    return (
      code && {
        ...code,
        entry: this.moved(code.entry),
        ranges: code.ranges.map(({ start, end }) => ({ start: this.moved(start), end: this.moved(end) })),
        lineBegins: code.lineBegins.map((address) => this.moved(address)),
      }
    );
  }

  addressesOf(file: string, line: number): readonly bigint[] {
    const addresses = new Set<bigint>();
    for (const table of this.lineTables()) {
      for (const address of table.addressesOf(isFileNamed(file), line)) addresses.add(this.moved(address));
    }
    return [...addresses].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  }

  linesOf(file: string): readonly number[] {
    const lines = new Set<number>();
    for (const table of this.lineTables()) for (const line of table.linesOf(isFileNamed(file))) lines.add(line);
    return [...lines].sort((a, b) => a - b);
  }

  sourceFiles(): readonly string[] {
    const files = new Set<string>();
    for (const { header } of this.lineTables()) for (const file of header.files) if (file !== "") files.add(file);
    return [...files];
  }

  variable(name: string, pc?: bigint, within = 0): ReturnType<Variables["find"]> {
    const address = this.symbolNamed(name)?.address;
    return this.variables.find(
      name,
      { pc: pc === undefined ? undefined : this.linked(pc), within },
      address === undefined ? undefined : this.linked(address),
    );
  }

  variablesAt(pc: bigint, within = 0): ReturnType<Variables["at"]> {
    return this.variables.at(this.linked(pc), within);
  }

  globalsAt(pc: bigint): ReturnType<Variables["globalsAt"]> {
    return this.variables.globalsAt(this.linked(pc));
  }

  typeNamed(name: string): Type | undefined {
    const [, kind = "", own = name] = /^(struct|union|enum|class)\s+(.+)$/.exec(name) ?? [];
    const tags = TYPE_TAGS[kind] ?? NAMED_TYPE_TAGS;
    const entry = this.definitions.find(own.trim(), (one) => tags.includes(one.tag) && !one.flag(AT.declaration));
    return entry && this.types.of(entry);
  }

  functionType(name: string): FunctionType | undefined {
    const address = this.symbolNamed(name)?.address;
    const [scope] = address === undefined ? [] : this.scopesFrom(this.linked(address));
    const entry =
      scope !== undefined && this.places.nameOf(scope.entry) === name
        ? scope.entry
        : this.definitions.find(name, (one) => one.tag === TAG.subprogram);
    return entry && this.types.functionType(entry);
  }

  unwindRules(pc: bigint): ReturnType<CallFrames["rulesAt"]> {
    return this.frames.rulesAt(this.linked(pc));
  }

  private *lineTables(): Generator<LineTable> {
    for (const header of this.information.list()) {
      if (header.typeUnit !== undefined) continue;
      const table = this.places.linesOf(this.information.open(header));
      if (table !== undefined) yield table;
    }
  }

  /** Of an instruction that is in no function that the debugging information tells of. */
  private codeOfSymbol(pc: bigint, symbol: Symbol | undefined): FunctionCode | undefined {
    if (symbol === undefined) return undefined;
    const start = this.linked(symbol.address);
    const [scope] = this.scopesFrom(start);
    const begin = scope?.ranges[0]?.start;
    if (begin !== undefined && begin > pc) return this.places.functionCode(begin);
    // Labels of an assembler that have no size tell nothing of where a function ends.
    const { sizeBytes } = symbol;
    return this.places.assemblyCode(pc, sizeBytes === 0n ? undefined : { start, end: start + sizeBytes });
  }

  /** Those of the function that begins at an address, or soon behind it: room to patch it comes before its code. */
  private scopesFrom(address: bigint): readonly Scope[] {
    for (let offset = 0n; offset <= PATCHABLE_BYTES; offset += 2n) {
      const scopes = this.places.scopesAt(address + offset);
      if (scopes.length > 0) return scopes;
    }
    return [];
  }

  private definitionOf(declaration: Entry): Entry | undefined {
    const name = this.places.nameOf(declaration);
    if (name === undefined) return undefined;
    return this.definitions.find(name, (one) => one.tag === declaration.tag && !one.flag(AT.declaration));
  }

  private readSymbols(): readonly Symbol[] {
    const rows = this.sections.find(".symtab");
    const names = this.sections.find(".strtab");
    if (rows === undefined || names === undefined) return [];
    const symbols = elfSymbolsOf(rows.read(0, rows.size), names.read(0, names.size));
    if (this.movedBy === 0n) return symbols;
    return symbols.map((symbol) => ({ ...symbol, address: this.moved(symbol.address) }));
  }

  private symbolAt(pc: bigint): Symbol | undefined {
    this.byAddress ??= new SymbolTable(this.symbols());
    return this.byAddress.find(pc);
  }

  private symbolNamed(name: string): Symbol | undefined {
    this.byName ??= new Map(this.symbols().map((symbol) => [symbol.name, symbol]));
    return this.byName.get(name);
  }

  private linked(address: bigint): bigint {
    return BigInt.asUintN(64, address - this.movedBy);
  }

  private moved(address: bigint): bigint {
    return BigInt.asUintN(64, address + this.movedBy);
  }
}

/** -fpatchable-function-entry=8, as Linux has it at most. */
const PATCHABLE_BYTES = 16n;

const TYPE_TAGS: Readonly<Record<string, readonly number[]>> = {
  struct: [TAG.structure_type, TAG.class_type],
  class: [TAG.structure_type, TAG.class_type],
  union: [TAG.union_type],
  enum: [TAG.enumeration_type],
};
const NAMED_TYPE_TAGS: readonly number[] = [
  TAG.typedef,
  TAG.base_type,
  ...Object.values(TYPE_TAGS).flat(),
  TAG.interface_type,
];

/** A path, or the end of one. */
const isFileNamed =
  (file: string) =>
  (path: string): boolean =>
    path === file || path.endsWith(`/${file}`);
