/** Call frame information of a section: which entry tells how the frame of an instruction is left (DWARF 5, 6.4.1). */
import type { Cursor } from "../file/cursor.js";
import { Intervals, type Interval } from "../file/intervals.js";
import { Recent } from "../../recent.js";
import type { Section } from "../file/section.js";
import { pointerSize, readPointer } from "./pointer-encoding.js";

/** One a function: a kernel has 90,000. */
export const MAX_FRAME_ENTRIES = 2 ** 19;
const KEPT_CIES = 64;

/** What some functions share (a common information entry). */
export interface CommonFrame {
  readonly codeAlignment: number;
  readonly dataAlignment: bigint;
  readonly returnRegister: number;
  readonly isSignalFrame: boolean;
  readonly addressBytes: number;
  /** Of addresses in .eh_frame (DW_EH_PE); 0: plain. */
  readonly pointerEncoding: number;
  readonly hasAugmentation: boolean;
  readonly instructions: Instructions;
}

export interface Instructions {
  readonly at: number;
  readonly end: number;
}

/** Of a function (a frame description entry). */
export interface FunctionFrame extends Interval {
  readonly commonAt: number;
  readonly instructions: Instructions;
}

export class FrameSection {
  private functions: Intervals<FunctionFrame> | undefined;
  private readonly commons = new Recent<number, CommonFrame>(KEPT_CIES);
  private readonly isEh: boolean;

  /** .debug_frame or .eh_frame. */
  constructor(readonly section: Section) {
    this.isEh = section.name === ".eh_frame";
  }

  /** Undefined: it tells nothing of it. @throws {DwarfError} */
  find(pc: bigint): FunctionFrame | undefined {
    this.functions ??= new Intervals(this.readAll());
    return this.functions.find(pc);
  }

  common(offset: number): CommonFrame {
    return this.commons.get(offset, () => this.readCommon(offset));
  }

  private readAll(): readonly FunctionFrame[] {
    const { section } = this;
    const frames: FunctionFrame[] = [];
    for (let offset = 0; offset < section.size;) {
      const cursor = section.cursor(offset);
      const { length, offsetBytes } = cursor.initialLength();
      const end = cursor.offset + length;
      // .eh_frame ends with an entry of no length.
      if (length === 0 && this.isEh) break;
      if (end > section.size) throw section.error("DAMAGED", offset, "an entry ends behind the section");
      const idAt = cursor.offset;
      const id = entryId(cursor, this.isEh ? 4 : offsetBytes);
      if (!this.isCommon(id, offsetBytes)) {
        if (frames.length === MAX_FRAME_ENTRIES) throw cursor.error("TOO_LARGE", "there are too many frames");
        const frame = this.readFunction(cursor, end, this.isEh ? idAt - id : id);
        if (frame.end > frame.start) frames.push(frame);
      }
      offset = end;
    }
    return frames;
  }

  private isCommon(id: number, offsetBytes: 4 | 8): boolean {
    if (this.isEh) return id === 0;
    return offsetBytes === 4 ? id === 0xffff_ffff : id > Number.MAX_SAFE_INTEGER;
  }

  private readFunction(cursor: Cursor, end: number, commonAt: number): FunctionFrame {
    const { addressBytes, pointerEncoding, hasAugmentation } = this.common(commonAt);
    const start = readPointer(cursor, pointerEncoding, addressBytes, this.section.address);
    const bytes = pointerSize(cursor, pointerEncoding, addressBytes);
    if (hasAugmentation) cursor.skip(cursor.uleb());
    return { start, end: start + bytes, commonAt, instructions: { at: cursor.offset, end } };
  }

  private readCommon(offset: number): CommonFrame {
    const cursor = this.section.cursor(offset);
    const { length, offsetBytes } = cursor.initialLength();
    const end = cursor.offset + length;
    if (end > this.section.size || !this.isCommon(entryId(cursor, this.isEh ? 4 : offsetBytes), offsetBytes)) {
      throw this.section.error("DAMAGED", offset, "a frame refers to what is no common entry");
    }
    const version = cursor.u8();
    if (![1, 3, 4].includes(version)) {
      throw this.section.error("UNSUPPORTED", offset, `a frame is of version ${String(version)}; 1, 3 and 4 are read`);
    }
    const augmentation = cursor.text();
    const addressBytes = version === 4 ? cursor.u8() : 8;
    if (version === 4) cursor.skip(1);
    const codeAlignment = cursor.uleb();
    const dataAlignment = cursor.sleb64();
    const returnRegister = version === 1 ? cursor.u8() : cursor.uleb();
    const own = { pointerEncoding: 0, isSignalFrame: false };
    const hasAugmentation = augmentation.startsWith("z");
    if (hasAugmentation) readAugmentation(cursor, augmentation, addressBytes, own);
    else if (augmentation !== "") {
      throw this.section.error(
        "UNSUPPORTED",
        offset,
        `a frame has the unknown augmentation ${JSON.stringify(augmentation)}`,
      );
    }
    const instructions = { at: cursor.offset, end };
    return { codeAlignment, dataAlignment, returnRegister, addressBytes, hasAugmentation, instructions, ...own };
  }
}

/** Of a common entry all ones, which is no offset; else where the common entry is. */
function entryId(cursor: Cursor, bytes: 4 | 8): number {
  return bytes === 4 ? cursor.u32() : Number(cursor.u64());
}

/** LSB Core, section "The Common Information Entry Format". */
function readAugmentation(
  cursor: Cursor,
  augmentation: string,
  addressBytes: number,
  own: { pointerEncoding: number; isSignalFrame: boolean },
): void {
  const bytes = cursor.uleb();
  const end = cursor.offset + bytes;
  for (const letter of augmentation.slice(1)) {
    if (letter === "R") own.pointerEncoding = cursor.u8();
    else if (letter === "L") cursor.skip(1);
    else if (letter === "P") readPointer(cursor, cursor.u8(), addressBytes, 0n);
    else if (letter === "S") own.isSignalFrame = true;
    // What follows a letter that is not known has a size that is not known.
    else break;
  }
  cursor.goTo(end);
}
