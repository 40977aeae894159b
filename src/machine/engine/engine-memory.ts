/** An engine's linear memory seen from TypeScript: registers, control variables, guest RAM and the pages' flags. */
import { HART_FIELDS, type HartField, type HartState } from "../hart/fields.js";
import { ABORT, CONTROL, F_BASE, FIELD, PAGE_BYTES, PAGE_FLAG, ROM_BYTES, X_BASE, type Layout } from "./layout.js";

export class EngineMemory {
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

  /** By its address, one of `FIELD` or `CONTROL`: a look-up by name would cost more than all else here. */
  word(address: number): bigint {
    return this.words[address >> 3] ?? 0n;
  }

  setWord(address: number, value: bigint): void {
    this.words[address >> 3] = value;
  }

  /** The low half of a word, for what is small: without a bigint, which what is asked at every boundary should not cost. */
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

  hartState(): HartState {
    return Object.freeze({
      x: Object.freeze(Array.from({ length: 32 }, (_, index) => this.x(index))),
      f: Object.freeze(Array.from({ length: 32 }, (_, index) => this.f(index))),
      fields: Object.freeze(
        Object.fromEntries(HART_FIELDS.map((name) => [name, this.word(FIELD[name])])) as Record<HartField, bigint>,
      ),
    });
  }

  loadHart(hart: HartState): void {
    hart.x.forEach((value, index) => {
      this.setX(index, value);
    });
    hart.f.forEach((value, index) => {
      this.setF(index, value);
    });
    for (const name of HART_FIELDS) this.setWord(FIELD[name], hart.fields[name]);
  }

  /** Instructions retired before the current one, during a run. */
  icountInRun(): number {
    const end = this.low(CONTROL.endIcount + 4) * 0x1_0000_0000 + this.low(CONTROL.endIcount);
    return end - this.low(CONTROL.remaining) - this.low(CONTROL.stash) - 1;
  }

  /** Ends the run's present stretch after the current instruction: interrupts and translation are looked at again. */
  cut(): void {
    this.setWord(CONTROL.stash, this.word(CONTROL.stash) + this.word(CONTROL.remaining));
    this.setWord(CONTROL.remaining, 0n);
  }

  /** The current instruction must start again later, as if it had not begun. */
  restartInstruction(): void {
    this.setWord(CONTROL.abort, BigInt(ABORT.notRetired));
    this.cut();
  }

  markWritten(offset: number, bytes: number): void {
    const last = Math.floor((offset + bytes - 1) / PAGE_BYTES);
    for (let page = Math.floor(offset / PAGE_BYTES); page <= last; page += 1) {
      this.pageFlags[page] = (this.pageFlags[page] ?? 0) | PAGE_FLAG.digestStale | PAGE_FLAG.uncaptured;
    }
  }
}
