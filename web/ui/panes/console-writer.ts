/** Puts a console's text on a terminal, and knows which row is which line. */
import type { IMarker, Terminal } from "@xterm/xterm";

import type { ConsoleAnswer, ConsoleLine } from "../../protocol.js";

/** More than these are not on the screen, and are not written. */
export const SCROLLBACK_LINES = 10_000;
/** RIS (ECMA-48 8.3.105). */
const RESET = "\x1bc";

export interface Writer {
  readonly show: (console: ConsoleAnswer) => void;
  /** Whether what is just written was on a screen before, or ran while nobody looked. */
  readonly isOfThePast: () => boolean;
  /** Of a row of the terminal's buffer. */
  readonly lineAt: (row: number) => ConsoleLine | undefined;
}

/** What is on the screen already is not written again: going forward writes what is new. */
export function writerOf(terminal: Pick<Terminal, "write" | "registerMarker">): Writer {
  let port = "";
  let from = 0;
  let shown = new Uint8Array();
  let places: { readonly marker: IMarker | undefined; readonly line: ConsoleLine }[] = [];
  let turn = 0;
  let rewrites = 0;
  const writeLines = (console: ConsoleAnswer, start: number): void => {
    const mine = turn;
    for (const line of console.lines.slice(-SCROLLBACK_LINES)) {
      if (line.end <= start) continue;
      const begins = Math.max(line.start, start);
      if (begins === line.start)
        // An empty write comes back when all before it is on the screen: the line begins where the cursor is then.
        terminal.write("", () => {
          if (mine === turn) places.push({ marker: terminal.registerMarker(0), line });
        });
      terminal.write(console.bytes.subarray(begins - console.from, line.end - console.from));
    }
  };
  return {
    show(console) {
      const isMore =
        console.port === port && console.from === from && shown.length > 0 && isPrefix(shown, console.bytes);
      if (!isMore) {
        turn += 1;
        places = [];
        // In its turn: what is still to be written of the console before is not written into this one.
        terminal.write(RESET);
      }
      writeLines(console, isMore ? from + shown.length : console.from);
      if (!isMore) {
        rewrites += 1;
        terminal.write("", () => (rewrites -= 1));
      }
      ({ port, from } = console);
      shown = console.bytes.slice();
    },
    isOfThePast: () => rewrites > 0,
    lineAt: (row) =>
      places.findLast(({ marker }) => marker !== undefined && marker.line >= 0 && marker.line <= row)?.line,
  };
}

const isPrefix = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length <= other.length && one.every((byte, index) => byte === other[index]);
