/** A value in parts: some in registers, some in memory, some nowhere (DWARF 5, section 2.6.1.2). */
import type { Location } from "../../name-source.js";

/** A structure of some registers has as many. */
export const MAX_PIECES = 1024;

interface Piece {
  readonly bytes: number;
  readonly at: Location | undefined;
}

export class Pieces {
  private readonly pieces: Piece[] = [];

  get isEmpty(): boolean {
    return this.pieces.length === 0;
  }

  /** `tooMany` makes the error that is thrown. Parts of bytes are not told: they are nowhere. */
  add(bits: number, offsetBits: number, at: Location | undefined, tooMany: () => Error): void {
    if (this.pieces.length === MAX_PIECES) throw tooMany();
    this.pieces.push({ bytes: Math.ceil(bits / 8), at: bits % 8 === 0 && offsetBits === 0 ? at : undefined });
  }

  location(): Location {
    return { kind: "pieces", pieces: this.pieces };
  }
}
