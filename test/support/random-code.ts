/** Random code and random paths through it, for the trace compiler. */
import { CodePlaces, type CodeSpot } from "../../src/machine/engine/compiled/code-places.js";
import { BRANCHES, isCompiled } from "../../src/machine/engine/compiled/compilable.js";
import { SplitAccesses } from "../../src/machine/engine/compiled/split-accesses.js";
import { EngineMemory } from "../../src/machine/engine/engine-memory.js";
import {
  CONTROL,
  FETCH_TLB,
  layoutFor,
  MAX_TRACE_INSNS,
  PAGE_BYTES,
  TLB_ENTRIES,
  TLB_ENTRY_BYTES,
} from "../../src/machine/engine/layout.js";
import type { TraceCompiler } from "../../src/machine/engine/traces/trace-compiler.js";
import { decode, isCompressed } from "../../src/machine/isa/decode.js";
import { randomPool } from "./random-programs.js";
import { oneOf, type Random } from "./seeded-random.js";
import { compilerOver } from "./trace-compilers.js";

const PAGES = 8;
const FIRST_VA = 0x4000_0000n;
/** Times that a group of accesses lies in two pages, until it is split. */
const UNTIL_SPLIT = 65;

/** Random code on pages that are decoded, and where each instruction of it begins. */
export class RandomCode {
  readonly memory: EngineMemory;
  readonly places: CodePlaces;
  readonly compiler: TraceCompiler;
  readonly split: SplitAccesses;
  private readonly starts: number[] = [];

  constructor(private readonly random: Random) {
    const layout = layoutFor(2 * PAGES * PAGE_BYTES, 2 * PAGES);
    this.memory = new EngineMemory(layout, 1);
    const { compiler, decodeSlot } = compilerOver(this.memory);
    this.compiler = compiler;
    this.places = new CodePlaces(this.memory);
    this.split = new SplitAccesses(this.memory);
    this.fill();
    for (let page = 0; page < PAGES; page += 1) this.map(page);
    for (const start of this.starts) decodeSlot(this.places.slotOf(this.spotAt(start)));
  }

  /** The code page with the number of its page of RAM, a few further on. */
  private spotAt(offset: number): CodeSpot {
    return { codePage: ((Math.floor(offset / PAGE_BYTES) * 3) % PAGES) + 1, offset: offset % PAGE_BYTES };
  }

  headOf(pcs: readonly bigint[]): CodeSpot {
    return this.spotAt(Number((pcs[0] ?? FIRST_VA) - FIRST_VA));
  }

  /** Has the accesses of some group looked up one by one. */
  splitOne(): void {
    const slot = this.places.slotOf(this.spotAt(oneOf(this.random, this.starts)));
    for (let times = 0; times < UNTIL_SPLIT; times += 1) this.split.note(slot, 1n);
  }

  /** Where the hart might go, from a random instruction on. */
  path(): bigint[] {
    const { random, starts } = this;
    const pcs: bigint[] = [];
    let at = oneOf(random, starts);
    const length = random(8) === 0 ? random(4) : MAX_TRACE_INSNS + 1;
    while (pcs.length < length && at >= 0 && at < PAGES * PAGE_BYTES) {
      pcs.push(FIRST_VA + BigInt(at));
      at = random(400) === 0 ? oneOf(random, starts) : this.next(at, Number((pcs[0] ?? 0n) - FIRST_VA));
    }
    return pcs;
  }

  private next(at: number, head: number): number {
    const { random, starts, memory } = this;
    const raw = memory.view.getInt32(memory.layout.ram + this.ramOffset(at), true);
    const decoded = decode(isCompressed(raw) ? raw & 0xffff : raw);
    if (decoded === undefined) return -1;
    const { name } = decoded.instruction;
    if (name === "jalr") return random(4) === 0 ? head : oneOf(random, starts);
    const isTaken = name === "jal" || (BRANCHES.has(name) && random(2) === 0);
    return at + (isTaken ? decoded.imm : decoded.bytes);
  }

  private ramOffset(at: number): number {
    return (this.spotAt(at).codePage + 2) * PAGE_BYTES + (at % PAGE_BYTES);
  }

  private fill(): void {
    const { random, memory } = this;
    const pool = randomPool(random).filter((bytes) => {
      const raw = new DataView(Uint8Array.of(...bytes, 0, 0).buffer).getInt32(0, true);
      const decoded = decode(bytes.length === 2 ? raw & 0xffff : raw);
      return random(20) === 0 || (decoded !== undefined && isCompiled(decoded.instruction));
    });
    for (let at = 0; at < PAGES * PAGE_BYTES;) {
      const piece = oneOf(random, pool);
      const inPage = piece.subarray(0, PAGE_BYTES - (at % PAGE_BYTES));
      memory.bytes.set(inPage, memory.layout.ram + this.ramOffset(at));
      this.starts.push(at);
      at += inPage.length;
    }
  }

  private map(page: number): void {
    const { view, layout } = this.memory;
    const { codePage } = this.spotAt(page * PAGE_BYTES);
    view.setUint32(layout.codeOwners + codePage * 4, codePage + 2 + 1, true);
    const va = FIRST_VA + BigInt(page * PAGE_BYTES);
    const entry = FETCH_TLB + (Number(va / BigInt(PAGE_BYTES)) % TLB_ENTRIES) * TLB_ENTRY_BYTES;
    view.setBigUint64(entry, va | this.memory.word(CONTROL.fetchContext), true);
    view.setUint32(entry + 8, this.places.slotOf({ codePage, offset: 0 }), true);
  }
}
