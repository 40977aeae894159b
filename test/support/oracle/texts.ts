/** Random questions about texts: where a console prints one first, against all that consoles print up to there. */
import { Machine } from "../../../src/machine/machine.js";
import { at } from "../../../src/streams/past/query/index.js";
import type { Recording } from "../../../src/streams/past/recording.js";
import { replay } from "../../../src/streams/past/replayer.js";
import { oneOf } from "../seeded-random.js";
import { portOf, type Deed } from "./deeds.js";
import type { Asks } from "./moments.js";

/** Of a console, byte by byte. */
export interface Printed {
  readonly text: string;
  /** Of the bytes that were printed in the window, which are the last ones: where. */
  readonly places: readonly string[];
}

/** A text may have been printed long before the window, so what was printed then is asked of a plain replay. */
const LONGEST_REPLAY_INSNS = 2_000_000;
const LONGEST_TEXT = 12;

/** Of consoles that print in the window, the text up to its end; none where it lies too far from the beginning. */
export function printedUpTo(recording: Recording, from: number, deeds: readonly Deed[]): readonly Printed[] {
  const printing = deeds.filter(({ kind }) => kind === "printed");
  if (printing.length === 0 || from > LONGEST_REPLAY_INSNS) return [];
  const texts = new Map<string, string>();
  const machine = recording.openMachine((initial, options) => new Machine(initial, options));
  machine.listen((effect) => {
    if (effect.type !== "console/transmitted") return;
    const port = portOf(effect);
    texts.set(port, (texts.get(port) ?? "") + latin1(effect.bytes));
  });
  replay(machine, recording.log, from);
  return [...new Set(printing.map(({ port }) => port))].map((port) => {
    const ofPort = printing.filter((deed) => deed.port === port);
    return {
      text: (texts.get(port) ?? "") + ofPort.map(({ data }) => latin1(data)).join(""),
      places: ofPort.flatMap(({ seq, icount, data }) => [...data].map(() => `${String(seq)}@${String(icount)}`)),
    };
  });
}

/** It says nothing where it is printed before the window, or by another console too. */
export const asksText: Asks = (recording, { consoles }, random) => {
  const console = oneOf(random, consoles);
  const { text, places } = console;
  const before = text.length - places.length;
  const end = before + 1 + random(places.length);
  const wanted = text.slice(Math.max(0, end - 1 - random(LONGEST_TEXT)), end);
  const isPattern = random(2) === 0 && /^[\w ]+$/.test(wanted);
  const when = isPattern ? new RegExp(wanted.replace(/\w/, ".")) : wanted;
  const endIn = (all: string): number => (typeof when === "string" ? textEnd(all, when) : patternEnd(all, when));
  const place = places[endIn(text) - 1 - before];
  const isOfOne = consoles.every((other) => other === console || endIn(other.text) === 0);
  // What is no ASCII is more than a byte of a text.
  const isAscii = [...wanted].every((character) => character < "\x80");
  if (place === undefined || !isOfOne || !isAscii) return undefined;
  const { seq, icount } = at(recording, { text: when });
  const name = `at text ${typeof when === "string" ? JSON.stringify(when) : String(when)}`;
  return { kind: "at text", name, found: `${String(seq)}@${String(icount)}`, expected: place };
};

/** How many bytes were printed when it was whole; 0: it is not. */
const textEnd = (all: string, text: string): number => (all.includes(text) ? all.indexOf(text) + text.length : 0);

/** It is looked for in each line, as far as it is printed. */
function patternEnd(all: string, pattern: RegExp): number {
  for (let end = 1; end <= all.length; end += 1) {
    const line = all.slice(all.lastIndexOf("\n", end - 1) + 1, end);
    if (all[end - 1] !== "\n" && pattern.test(line)) return end;
  }
  return 0;
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
