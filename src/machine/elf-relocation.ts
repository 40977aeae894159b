/**
 * Moves a position-independent ELF program to its run address, as a loader does (System V gABI, chapter 5; RISC-V
 * psABI, section 8.4). Since version 1.4 OpenSBI's own files are such programs, linked at address 0.
 */
import { hexAddress } from "../reducers/hex.js";
import { ElfError, type Elf, type ElfSegment } from "./elf.js";

/**
 * The relocated program, with its lowest page at `base`. It is a copy, of as many bytes as its segments have.
 * @throws {ElfError} if the program needs anything else.
 */
export function relocateElf(elf: Elf, base: bigint, name: string): Elf {
  const by = base - lowPage(elf);
  const segments = elf.segments.map((segment) => ({ ...segment, bytes: segment.bytes.slice() }));
  if (elf.dynamicAddress !== undefined) {
    const memory = new LinkedMemory(segments, name);
    const dynamic = dynamicTable(memory, elf.dynamicAddress);
    for (const relocation of relocations(memory, dynamic, name)) relocate(memory, dynamic, relocation, by, name);
  }
  return {
    ...elf,
    entry: elf.entry + by,
    lowAddress: elf.lowAddress + by,
    highAddress: elf.highAddress + by,
    segments: segments.map((segment) => ({
      ...segment,
      physicalAddress: segment.physicalAddress + by,
      virtualAddress: segment.virtualAddress + by,
    })),
  };
}

/** Where its lowest page begins: it is moved by whole pages. */
export const lowPage = ({ lowAddress }: Elf): bigint => lowAddress & ~PAGE_OFFSET;

const PAGE_OFFSET = 0xfffn;
const DYNAMIC_ROW_BYTES = 16n;
const RELA_BYTES = 24n;
const SYMBOL_BYTES = 24n;
const DT = { null: 0n, needed: 1n, symbolTable: 6n, rela: 7n, relaSize: 8n, rel: 17n, relr: 36n };
const R_RISCV = { none: 0n, absolute64: 2n, relative: 3n };
const STB_WEAK = 2;

interface Relocation {
  readonly offset: bigint;
  readonly type: bigint;
  readonly symbol: bigint;
  readonly addend: bigint;
}

/** The bytes of the file, by the addresses for which they were linked. */
class LinkedMemory {
  /** By ascending address: a file may have 65,535 segments, and as many relocations as fit into it. */
  private readonly segments: readonly ElfSegment[];

  /** @throws {ElfError} if two segments have bytes for one address. */
  constructor(
    segments: readonly ElfSegment[],
    private readonly name: string,
  ) {
    this.segments = [...segments].sort((a, b) => (a.virtualAddress < b.virtualAddress ? -1 : 1));
    this.segments.reduce((before, segment) => {
      if (linkedEnd(before) > segment.virtualAddress) {
        const what = `two segments have bytes for ${hexAddress(segment.virtualAddress)}`;
        throw new ElfError("ELF_SEGMENTS_OVERLAP", `${name} is position-independent, and ${what}: link it again.`);
      }
      return segment;
    });
  }

  at(address: bigint, length: bigint): DataView {
    const home = this.segmentAt(address);
    if (home === undefined || address + length > linkedEnd(home)) {
      const what = `${hexAddress(address)}, which the file has no bytes for`;
      throw new ElfError("ELF_MALFORMED", `${this.name}: its dynamic section leads to ${what}: link it again.`);
    }
    const { bytes, virtualAddress } = home;
    return new DataView(bytes.buffer, bytes.byteOffset + Number(address - virtualAddress), Number(length));
  }

  word(address: bigint): bigint {
    return this.at(address, 8n).getBigUint64(0, true);
  }

  /** The last one that begins there or before. */
  private segmentAt(address: bigint): ElfSegment | undefined {
    let [low, high] = [0, this.segments.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const segment = this.segments[middle];
      if (segment !== undefined && segment.virtualAddress <= address) low = middle + 1;
      else high = middle;
    }
    return this.segments[low - 1];
  }
}

const linkedEnd = ({ virtualAddress, bytes }: ElfSegment): bigint => virtualAddress + BigInt(bytes.length);

/** The table by tag. It ends with DT_NULL, or with the file's bytes. */
function dynamicTable(memory: LinkedMemory, start: bigint): ReadonlyMap<bigint, bigint> {
  const table = new Map<bigint, bigint>();
  for (let row = start; ; row += DYNAMIC_ROW_BYTES) {
    const tag = memory.word(row);
    if (tag === DT.null) return table;
    table.set(tag, memory.word(row + 8n));
  }
}

function* relocations(memory: LinkedMemory, dynamic: ReadonlyMap<bigint, bigint>, name: string): Generator<Relocation> {
  for (const [tag, what] of [
    [DT.needed, "a shared library"],
    [DT.rel, "relocations without addends"],
    [DT.relr, "packed relocations"],
  ] as const) {
    if (dynamic.has(tag)) throw cannot(name, `it needs ${what}`);
  }
  const start = dynamic.get(DT.rela) ?? 0n;
  const bytes = dynamic.get(DT.relaSize) ?? 0n;
  // Checked first: a size beyond the file's end is refused, not walked through.
  if (bytes > 0n) memory.at(start, bytes);
  for (let at = start; at + RELA_BYTES <= start + bytes; at += RELA_BYTES) {
    const info = memory.word(at + 8n);
    const [offset, addend] = [memory.word(at), memory.word(at + 16n)];
    yield { offset, type: info & 0xffff_ffffn, symbol: info >> 32n, addend };
  }
}

function relocate(
  memory: LinkedMemory,
  dynamic: ReadonlyMap<bigint, bigint>,
  { offset, type, symbol, addend }: Relocation,
  by: bigint,
  name: string,
): void {
  const store = (value: bigint): void => {
    memory.at(offset, 8n).setBigUint64(0, BigInt.asUintN(64, value), true);
  };
  switch (type) {
    case R_RISCV.none:
      return;
    case R_RISCV.relative:
      store(by + addend);
      return;
    case R_RISCV.absolute64: {
      const row = memory.at((dynamic.get(DT.symbolTable) ?? 0n) + symbol * SYMBOL_BYTES, SYMBOL_BYTES);
      const isDefined = row.getUint16(6, true) !== 0;
      if (!isDefined && row.getUint8(4) >> 4 !== STB_WEAK) throw cannot(name, "it uses a symbol of another file");
      store(isDefined ? by + row.getBigUint64(8, true) + addend : addend);
      return;
    }
    default:
      throw cannot(name, `it has a relocation of type ${String(type)}`);
  }
}

const cannot = (name: string, why: string): ElfError =>
  new ElfError(
    "ELF_NEEDS_LINKING",
    `${name} is position-independent and linked for addresses outside RAM, and can't be moved: ${why}. ` +
      "Take its .bin file, or link it for its address.",
  );
