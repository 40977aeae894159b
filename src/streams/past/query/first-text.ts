/** Where a console prints a text first. */
import type { Position } from "../../../reducers/position.js";
import { positionOf } from "../../../reducers/position.js";
import { TextSearch } from "../../time/text-search.js";
import type { Recording } from "../recording.js";
import { MAX_LINE_CHARACTERS, portOf } from "./printed-lines.js";
import { findsFrom } from "./probed-replay.js";
import type { Listener } from "./question.js";

/**
 * The position of the instruction that prints the last byte of it. A text may go over lines; a pattern is looked for in
 * each line as far as it is printed. Undefined: nowhere. Looked for a stretch at a time.
 */
export function* firstText(recording: Recording, text: string | RegExp): Generator<undefined, Position | undefined> {
  const ports = new Map<string, Searched>();
  const listener: Listener<Position> = {
    heard(machine, effect) {
      if (effect.type !== "console/transmitted") return [];
      const port = portOf(effect);
      const search = ports.get(port) ?? (typeof text === "string" ? textSearched(text) : lineSearched(text));
      ports.set(port, search);
      return search(effect.bytes) ? [positionOf(machine.position.seq, machine.presentIcount)] : [];
    },
  };
  for (const [found] of findsFrom(recording, listener, recording.at(recording.log.start), undefined)) {
    if (found !== undefined) return found;
    yield undefined;
  }
  return undefined;
}

/** Whether it is whole now. */
type Searched = (bytes: Uint8Array) => boolean;

const textSearched = (text: string): Searched => {
  const search = new TextSearch(text);
  return (bytes) => search.endIn(bytes) !== undefined;
};

const NEWLINE = 0x0a;

const lineSearched = (pattern: RegExp): Searched => {
  let line = "";
  return (bytes) => {
    for (const byte of bytes) {
      if (byte === NEWLINE || line.length >= MAX_LINE_CHARACTERS) line = "";
      if (byte === NEWLINE) continue;
      line += String.fromCharCode(byte);
      if (line.search(pattern) >= 0) return true;
    }
    return false;
  };
};
