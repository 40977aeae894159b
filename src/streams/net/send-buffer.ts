/** Bytes to be sent, kept until they are acknowledged. */
import { concatenated } from "../../reducers/concatenated.js";

/** Smaller pieces are merged: each piece costs memory of its own, and a peer may write single bytes. */
const PIECE_BYTES = 4096;

export class SendBuffer {
  private pieces: Uint8Array[] = [];
  /** How many bytes of the first piece are acknowledged. */
  private first = 0;
  length = 0;

  append(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const last = this.pieces.at(-1);
    if (last !== undefined && last.length + bytes.length <= PIECE_BYTES)
      this.pieces[this.pieces.length - 1] = concatenated([last, bytes]);
    else this.pieces.push(bytes);
    this.length += bytes.length;
  }

  get pieceCount(): number {
    return this.pieces.length;
  }

  /** Returns a copy. */
  slice(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(Math.min(length, this.length - offset));
    let skipped = this.first + offset;
    let filled = 0;
    for (const piece of this.pieces) {
      if (filled === bytes.length) break;
      if (skipped < piece.length) {
        const part = piece.subarray(skipped, skipped + bytes.length - filled);
        bytes.set(part, filled);
        filled += part.length;
      }
      skipped = Math.max(0, skipped - piece.length);
    }
    return bytes;
  }

  drop(length: number): void {
    this.length -= length;
    this.first += length;
    let whole = 0;
    for (let [piece] = this.pieces; piece !== undefined && this.first >= piece.length; piece = this.pieces[whole]) {
      this.first -= piece.length;
      whole += 1;
    }
    this.pieces = this.pieces.slice(whole);
  }
}
