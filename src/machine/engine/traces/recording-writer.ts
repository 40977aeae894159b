/** Keeps account of the numbers that are written, for whoever compares two pieces of code. */
import { ByteWriter } from "../../byte-writer.js";

export interface WrittenNumber {
  readonly start: number;
  readonly end: number;
  /** In 32 bits. */
  readonly value: number;
  readonly isSigned: boolean;
}

export class RecordingWriter extends ByteWriter {
  readonly numbers: WrittenNumber[] = [];
  private isWithin = false;

  override unsigned(value: number): void {
    this.record(value, false, () => {
      super.unsigned(value);
    });
  }

  override signed32(value: number): void {
    this.record(value, true, () => {
      super.signed32(value);
    });
  }

  override signed64(value: bigint): void {
    this.record(Number(BigInt.asIntN(32, value)), true, () => {
      super.signed64(value);
    });
  }

  private record(value: number, isSigned: boolean, write: () => void): void {
    // A number of 64 bits is written as one of 32 where that is enough.
    if (this.isWithin) {
      write();
      return;
    }
    const start = this.length;
    this.isWithin = true;
    write();
    this.isWithin = false;
    this.numbers.push({ start, end: this.length, value: value | 0, isSigned });
  }
}
