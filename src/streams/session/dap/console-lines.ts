/** What a machine prints, line by line, with the moment at which each was whole. */
import type { Effect } from "../../../reducers/effect.js";
import { MAX_LINE_CHARACTERS, portOf } from "../../past/query/printed-lines.js";

export interface PrintedLine {
  readonly text: string;
  /** `uart16550`, or `virtioConsole` and its slot. */
  readonly port: string;
  /** The instructions that were retired before its last byte. */
  readonly icount: number;
}

/** A prompt ends no line: it is told where the machine stands. */
export class ConsoleLines {
  private readonly begun = new Map<string, { bytes: number[]; icount: number }>();

  constructor(private readonly printed: (line: PrintedLine) => void) {}

  heard(effect: Effect, icount: number): void {
    if (effect.type !== "console/transmitted") return;
    const port = portOf(effect);
    for (const byte of effect.bytes) {
      const line = this.begun.get(port) ?? { bytes: [], icount };
      this.begun.set(port, line);
      line.icount = icount;
      line.bytes.push(byte);
      if (byte === NEWLINE || line.bytes.length >= MAX_LINE_CHARACTERS) this.end(port);
    }
  }

  /** What has not ended is told too. */
  flush(): void {
    for (const port of this.begun.keys()) this.end(port);
  }

  private end(port: string): void {
    const line = this.begun.get(port);
    this.begun.delete(port);
    if (line !== undefined)
      this.printed({
        port,
        text: Buffer.from(line.bytes)
          .toString("utf8")
          .replace(/\r+\n$/, "\n"),
        icount: line.icount,
      });
  }
}

const NEWLINE = 0x0a;
