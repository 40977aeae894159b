/** The position that somebody means. */
import type { PageInstant, Where } from "../protocol.js";
import { NoSuchPosition } from "./cancelled.js";
import type { Opened } from "./opened.js";
import type { Session } from "./session.js";

/** A text is looked for in all that is printed: once that is known. @throws {NoSuchPosition} where there is none such */
export async function located(session: Session, number: number, where: Where): Promise<PageInstant> {
  const opened = session.recording(number);
  if ("text" in where) {
    await session.surveyed(number);
    return textAt(opened, where.text);
  }
  return placeAt(opened, where);
}

/** @throws {NoSuchPosition} */
function placeAt(opened: Opened, where: Exclude<Where, { text: string }>): PageInstant {
  const { events, recording, start, end } = opened;
  if ("snapshot" in where) {
    const snapshot = recording.snapshots.find(({ name }) => name === where.snapshot);
    if (snapshot === undefined) throw new NoSuchPosition(`there is no snapshot ${JSON.stringify(where.snapshot)}`);
    return events.instantAt({ seq: snapshot.seq, icount: snapshot.icount });
  }
  if ("ns" in where) {
    requireNumber("ns", where.ns, start.ns, end.ns);
    return events.atNs(where.ns);
  }
  if (!("icount" in where)) {
    requireNumber("seq", where.seq, start.seq, end.seq);
    return events.event(where.seq) ?? start;
  }
  requireNumber("icount", where.icount, start.icount, end.icount);
  if (!("seq" in where)) return where.icount === start.icount ? start : events.before(where.icount);
  requireNumber("seq", where.seq, start.seq, end.seq);
  return between(opened, where);
}

/** A seq and an icount make a position only where the icount lies between that event and the next. */
function between({ events, start, end }: Opened, { seq, icount }: { seq: number; icount: number }): PageInstant {
  const from = events.event(seq) ?? start;
  const until = events.event(seq + 1) ?? end;
  if (icount >= from.icount && icount <= until.icount) return events.instantAt({ seq, icount });
  throw new NoSuchPosition(
    `there is no icount ${String(icount)} after event ${String(seq)}: ` +
      `that one stands at ${String(from.icount)}, what follows at ${String(until.icount)}`,
  );
}

function requireNumber(name: string, value: number, from: number, until: number): void {
  if (Number.isSafeInteger(value) && value >= from && value <= until) return;
  throw new NoSuchPosition(
    `${name} ${String(value)} is outside of the recording: it goes from ${String(from)} to ${String(until)}`,
  );
}

function textAt({ survey, recording }: Opened, text: string): PageInstant {
  const found = [...survey.consoles.values()].flatMap((journal) => {
    const at = journal.find(text);
    const instant = at === undefined ? undefined : journal.instantOf(at);
    return instant === undefined ? [] : [instant];
  });
  const [first] = found.sort((a, b) => a.icount - b.icount);
  if (first !== undefined) return first;
  throw new NoSuchPosition(
    `no console prints ${JSON.stringify(text)}${recording.info.complete ? "" : " as far as the recording goes"}`,
  );
}
