/** `output`: what a guest printed, line by line, with the instant at which each line was whole. */
import type { Effect } from "../../../reducers/effect.js";
import { maybe, value } from "../../../options/codecs.js";
import type { Recording } from "../recording.js";
import { checkQuery, icountOf, type AskedOptions } from "./asked.js";
import { Query } from "./query.js";
import { readingOf, type Kind, type Reading } from "./question.js";
import { hartThere, Namer, type RowOfHart, type Unnamed } from "./row.js";

export interface OutputOptions extends AskedOptions {
  /** Lines that have this in them; all where it is left out. */
  readonly of?: string | RegExp | undefined;
}

/** A line of a console. Its position is that of the byte that ended it, or the end of what was asked. */
export interface OutputLine extends RowOfHart {
  /** `uart16550`, or `virtioConsole` and its slot. */
  readonly port: string;
  /** As Latin-1, without its end. */
  readonly text: string;
  /** Nothing ended it yet, as a prompt. There is one at most of each console, behind all other lines. */
  readonly isUnfinished?: true;
  /** The range begins later than the recording, so what is before this may be missing: of each console's first line. */
  readonly mayBeCut?: true;
}

/** A guest may print without ever ending a line. */
export const MAX_LINE_CHARACTERS = 1 << 14;

const PATTERN = value("a text or a RegExp", (given) => typeof given === "string" || given instanceof RegExp);

/**
 * The lines of all consoles, in the order in which they ended. `output(recording, /panic/)` is short for `{ of }`.
 * Throws, when it is read, as a replay does.
 */
export function output(recording: Recording, given: OutputOptions | string | RegExp = {}): Query<OutputLine> {
  const options = typeof given === "string" || given instanceof RegExp ? { of: given } : given;
  checkQuery("output", recording, options, { of: maybe(PATTERN) });
  const { of, from, until } = options;
  const isWanted = (text: string): boolean =>
    of === undefined || (typeof of === "string" ? text.includes(of) : text.search(of) >= 0);
  const open = (): Reading<OutputLine> => {
    const namer = new Namer(recording.names);
    const about = { isOfPart: from !== undefined && icountOf(recording.log, from) > recording.log.start.icount };
    return readingOf(outputKind, about, (line) => (isWanted(line.text) ? namer.name<OutputLine>(line) : undefined));
  };
  return new Query(recording, open, { from, until });
}

interface AboutOutput {
  /** What was printed before is not heard. */
  readonly isOfPart: boolean;
}

export const outputKind: Kind<AboutOutput, Unnamed<OutputLine>> = {
  name: "output",
  listen: ({ isOfPart }) => {
    const lines = new Map<string, string>();
    const begun = new Set<string>();
    const lineOf = (port: string, text: string): Pick<OutputLine, "port" | "text" | "mayBeCut"> => {
      const isFirst = !begun.has(port);
      begun.add(port);
      return { port, text, ...(isFirst && isOfPart && { mayBeCut: true as const }) };
    };
    return {
      needsAll: true,
      heard: (machine, effect) => {
        if (effect.type !== "console/transmitted") return [];
        const port = portOf(effect);
        const ended: string[] = [];
        let line = lines.get(port) ?? "";
        for (const byte of effect.bytes) {
          if (byte !== NEWLINE) line += String.fromCharCode(byte);
          if (byte !== NEWLINE && line.length < MAX_LINE_CHARACTERS) continue;
          ended.push(withoutEnd(line));
          line = "";
        }
        lines.set(port, line);
        if (ended.length === 0) return [];
        const at = hartThere(machine, machine.presentIcount);
        return ended.map((text) => ({ ...at, ...lineOf(port, text) }));
      },
      ends: (machine) =>
        [...lines]
          .map(([port, line]) => lineOf(port, withoutEnd(line)))
          .filter(({ text }) => text !== "")
          .map((line) => ({ ...hartThere(machine, machine.position.icount), ...line, isUnfinished: true })),
    };
  },
};

const withoutEnd = (line: string): string => line.replace(/\r+$/, "");

type Transmitted = Extract<Effect, { type: "console/transmitted" }>;

/** `uart16550`, or `virtioConsole` and its slot. */
export const portOf = (effect: Transmitted): string =>
  effect.port === "uart16550" ? effect.port : `${effect.port}${String(effect.slot)}`;

const NEWLINE = 0x0a;
