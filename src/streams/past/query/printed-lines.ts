/** What consoles print, cut into lines. */
import type { Effect } from "../../../reducers/effect.js";

export interface PrintedLine {
  readonly port: string;
  /** As Latin-1, without its end. */
  readonly text: string;
}

/** A guest may print without ever ending a line. */
export const MAX_LINE_CHARACTERS = 1 << 14;

export class PrintedLines {
  private readonly begun: Map<string, string>;

  /** `before`: who heard what was printed until now. */
  constructor(before?: PrintedLines) {
    this.begun = new Map(before?.begun);
  }

  /** The lines that end with it. */
  heard(effect: Effect): readonly PrintedLine[] {
    if (effect.type !== "console/transmitted") return [];
    const port = portOf(effect);
    const ended: PrintedLine[] = [];
    let line = this.begun.get(port) ?? "";
    for (const byte of effect.bytes) {
      if (byte !== NEWLINE) line += String.fromCharCode(byte);
      if (byte !== NEWLINE && line.length < MAX_LINE_CHARACTERS) continue;
      ended.push({ port, text: withoutEnd(line) });
      line = "";
    }
    this.begun.set(port, line);
    return ended;
  }

  /** What nothing ended yet, as a prompt: one at most of each console. */
  get unfinished(): readonly PrintedLine[] {
    return [...this.begun].map(([port, line]) => ({ port, text: withoutEnd(line) })).filter(({ text }) => text !== "");
  }
}

const withoutEnd = (line: string): string => line.replace(/\r+$/, "");

type Transmitted = Extract<Effect, { type: "console/transmitted" }>;

/** `uart16550`, or `virtioConsole` and its slot. */
export const portOf = (effect: Transmitted): string =>
  effect.port === "uart16550" ? effect.port : `${effect.port}${String(effect.slot)}`;

const NEWLINE = 0x0a;
