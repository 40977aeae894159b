/** A section of an ELF file, read at any place. What is read again soon comes from memory. */
import type { ByteSource } from "../../../../store/log/byte-source.js";
import { Cursor, type Readable } from "./cursor.js";
import { DwarfError, type DwarfErrorCode } from "./dwarf-error.js";
import { Recent } from "../../recent.js";

const BLOCK_BYTES = 2 ** 16;
const KEPT_BLOCKS = 32;
const KEPT_TEXTS = 2 ** 16;
const KEPT_TEXT_LENGTH = 128;

export class Section implements Readable {
  /** The same few names are read over and over. */
  private readonly texts = new Map<number, string>();
  private readonly blocks = new Recent<number, Uint8Array>(KEPT_BLOCKS);

  constructor(
    private readonly file: string,
    readonly name: string,
    readonly size: number,
    /** Where it is loaded; 0: nowhere. */
    readonly address: bigint,
    private readonly source: Pick<ByteSource, "read">,
    private readonly start = 0,
  ) {}

  /** @throws {DwarfError} beyond its end */
  read(offset: number, length: number): Uint8Array {
    if (!(offset >= 0) || !(length >= 0) || offset + length > this.size) {
      throw this.error("DAMAGED", offset, `${String(length)} bytes are not there: it has ${String(this.size)}`);
    }
    const block = Math.floor(offset / BLOCK_BYTES);
    const within = offset - block * BLOCK_BYTES;
    if (within + length <= BLOCK_BYTES) return this.block(block).subarray(within, within + length);
    return this.source.read(this.start + offset, length);
  }

  /** Reads from an offset on, up to `end`. */
  cursor(offset: number, end = this.size): Cursor {
    if (!(offset >= 0 && offset <= end && end <= this.size)) {
      throw this.error("DAMAGED", offset, `it is not there: the section has ${String(this.size)} bytes`);
    }
    return new Cursor(this, offset, end);
  }

  piece(offset: number): { readonly bytes: Uint8Array; readonly start: number } {
    const block = Math.floor(offset / BLOCK_BYTES);
    return { bytes: this.block(block), start: block * BLOCK_BYTES };
  }

  /** The text up to the next zero. */
  text(offset: number): string {
    const known = this.texts.get(offset);
    if (known !== undefined) return known;
    const text = this.cursor(offset).text();
    if (this.texts.size === KEPT_TEXTS) this.texts.clear();
    if (text.length <= KEPT_TEXT_LENGTH) this.texts.set(offset, text);
    return text;
  }

  error(code: DwarfErrorCode, offset: number, what: string, remedy?: string): DwarfError {
    return new DwarfError(code, { file: this.file, section: this.name, offset }, what, remedy);
  }

  private block(block: number): Uint8Array {
    return this.blocks.get(block, () => {
      const offset = block * BLOCK_BYTES;
      return this.source.read(this.start + offset, Math.min(BLOCK_BYTES, this.size - offset));
    });
  }
}
