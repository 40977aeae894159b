/** What consoles print, cut into lines. */
import type { Effect } from "../../../reducers/effect.js";

export interface PrintedLine {
  readonly port: string;
  /** As Latin-1, without its end. */
  readonly text: string;
}

/** What consoles have printed of lines that have no end yet, by their ports. */
export type BegunLines = ReadonlyMap<string, string>;

/** A guest may print without ever ending a line. */
export const MAX_LINE_CHARACTERS = 1 << 14;

export class PrintedLines {
  private readonly lines: Map<string, string>;

  constructor(begun: BegunLines = new Map()) {
    this.lines = new Map(begun);
  }

  get begun(): BegunLines {
    return this.lines;
  }

  /** The lines that end with it. */
  heard(effect: Effect): readonly PrintedLine[] {
    if (effect.type !== "console/transmitted") return [];
    const port = portOf(effect);
    const ended: PrintedLine[] = [];
    let line = this.lines.get(port) ?? "";
    for (const byte of effect.bytes) {
      if (byte !== NEWLINE) line += String.fromCharCode(byte);
      if (byte !== NEWLINE && line.length < MAX_LINE_CHARACTERS) continue;
      ended.push({ port, text: withoutEnd(line) });
      line = "";
    }
    this.lines.set(port, line);
    return ended;
  }

  /** What nothing ended yet, as a prompt: one at most of each console. */
  get unfinished(): readonly PrintedLine[] {
    return [...this.lines].map(([port, line]) => ({ port, text: withoutEnd(line) })).filter(({ text }) => text !== "");
  }
}

const withoutEnd = (line: string): string => line.replace(/\r+$/, "");

type Transmitted = Extract<Effect, { type: "console/transmitted" }>;

/** `uart16550`, or `virtioConsole` and its slot. */
export const portOf = (effect: Transmitted): string =>
  effect.port === "uart16550" ? effect.port : `${effect.port}${String(effect.slot)}`;

const NEWLINE = 0x0a;
