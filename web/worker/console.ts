/** A console as it was at a moment. */
import type { Ask, ConsoleAnswer, PageInstant } from "../protocol.js";
import { PageError } from "./cancelled.js";
import { MAX_CONSOLE_ANSWER_BYTES, type ConsoleJournal } from "./console-journal.js";
import type { Opened } from "./opened.js";

export function consoleAt({ survey }: Opened, until: PageInstant, { port, from = 0 }: Ask<"console">): ConsoleAnswer {
  const ports = [...survey.consoles.keys()];
  const name = port ?? ports[0] ?? "uart16550";
  const journal = survey.consoles.get(name);
  const length = journal?.lengthAt(until) ?? 0;
  const asked = Math.min(Math.max(0, from < 0 ? length + from : from), length);
  const begin = Math.max(asked, length - MAX_CONSOLE_ANSWER_BYTES);
  return {
    port: name,
    bytes: journal?.slice(begin, length) ?? new Uint8Array(0),
    from: begin,
    length,
    lines: journal?.lines(begin, length) ?? [],
    ports,
    isPartial: survey.icount < until.icount,
  };
}

/** Where a byte was about to be printed. @throws {PageError} */
export function printedAt({ survey }: Opened, { port, offset }: Ask<"printed">): PageInstant {
  const journal: ConsoleJournal | undefined =
    port === undefined ? [...survey.consoles.values()][0] : survey.consoles.get(port);
  const instant = journal?.instantOf(offset);
  if (instant !== undefined) return instant;
  throw new PageError(`nothing was printed there: there are ${String(journal?.length ?? 0)} bytes by now`);
}
