/** `output`: what a guest printed, line by line, with the instant at which each line was whole. */
import { maybe, value } from "../../../options/codecs.js";
import type { Recording } from "../recording.js";
import { checkQuery, icountOf, type AskedOptions } from "./asked.js";
import { PrintedLines, type PrintedLine } from "./printed-lines.js";
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
    let lines = new PrintedLines();
    let cut = new Cuts(isOfPart);
    return {
      needsAll: true,
      joins: (begun) => {
        lines = new PrintedLines(begun);
        cut = new Cuts(false);
      },
      heard: (machine, effect) => {
        const ended = lines.heard(effect);
        if (ended.length === 0) return [];
        const at = hartThere(machine, machine.presentIcount);
        return ended.map((line) => ({ ...at, ...cut.noted(line) }));
      },
      ends: (machine) =>
        lines.unfinished.map((line) => ({
          ...hartThere(machine, machine.position.icount),
          ...cut.noted(line),
          isUnfinished: true,
        })),
    };
  },
};

/** Notes of the first line of each console that its beginning may be missing. */
class Cuts {
  private readonly begun = new Set<string>();

  constructor(private readonly isOfPart: boolean) {}

  noted(line: PrintedLine): PrintedLine & Pick<OutputLine, "mayBeCut"> {
    if (!this.isOfPart || this.begun.has(line.port)) return line;
    this.begun.add(line.port);
    return { ...line, mayBeCut: true };
  }
}
