/** What happened in a window of the run, row by row: computed when it is looked at. */
import { devices, switches, syscalls, traps, type Trap } from "../../src/streams/past/query/index.js";
import type { Ask, PageRow, RowKind, Window } from "../protocol.js";
import { checkedWindow } from "./density.js";
import type { Opened } from "./opened.js";
import { eventRow, pageRow } from "./page-row.js";
import { checkedLimit, limited, readQuery, type Reader, type Told } from "./read-query.js";

/** Throws as a replay does. */
export async function windowRows(opened: Opened, { kind, window, limit }: Ask<"rows">, reader: Reader): Promise<Told> {
  const checked = checkedWindow(opened, window);
  if (kind === "events" || kind === "output") {
    const rows = kind === "events" ? eventsIn(opened, checked) : linesIn(opened, checked);
    return reader.turns.run(
      limited(rows, checkedLimit(limit), (row) => row, reader),
      { signal: reader.signal },
    );
  }
  await reader.turns.run(opened.learnNames(), { signal: reader.signal });
  return replayed[kind](opened, rangeOf(opened, checked), limit, reader);
}

interface Range {
  readonly from: number;
  readonly until: number;
}

const replayed: Readonly<
  Record<
    Exclude<RowKind, "events" | "output">,
    (opened: Opened, range: Range, limit: number, reader: Reader) => Promise<Told>
  >
> = {
  traps: (opened, range, limit, reader) =>
    readQuery(traps(opened.recording, range), limit, (row) => (row.isInterrupt ? undefined : trapRow(row)), reader),
  interrupts: (opened, range, limit, reader) =>
    readQuery(traps(opened.recording, range), limit, (row) => (row.isInterrupt ? trapRow(row) : undefined), reader),
  syscalls: (opened, range, limit, reader) =>
    readQuery(
      syscalls(opened.recording, range),
      limit,
      (row) => pageRow("syscalls", { ...row }, row.name ?? String(row.number)),
      reader,
    ),
  tasks: (opened, range, limit, reader) =>
    readQuery(switches(opened.recording, range), limit, (row) => pageRow("tasks", { ...row }, row.comm), reader),
  devices: (opened, range, limit, reader) =>
    readQuery(
      devices(opened.recording, range),
      limit,
      (row) => pageRow("devices", { ...row }, row.device ?? "nothing"),
      reader,
    ),
};

/** Without a0 to a7: they say something of a call alone. */
const trapRow = ({ args: _, ...row }: Trap): PageRow =>
  pageRow(row.isInterrupt ? "interrupts" : "traps", { ...row }, row.cause);

const rangeOf = ({ events, end }: Opened, { axis, from, until }: Window): Range =>
  axis === "icount"
    ? { from: Math.floor(from), until: Math.ceil(until) }
    : { from: events.atNs(from).icount, until: Math.min(events.atNs(until).icount, end.icount) };

const ROWS_A_STEP = 1024;

function* eventsIn({ recording, events, start }: Opened, { axis, from, until }: Window): Generator<readonly PageRow[]> {
  const first = axis === "icount" ? events.before(from) : events.atNs(from);
  let rows: PageRow[] = [];
  for (const event of recording.eventsFrom(Math.max(first.seq, start.seq + 1))) {
    const place = axis === "icount" ? event.icount : Number(event.ns);
    if (place > until) break;
    if (place >= from) rows.push(eventRow(event));
    if (rows.length < ROWS_A_STEP) continue;
    yield rows;
    rows = [];
  }
  yield rows;
}

/** As far as the survey has come. */
function* linesIn({ survey }: Opened, { axis, from, until }: Window): Generator<readonly PageRow[]> {
  const lines = [...survey.consoles].flatMap(([port, journal]) =>
    journal
      .lines(0, journal.length)
      .filter((line) => line[axis] >= from && line[axis] <= until)
      .map(({ start, end, seq, icount, ns }): PageRow => {
        const text = new TextDecoder().decode(journal.slice(start, end)).trimEnd();
        return {
          ...{ kind: "output", seq, icount, ns, hart: null, name: port, text },
          ...{ pc: null, function: null, line: null },
          details: [{ name: "offset", text: String(start) }],
        };
      }),
  );
  yield lines.sort((a, b) => a.icount - b.icount || a.seq - b.seq);
}
