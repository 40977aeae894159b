/** Reads numbers from the bytes of a section, one behind the other (DWARF 5, section 7.6 for LEB128). */
import { hexAddress } from "../../../../../reducers/hex.js";
import type { DwarfError, DwarfErrorCode } from "./dwarf-error.js";

/** What a cursor reads from: bytes that come in pieces. Offsets are the section's. */
export interface Readable {
  /** As many bytes as lie together around an offset. */
  piece(offset: number): { readonly bytes: Uint8Array; readonly start: number };
  read(offset: number, length: number): Uint8Array;
  error(code: DwarfErrorCode, offset: number, what: string): DwarfError;
}

/** What is longer is cut off: all the names of a hostile file may be one text as long as the file. */
export const MAX_TEXT_BYTES = 2 ** 16;
/** LEB128 may be padded; a number of 64 bits needs ten bytes. */
const PADDED_LEB128_BYTES = 16;

export class Cursor {
  /** The piece that is read from, and where in it. */
  private bytes: Uint8Array = NONE;
  private view: DataView = NO_VIEW;
  private start: number;
  private at = 0;

  constructor(
    private readonly source: Readable,
    /** It reads from here. */
    private readonly begin: number,
    /** And up to here. */
    readonly end: number,
  ) {
    this.start = begin;
  }

  /** In the section. */
  get offset(): number {
    return this.start + this.at;
  }

  get left(): number {
    return this.end - this.offset;
  }

  get isAtEnd(): boolean {
    return this.offset >= this.end;
  }

  goTo(offset: number): this {
    if (!(offset >= this.begin && offset <= this.end)) {
      const bounds = `${hexAddress(this.begin)} to ${hexAddress(this.end)}`;
      throw this.error("DAMAGED", `offset ${String(offset)} is not in ${bounds}`);
    }
    const at = offset - this.start;
    if (at >= 0 && at <= this.bytes.length) this.at = at;
    else this.use(NONE, offset, 0);
    return this;
  }

  skip(bytes: number): void {
    this.take(bytes);
  }

  u8(): number {
    const at = this.take(1);
    return this.view.getUint8(at);
  }

  s8(): number {
    const at = this.take(1);
    return this.view.getInt8(at);
  }

  u16(): number {
    const at = this.take(2);
    return this.view.getUint16(at, true);
  }

  u24(): number {
    return this.u16() + this.u8() * 0x1_0000;
  }

  u32(): number {
    const at = this.take(4);
    return this.view.getUint32(at, true);
  }

  u64(): bigint {
    const at = this.take(8);
    return this.view.getBigUint64(at, true);
  }

  s64(): bigint {
    const at = this.take(8);
    return this.view.getBigInt64(at, true);
  }

  /** Of 1, 2, 4 or 8 bytes. */
  unsigned(bytes: number): bigint {
    if (bytes === 8) return this.u64();
    if (bytes === 4) return BigInt(this.u32());
    if (bytes === 2) return BigInt(this.u16());
    if (bytes === 1) return BigInt(this.u8());
    throw this.error("DAMAGED", `there is no number of ${String(bytes)} bytes`);
  }

  signed(bytes: number): bigint {
    return BigInt.asIntN(bytes * 8, this.unsigned(bytes));
  }

  /** An offset into a section: 4 bytes, or 8 in the 64-bit format. */
  sectionOffset(bytes: number): number {
    return bytes === 4 ? this.u32() : this.count(this.u64());
  }

  uleb(): number {
    let value = 0;
    let scale = 1;
    for (let read = 0; read < PADDED_LEB128_BYTES; read++) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return Number.isSafeInteger(value) ? value : this.count(BigInt(value));
      scale *= 0x80;
    }
    throw this.error("DAMAGED", "a LEB128 number does not end");
  }

  /** Its low 64 bits. */
  uleb64(): bigint {
    return BigInt.asUintN(64, this.leb().value);
  }

  sleb64(): bigint {
    const { value, bits } = this.leb();
    return BigInt.asIntN(64, BigInt.asIntN(bits, value));
  }

  sleb(): number {
    const from = this.offset;
    let value = 0;
    for (let bits = 7; bits <= 28; bits += 7) {
      const byte = this.u8();
      value |= (byte & 0x7f) << (bits - 7);
      if (byte < 0x80) return (value << (32 - bits)) >> (32 - bits);
    }
    return Number(this.goTo(from).sleb64());
  }

  skipLeb(): void {
    for (let read = 0; read < PADDED_LEB128_BYTES; read++) if (this.u8() < 0x80) return;
    throw this.error("DAMAGED", "a LEB128 number does not end");
  }

  block(bytes: number): Uint8Array {
    const from = this.take(bytes);
    return this.bytes.subarray(from, from + bytes);
  }

  text(): string {
    const from = this.offset;
    this.skipText();
    return decoder.decode(this.source.read(from, Math.min(this.offset - 1 - from, MAX_TEXT_BYTES)));
  }

  skipText(): void {
    for (;;) {
      const zero = this.bytes.indexOf(0, this.at);
      if (zero >= 0 && this.start + zero < this.end) {
        this.at = zero + 1;
        return;
      }
      this.goTo(Math.min(this.start + this.bytes.length, this.end));
      if (this.isAtEnd) throw this.error("DAMAGED", "a text does not end");
      this.load();
    }
  }

  /** The length in front of a unit, table or entry, and whether its offsets have 4 or 8 bytes (section 7.4). */
  initialLength(): { readonly length: number; readonly offsetBytes: 4 | 8 } {
    const length = this.u32();
    if (length < 0xffff_fff0) return { length, offsetBytes: 4 };
    if (length !== 0xffff_ffff) throw this.error("DAMAGED", "its length has a reserved value");
    return { length: this.count(this.u64()), offsetBytes: 8 };
  }

  error(code: DwarfErrorCode, what: string): DwarfError {
    return this.source.error(code, this.offset, what);
  }

  private leb(): { readonly value: bigint; readonly bits: number } {
    let value = 0n;
    for (let bits = 7; bits <= PADDED_LEB128_BYTES * 7; bits += 7) {
      const byte = this.u8();
      value |= BigInt(byte & 0x7f) << BigInt(bits - 7);
      if (byte < 0x80) return { value, bits };
    }
    throw this.error("DAMAGED", "a LEB128 number does not end");
  }

  private count(value: bigint): number {
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw this.error("DAMAGED", `${String(value)} is no offset or count`);
    return Number(value);
  }

  /** Where the next bytes begin in the piece, which may be another one then; goes past them. */
  private take(bytes: number): number {
    const end = this.at + bytes;
    if (!(bytes >= 0) || this.start + end > this.end) {
      throw this.error("DAMAGED", `it ends within ${String(bytes)} bytes`);
    }
    if (end > this.bytes.length) {
      this.load();
      if (this.at + bytes > this.bytes.length) this.use(this.source.read(this.offset, bytes), this.offset, 0);
    }
    const from = this.at;
    this.at = from + bytes;
    return from;
  }

  /** Goes on in the piece that has the present offset. */
  private load(): void {
    const { offset } = this;
    const { bytes, start } = this.source.piece(offset);
    this.use(bytes, start, offset - start);
  }

  private use(bytes: Uint8Array, start: number, at: number): void {
    this.bytes = bytes;
    this.view = bytes.length === 0 ? NO_VIEW : new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.start = start;
    this.at = at;
  }
}

/** Reads bytes that are there, which begin at an offset of a section. */
export const cursorOver = (bytes: Uint8Array, start: number, errors: Pick<Readable, "error">): Cursor =>
  new Cursor(
    {
      piece: () => ({ bytes, start }),
      read: (offset, length) => bytes.subarray(offset - start, offset - start + length),
      error: (code, offset, what) => errors.error(code, offset, what),
    },
    start,
    start + bytes.length,
  );

const NONE = new Uint8Array();
const NO_VIEW = new DataView(NONE.buffer);
const decoder = new TextDecoder();
