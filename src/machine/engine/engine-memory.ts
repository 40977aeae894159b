/** An engine's linear memory seen from TypeScript: registers, control variables, guest RAM and the pages' flags. */
import type { HartField } from "../hart/fields.js";
import { HART_NOTES, type HartNote, type HartNotes } from "../hart/notes.js";
import type { HartRegisters } from "../hart/registers.js";
import { ABORT, CONTROL, F_BASE, FIELD, NOTE, ROM_BYTES, X_BASE, type Layout } from "./layout.js";

export class EngineMemory implements HartRegisters, HartNotes {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly ram: Uint8Array;
  readonly rom: Uint8Array;
  readonly pageFlags: Uint8Array;
  private readonly words: BigUint64Array;
  private readonly halves: Uint32Array;

  readonly wasm: WebAssembly.Memory;

  constructor(readonly layout: Layout) {
    this.wasm = new WebAssembly.Memory({ initial: layout.wasmPages, maximum: layout.wasmPages });
    const { buffer } = this.wasm;
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.words = new BigUint64Array(buffer, 0, 0x1000 / 8);
    this.halves = new Uint32Array(buffer, 0, 0x1000 / 4);
    this.ram = new Uint8Array(buffer, layout.ram, layout.ramBytes);
    this.rom = new Uint8Array(buffer, layout.rom, ROM_BYTES);
    this.pageFlags = new Uint8Array(buffer, layout.pageFlags, layout.ramPages);
  }

  /** Takes an address, one of `FIELD` or `CONTROL`: a look-up by name would cost more than the read. */
  word(address: number): bigint {
    return this.words[address >> 3] ?? 0n;
  }

  setWord(address: number, value: bigint): void {
    this.words[address >> 3] = value;
  }

  /** The low half of a word, for small values. It makes no bigint, because it is called at every boundary. */
  low(address: number): number {
    return this.halves[address >> 2] ?? 0;
  }

  /** Sets a word to a count, up to 2^53. */
  setCount(address: number, count: number): void {
    this.halves[address >> 2] = count;
    this.halves[(address >> 2) + 1] = count / 0x1_0000_0000;
  }

  x(index: number): bigint {
    return this.words[(X_BASE >> 3) + index] ?? 0n;
  }

  setX(index: number, value: bigint): void {
    if (index !== 0) this.words[(X_BASE >> 3) + index] = value;
  }

  f(index: number): bigint {
    return this.words[(F_BASE >> 3) + index] ?? 0n;
  }

  setF(index: number, value: bigint): void {
    this.words[(F_BASE >> 3) + index] = value;
  }

  field(name: HartField): bigint {
    return this.word(FIELD[name]);
  }

  setField(name: HartField, value: bigint): void {
    this.setWord(FIELD[name], value);
  }

  note(name: HartNote): bigint {
    return this.word(NOTE[name]);
  }

  forgetNotes(): void {
    for (const name of HART_NOTES) this.setWord(NOTE[name], 0n);
  }

  /** Instructions retired before the current one. During a run only. */
  icountInRun(): number {
    const end = this.low(CONTROL.endIcount + 4) * 0x1_0000_0000 + this.low(CONTROL.endIcount);
    return end - this.low(CONTROL.remaining) - this.low(CONTROL.stash) - 1;
  }

  /** Ends the run's stretch after the current instruction, so that interrupts and translation are checked again. */
  cut(): void {
    this.setWord(CONTROL.stash, this.word(CONTROL.stash) + this.word(CONTROL.remaining));
    this.setWord(CONTROL.remaining, 0n);
  }

  /** The current instruction must start again later, as if it had not begun. */
  restartInstruction(): void {
    this.setWord(CONTROL.abort, BigInt(ABORT.notRetired));
    this.endRun();
  }

  /** Returns control to the engine's caller after the current instruction. */
  endRun(): void {
    this.setWord(CONTROL.attention, 1n);
    this.cut();
  }

  /** The pages of RAM with this flag. Clears the flag. */
  takeFlagged(flag: number): number[] {
    const { pageFlags } = this;
    const pages: number[] = [];
    // Checks four pages at a time, because most have not been written.
    const inAnyOfFour = flag * 0x0101_0101;
    const fours = new Uint32Array(pageFlags.buffer, pageFlags.byteOffset, Math.ceil(pageFlags.length / 4));
    for (let four = -1; (four = nextWith(inAnyOfFour, fours, four + 1)) < fours.length;) {
      for (let page = four * 4; page < Math.min(four * 4 + 4, pageFlags.length); page += 1) {
        const flags = pageFlags[page] ?? 0;
        if ((flags & flag) === 0) continue;
        pages.push(page);
        pageFlags[page] = flags & ~flag;
      }
    }
    return pages;
  }
}

/**
 * The first index from `start` on with one of the bits, or else the length. The function is small, so that V8 optimises
 * it once.
 */
function nextWith(bits: number, words: Uint32Array, start: number): number {
  let at = start;
  while (at < words.length && ((words[at] ?? 0) & bits) === 0) at += 1;
  return at;
}
