/** What a trace shows of rows: which of them are slices, instants and counters, and on which tracks. */
import type { FormRow } from "../form-rows.js";
import { lettersOf } from "../letters.js";
import type { Notes, Packets, Track } from "./packets.js";
import { Rates, type RateAt } from "./rates.js";
import { Requests, type AnsweredRequest } from "./requests.js";
import { Scheduling } from "./scheduling.js";
import { Speed } from "./speed.js";
import { Tracks } from "./tracks.js";

interface Task {
  readonly pid: number;
  readonly tgid: number;
  readonly comm: string;
}

interface Running {
  readonly task: Task;
  readonly sinceNs: bigint;
  readonly notes: Notes;
}

type Shown = Generator<Uint8Array, void>;

export class Scene {
  private readonly tracks: Tracks;
  private readonly requests = new Requests();
  private readonly rates = new Rates();
  private readonly speed = new Speed();
  private readonly scheduling: Scheduling;
  /** By hart: the task that runs, and since when. */
  private readonly running = new Map<number, Running>();
  private lastNs = 0n;

  constructor(packets: Packets) {
    this.tracks = new Tracks(packets);
    this.scheduling = new Scheduling(packets);
  }

  *show(row: FormRow): Shown {
    if (row.ns > this.lastNs) this.lastNs = row.ns;
    const mips = this.speed.at(row);
    if (mips !== undefined) yield* this.counter("guest MIPS", mips.sinceNs, mips.value);
    for (const rate of this.rates.hear(row)) yield* this.rate(rate);
    const show = this.shows[row.kind];
    if (show !== undefined) yield* show(row);
    const request = this.requests.hear(row);
    if (request !== undefined) yield* this.answered(request);
  }

  /** What still runs ends with the last row. */
  *end(): Shown {
    for (const [hart, running] of this.running) yield* this.ran(hart, running.task, running, this.lastNs);
    this.running.clear();
    for (const rate of this.rates.end()) yield* this.rate(rate);
  }

  private readonly shows: Readonly<Record<string, (row: FormRow) => Shown>> = {
    switches: (row) => this.switched(row),
    syscalls: (row) => this.called(row),
    traps: (row) => this.trapped(row),
    calls: (row) => this.entered(row),
    output: (row) => this.printed(row),
    input: (row) => this.happened(row),
  };

  private *switched(row: FormRow): Shown {
    const hart = row.hart ?? 0;
    const before = this.running.get(hart);
    const previous = row["previous"] as Task;
    // Who ran first is known once it is left.
    yield* this.ran(hart, previous, before ?? { sinceNs: row.ns, notes: {} }, row.ns);
    this.running.set(hart, { task: taskOf(row), sinceNs: row.ns, notes: placeOf(row) });
    yield* this.scheduling.switched(row);
  }

  private *ran(hart: number, task: Task, { sinceNs, notes }: Omit<Running, "task">, endNs: bigint): Shown {
    if (task.pid === IDLE || sinceNs === endNs) return;
    yield* this.task(task);
    const name = `${task.comm} ${String(task.pid)}`;
    yield* this.tracks.slice(
      `hart ${String(hart)}`,
      { name: `hart ${String(hart)}`, parent: yield* this.harts() },
      {
        ...{ beginNs: sinceNs, endNs, name, category: "task", notes },
      },
    );
  }

  private *called(row: FormRow): Shown {
    const name = (row["name"] as string | undefined) ?? `system call ${String(row["number"])}`;
    const args = (row["args"] as readonly bigint[]).map((value, index) => [`a${String(index)}`, value]);
    const notes = { ...placeOf(row), ...(Object.fromEntries(args) as Notes), result: resultOf(row) };
    if (typeof row["pid"] !== "number") {
      yield* this.spanned("system calls", { name: "system calls" }, row, { name, category: "syscall", notes });
      return;
    }
    const task = taskOf(row);
    yield* this.task(task);
    yield* this.spanned(threadKey(task), threadTrack(task), row, { name, category: "syscall", notes });
  }

  private *trapped(row: FormRow): Shown {
    const name = String(row["cause"]);
    const hart = `hart ${String(row.hart)}`;
    const category = row["isInterrupt"] === true ? "interrupt" : "exception";
    const trapValue = category === "exception" ? (row["trapValue"] as bigint) : undefined;
    const notes = { ...placeOf(row), function: row["function"] as string | undefined, trapValue };
    const parent = yield* this.harts();
    yield* this.spanned(`${hart} traps`, { name: `${hart} traps`, parent }, row, { name, category, notes });
  }

  private *entered(row: FormRow): Shown {
    const name = String(row["function"]);
    const notes = { ...placeOf(row), caller: row["caller"] as string | undefined, result: resultOf(row) };
    yield* this.spanned(`calls ${name}`, { name: `calls of ${name}` }, row, { name, category: "call", notes });
  }

  private *printed(row: FormRow): Shown {
    const port = String(row["port"]);
    const track = yield* this.tracks.of(`console ${port}`, { name: `console ${port}` });
    const name = lettersOf(String(row["text"]));
    yield* this.tracks.event({ ns: row.ns, type: "instant", track, name, category: "console", notes: placeOf(row) });
  }

  private *happened(row: FormRow): Shown {
    const track = yield* this.tracks.of("inputs", { name: "inputs" });
    const name = String(row["type"]);
    yield* this.tracks.event({ ns: row.ns, type: "instant", track, name, category: "input", notes: placeOf(row) });
  }

  /** A slice to where it `returned`; one that did not is an instant. */
  private *spanned(
    key: string,
    track: Omit<Track, "uuid">,
    row: FormRow,
    what: { readonly name: string; readonly category: string; readonly notes: Notes },
  ): Shown {
    const endNs = (row["returned"] as { readonly ns: bigint } | undefined)?.ns;
    if (endNs !== undefined) yield* this.tracks.slice(key, track, { beginNs: row.ns, endNs, ...what });
    else yield* this.tracks.event({ ns: row.ns, type: "instant", track: yield* this.tracks.of(key, track), ...what });
  }

  private *answered({ device, ...request }: AnsweredRequest): Shown {
    const track = { name: `${device} requests`, parent: yield* this.devices() };
    yield* this.tracks.slice(device, track, { ...request, category: "device", isAlone: true });
  }

  private *rate({ name, ns, aSecond }: RateAt): Shown {
    yield* this.counter(`${name}/s`, ns, aSecond);
  }

  private *counter(name: string, ns: bigint, value: number): Shown {
    const track = yield* this.tracks.of(name, { name, isCounter: true });
    yield* this.tracks.event({ ns, type: "counter", track, value });
  }

  /** The track of a thread, in its process. */
  private *task(task: Task): Shown {
    const { pid, tgid, comm } = task;
    if (pid === tgid) yield* this.tracks.of(`process ${String(tgid)}`, { name: comm, process: tgid });
    yield* this.tracks.of(threadKey(task), threadTrack(task));
  }

  private harts(): Generator<Uint8Array, bigint> {
    return this.tracks.of("harts", { name: "harts" });
  }

  private devices(): Generator<Uint8Array, bigint> {
    return this.tracks.of("devices", { name: "devices" });
  }
}

const IDLE = 0;

const threadKey = ({ pid }: Task): string => `thread ${String(pid)}`;
const threadTrack = ({ pid, tgid, comm }: Task): Omit<Track, "uuid"> => ({ name: comm, thread: { pid, tgid } });

const taskOf = (row: FormRow): Task => {
  const [pid, tgid, comm] = [row["pid"], row["tgid"], row["comm"]];
  return { pid: Number(pid), tgid: Number(tgid), comm: String(comm) };
};

/** Where the recording has it, for who wants to be there. */
const placeOf = ({ seq, icount }: FormRow): Notes => ({ seq, icount });

/** Signed, as C has it. */
function resultOf(row: FormRow): bigint | string | undefined {
  const value = (row["returned"] as { readonly value?: unknown } | undefined)?.value;
  if (typeof value === "bigint") return BigInt.asIntN(64, value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" ? value : undefined;
}
