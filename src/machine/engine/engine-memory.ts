/** An engine's linear memory seen from TypeScript: harts, control variables, guest RAM and the pages' flags. */
import {
  ABORT,
  ATTENTION,
  BANK_BYTES,
  CONTROL,
  PMP,
  RAM_BASE,
  ROM_BASE,
  ROM_BYTES,
  WINDOW,
  type Layout,
} from "./layout.js";
import { RegisterFile } from "./register-file.js";

export class EngineMemory {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly ram: Uint8Array;
  readonly rom: Uint8Array;
  readonly pageFlags: Uint8Array;
  /** The registers of the hart that executes. */
  readonly window: RegisterFile;
  /** Those of the others, by hart. The executing hart's are out of date. */
  private readonly bank: readonly RegisterFile[];
  private readonly words: BigUint64Array;
  private readonly halves: Uint32Array;

  readonly wasm: WebAssembly.Memory;

  constructor(
    readonly layout: Layout,
    harts: number,
  ) {
    this.wasm = new WebAssembly.Memory({ initial: layout.wasmPages, maximum: layout.wasmPages });
    const { buffer } = this.wasm;
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.words = new BigUint64Array(buffer, 0, 0x1000 / 8);
    this.halves = new Uint32Array(buffer, 0, 0x1000 / 4);
    this.ram = new Uint8Array(buffer, layout.ram, layout.ramBytes);
    this.rom = new Uint8Array(buffer, layout.rom, ROM_BYTES);
    this.pageFlags = new Uint8Array(buffer, layout.pageFlags, layout.ramPages);
    this.window = new RegisterFile(buffer, 0);
    this.bank = Array.from({ length: harts }, (_, hart) => new RegisterFile(buffer, this.bankOf(hart)));
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

  /** The physical address of what lies here, in RAM or ROM. */
  physicalOf(host: number): number {
    const { layout } = this;
    return host < layout.rom ? host - layout.ram + RAM_BASE : host - layout.rom + ROM_BASE;
  }

  /** The registers of any hart, wherever they are now. */
  hart(hart: number): RegisterFile {
    return hart === this.low(CONTROL.hartId) ? this.window : (this.bank[hart] ?? this.window);
  }

  /** Puts another hart into the window. False: its PMP differs, so what derives from PMP is void. */
  switchTo(hart: number): boolean {
    const { bytes } = this;
    if (hart >= this.bank.length) throw new Error(`the machine has no hart ${String(hart)}`);
    const [from, to] = [this.bankOf(this.low(CONTROL.hartId)), this.bankOf(hart)];
    const hasEqualPmp = this.isEqual(to + PMP.start, PMP.start, PMP.end - PMP.start);
    bytes.copyWithin(from + WINDOW.start, WINDOW.start, WINDOW.end);
    bytes.copyWithin(WINDOW.start, to + WINDOW.start, to + WINDOW.end);
    this.setCount(CONTROL.hartId, hart);
    return hasEqualPmp;
  }

  private isEqual(a: number, b: number, bytes: number): boolean {
    for (let at = 0; at < bytes; at += 4) {
      if (this.view.getInt32(a + at, true) !== this.view.getInt32(b + at, true)) return false;
    }
    return true;
  }

  private bankOf(hart: number): number {
    return this.layout.bank + hart * BANK_BYTES;
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
    this.setCount(CONTROL.attention, ATTENTION.asked);
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
