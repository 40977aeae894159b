/** Where decoded code lies: from a slot's address to its place on a code page, and to what the tables say of it. */
import type { EngineMemory } from "../engine-memory.js";
import {
  CODE_PAGE_BYTES,
  CONTROL,
  FETCH_TLB,
  FIELD,
  PAGE_BYTES,
  PAGE_FLAG,
  PAGE_OFFSET,
  PAGE_SHIFT,
  SLOT,
  SLOT_BYTES,
  TLB_ENTRIES,
  TLB_ENTRY_BYTES,
} from "../layout.js";

/** An instruction's place: a code page, and its offset there in bytes of code. */
export interface CodeSpot {
  readonly codePage: number;
  readonly offset: number;
}

const BYTES_A_WORD = 4;

export class CodePlaces {
  constructor(private readonly memory: EngineMemory) {}

  spotOf(slot: number): CodeSpot {
    const { codePool } = this.memory.layout;
    const codePage = Math.floor((slot - codePool) / CODE_PAGE_BYTES);
    return { codePage, offset: ((slot - codePool - codePage * CODE_PAGE_BYTES) / SLOT_BYTES) * 2 };
  }

  /** Where the hart is, if the fetch TLB knows that address. */
  spotOfPc(pc = this.memory.word(FIELD.pc)): CodeSpot | undefined {
    const { memory } = this;
    const page = pc >> BigInt(PAGE_SHIFT);
    const entry = FETCH_TLB + (Number(BigInt.asUintN(32, page)) % TLB_ENTRIES) * TLB_ENTRY_BYTES;
    const tag = (page << BigInt(PAGE_SHIFT)) | memory.word(CONTROL.fetchContext);
    if (memory.view.getBigUint64(entry, true) !== BigInt.asUintN(64, tag)) return undefined;
    const code = memory.view.getUint32(entry + 8, true);
    return { codePage: (code - memory.layout.codePool) / CODE_PAGE_BYTES, offset: Number(pc & PAGE_OFFSET) };
  }

  slotOf({ codePage, offset }: CodeSpot): number {
    return this.memory.layout.codePool + this.indexOf({ codePage, offset }) * SLOT_BYTES;
  }

  handlerAt(spot: CodeSpot): number {
    return this.memory.view.getUint16(this.slotOf(spot) + SLOT.handler, true);
  }

  setHandler(spot: CodeSpot, handler: number): void {
    this.memory.view.setUint16(this.slotOf(spot) + SLOT.handler, handler, true);
  }

  /** The slot's own handler, where compiled code begins at the slot. */
  replacedHandler(spot: CodeSpot): number {
    return this.memory.view.getUint16(this.memory.layout.slotHandlers + this.indexOf(spot) * 2, true);
  }

  setReplacedHandler(spot: CodeSpot, handler: number): void {
    this.memory.view.setUint16(this.memory.layout.slotHandlers + this.indexOf(spot) * 2, handler, true);
  }

  heat(spot: CodeSpot): number {
    return this.memory.view.getInt32(this.memory.layout.slotHeat + this.indexOf(spot) * BYTES_A_WORD, true);
  }

  setHeat(spot: CodeSpot, heat: number): void {
    this.memory.view.setInt32(this.memory.layout.slotHeat + this.indexOf(spot) * BYTES_A_WORD, heat, true);
  }

  /** The address of the word that says which compiled code begins at the slot. */
  codeWordOf(spot: CodeSpot): number {
    return this.memory.layout.slotRegions + this.indexOf(spot) * BYTES_A_WORD;
  }

  /** The id of the compiled code that begins there, or 0. */
  codeAt(spot: CodeSpot): number {
    return this.memory.view.getUint32(this.codeWordOf(spot), true) >>> 16;
  }

  setCode(spot: CodeSpot, id: number, entry: number): void {
    this.memory.view.setUint32(this.codeWordOf(spot), ((id << 16) | entry) >>> 0, true);
  }

  /** The page of RAM or ROM that this code page mirrors; undefined: none. */
  ownerOf(codePage: number): number | undefined {
    const owner = this.memory.view.getUint32(this.memory.layout.codeOwners + codePage * 4, true);
    return owner === 0 ? undefined : owner - 1;
  }

  /** Whether compiled code includes instructions of this page: stores there drop it. */
  markCompiled(codePage: number, isCompiled: boolean): void {
    const owner = this.ownerOf(codePage);
    if (owner === undefined) return;
    const { view, layout } = this.memory;
    const at = layout.pageFlags + owner;
    const flags = view.getUint8(at);
    view.setUint8(at, isCompiled ? flags | PAGE_FLAG.regions : flags & ~PAGE_FLAG.regions);
  }

  /** No compiled code begins on this page, and nobody came here yet. */
  forgetPage(codePage: number): void {
    const { bytes, layout } = this.memory;
    const from = this.indexOf({ codePage, offset: 0 }) * BYTES_A_WORD;
    const to = from + (CODE_PAGE_BYTES / SLOT_BYTES) * BYTES_A_WORD;
    for (const table of [layout.slotRegions, layout.slotHeat]) bytes.fill(0, table + from, table + to);
  }

  /** All places of a code page. */
  *spotsOf(codePage: number): Iterable<CodeSpot> {
    for (let offset = 0; offset < PAGE_BYTES; offset += 2) yield { codePage, offset };
  }

  private indexOf({ codePage, offset }: CodeSpot): number {
    return (codePage * CODE_PAGE_BYTES) / SLOT_BYTES + offset / 2;
  }
}
