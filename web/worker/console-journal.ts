/** What a console printed, and where the guest stood when it did. */
import type { ConsoleLine, PageInstant } from "../protocol.js";
import { Column } from "./column.js";

/** A guest may print without end. What comes behind is not shown. */
export const MAX_CONSOLE_BYTES = 1 << 25;
/** A program asks for as much as it shows. */
export const MAX_CONSOLE_ANSWER_BYTES = 1 << 20;

const NEWLINE = 0x0a;

export class ConsoleJournal {
  private bytes = new Uint8Array(1 << 14);
  length = 0;
  /** Of each piece that was printed at once: where it begins, and when. */
  private readonly starts = new Column();
  private readonly seqs = new Column();
  private readonly icounts = new Column();
  private readonly times = new Column();
  /** When each line ended, of a guest that may print each letter by itself. */
  private readonly lineEnds = { icount: new Column(), ns: new Column() };

  add(printed: Uint8Array, { seq, icount, ns }: PageInstant): void {
    const room = printed.subarray(0, MAX_CONSOLE_BYTES - this.length);
    if (room.length === 0) return;
    while (this.length + room.length > this.bytes.length) {
      const more = new Uint8Array(this.bytes.length * 2);
      more.set(this.bytes);
      this.bytes = more;
    }
    this.bytes.set(room, this.length);
    this.starts.push(this.length);
    this.seqs.push(seq);
    this.icounts.push(icount);
    this.times.push(ns);
    this.length += room.length;
    for (let at = room.indexOf(NEWLINE); at >= 0; at = room.indexOf(NEWLINE, at + 1)) {
      this.lineEnds.icount.push(icount);
      this.lineEnds.ns.push(ns);
    }
  }

  /** How much it had printed by a position: what is printed by the instruction that is next there is not yet. */
  lengthAt({ seq, icount }: Pick<PageInstant, "seq" | "icount">): number {
    const piece = this.pieceAt(icount, seq);
    return piece < this.starts.length ? this.starts.at(piece) : this.length;
  }

  /** Where a byte was about to be printed. Undefined: there is none of that number. */
  instantOf(offset: number): PageInstant | undefined {
    if (offset < 0 || offset >= this.length) return undefined;
    return this.instantOfPiece(this.starts.firstAtLeast(offset + 1) - 1);
  }

  /** Where it is about to print next, behind a position. */
  after({ seq, icount }: Pick<PageInstant, "seq" | "icount">): PageInstant | undefined {
    return this.instantOfPiece(this.pieceAt(icount, seq + 1));
  }

  /** Where it printed last, before a position. */
  before({ seq, icount }: Pick<PageInstant, "seq" | "icount">): PageInstant | undefined {
    return this.instantOfPiece(this.pieceAt(icount, seq) - 1);
  }

  /** The first one that is not before. */
  private pieceAt(icount: number, seq: number): number {
    let piece = this.icounts.firstAtLeast(icount);
    while (piece < this.icounts.length && this.icounts.at(piece) === icount && this.seqs.at(piece) < seq) piece += 1;
    return piece;
  }

  private instantOfPiece(piece: number): PageInstant | undefined {
    if (piece < 0 || piece >= this.starts.length) return undefined;
    return { seq: this.seqs.at(piece), icount: this.icounts.at(piece), ns: this.times.at(piece) };
  }

  slice(from: number, until: number): Uint8Array {
    return this.bytes.slice(from, until);
  }

  /** Where a text ends, from an offset on: the offset of its last byte. Undefined: it is not there. */
  find(text: string): number | undefined {
    const wanted = new TextEncoder().encode(text);
    const last = wanted.length - 1;
    if (last < 0) return undefined;
    for (let at = 0; at + last < this.length; at += 1) {
      let same = 0;
      while (same <= last && this.bytes[at + same] === wanted[same]) same += 1;
      if (same > last) return at + last;
    }
    return undefined;
  }

  /** Those that begin in a stretch, each with when its first byte was printed. */
  lines(from: number, until: number): readonly ConsoleLine[] {
    const lines: ConsoleLine[] = [];
    for (let start = from; start < until;) {
      const newline = this.bytes.indexOf(NEWLINE, start);
      const end = newline < 0 || newline >= until ? until : newline + 1;
      const instant = this.instantOf(start);
      if (instant !== undefined) lines.push({ ...instant, start, end });
      start = end;
    }
    return lines;
  }

  /** How many lines end in each bucket between two bounds on an axis. */
  density(axis: "icount" | "ns", from: number, until: number, buckets: number): Uint32Array {
    const counts = new Uint32Array(buckets);
    const places = this.lineEnds[axis];
    const scale = buckets / Math.max(until - from, Number.MIN_VALUE);
    for (let line = places.firstAtLeast(from); line < places.length; line += 1) {
      const place = places.at(line);
      if (place > until) break;
      const bucket = Math.min(buckets - 1, Math.floor((place - from) * scale));
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
    return counts;
  }
}
