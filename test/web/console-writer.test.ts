// A console's text on a terminal. Seen red: lines of a moment that had been left, written behind those of the next one;
// answers of the terminal to what a guest had asked long ago, typed at it once more.
import { suite } from "uvu";
import * as assert from "uvu/assert";

import type { ConsoleAnswer } from "../../web/protocol.js";
import { SCROLLBACK_LINES, writerOf } from "../../web/ui/panes/console-writer.js";

const test = suite("the console's writer");

/** As xterm: what is written waits for its turn. */
function terminalHere() {
  const queue: { readonly data: string; readonly done: (() => void) | undefined }[] = [];
  let screen = "";
  return {
    write(data: string | Uint8Array, done?: () => void): void {
      queue.push({ data: typeof data === "string" ? data : new TextDecoder().decode(data), done });
    },
    registerMarker: () => ({ line: screen.split("\n").length - 1 }) as never,
    get screen(): string {
      for (const { data, done } of queue.splice(0)) {
        screen = data === "\x1bc" ? "" : screen + data;
        done?.();
      }
      return screen;
    },
  };
}

function consoleOf(...texts: readonly string[]): ConsoleAnswer {
  let end = 0;
  const lines = texts.map((text) => ({ start: end, end: (end += text.length), seq: 0, icount: end, ns: 0 }));
  const bytes = new TextEncoder().encode(texts.join(""));
  return { port: "uart", bytes, from: 0, length: end, lines, ports: ["uart"], isPartial: false };
}

test("given text that is still to be written, when another moment is shown, then nothing of it is in that", () => {
  const terminal = terminalHere();
  const { show, lineAt } = writerOf(terminal);
  show(consoleOf("late\n", "later\n"));
  show(consoleOf("early\n", "next\n"));
  assert.is(terminal.screen, "early\nnext\n");
  assert.is(lineAt(1)?.start, 6);
});

test("given a console, when more is printed, then only that is written, and a terminal may answer to it", () => {
  const terminal = terminalHere();
  const { show, isOfThePast } = writerOf(terminal);
  show(consoleOf("one\n"));
  assert.is(isOfThePast(), true);
  assert.is(terminal.screen, "one\n");
  show(consoleOf("one\n", "two\n"));
  assert.equal([isOfThePast(), terminal.screen], [false, "one\ntwo\n"]);
});

test("given more lines than a terminal keeps, when they are shown, then the last ones are written", () => {
  const terminal = terminalHere();
  const texts = Array.from({ length: SCROLLBACK_LINES + 5 }, (_, index) => `${String(index)}\n`);
  writerOf(terminal).show(consoleOf(...texts));
  assert.match(terminal.screen, /^5\n6\n/);
});

test.run();
