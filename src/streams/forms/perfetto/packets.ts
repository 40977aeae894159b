/**
 * Perfetto's packets, in their protocol buffers: google/perfetto, protos/perfetto/trace/trace_packet.proto,
 * interned_data/interned_data.proto, track_event/*.proto and generic_kernel/generic_task.proto, whose field numbers
 * these are.
 */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

export type EventType = "begin" | "end" | "instant" | "counter";

export interface TrackEvent {
  readonly ns: bigint;
  readonly type: EventType;
  readonly track: bigint;
  readonly name?: string | undefined;
  readonly category?: string | undefined;
  /** Of a counter. */
  readonly value?: number | undefined;
  readonly notes?: Notes | undefined;
}

/** What stands beside an event: numbers, or texts. */
export type Notes = Readonly<Record<string, bigint | number | string | undefined>>;

export interface Track {
  readonly uuid: bigint;
  readonly name: string;
  readonly parent?: bigint | undefined;
  readonly process?: number | undefined;
  /** Its number, and its process'. */
  readonly thread?: { readonly pid: number; readonly tgid: number } | undefined;
  readonly isCounter?: boolean | undefined;
}

/** From here on, of a task of the guest's kernel. */
export interface TaskBecomes {
  readonly ns: bigint;
  readonly hart: number;
  readonly pid: number;
  readonly state: SchedulerState;
  readonly comm?: string | undefined;
  readonly priority?: number | undefined;
}

export type SchedulerState = keyof typeof TASK_STATE;

/** Names that are written once. Others are written each time. */
export const MAX_INTERNED_NAMES = 1 << 16;
/** Of those: a line of a console is seldom printed twice, and all of them are in memory. */
export const MAX_INTERNED_LETTERS = 256;

const TRACE = { packet: 1 } as const;
const PACKET = {
  ...{ timestamp: 8, sequenceId: 10, trackEvent: 11, internedData: 12, sequenceFlags: 13, trackDescriptor: 60 },
  taskState: 117,
} as const;
const STATE_CLEARED = 1;
const NEEDS_STATE = 2;
const INTERNED = { categories: 1, eventNames: 2, annotationNames: 3, iid: 1, name: 2 } as const;
const EVENT = { annotations: 4, categoryIids: 3, type: 9, nameIid: 10, track: 11, name: 23, counter: 30 } as const;
const EVENT_TYPE = { begin: 1, end: 2, instant: 3, counter: 4 } as const;
const ANNOTATION = { nameIid: 1, uint: 3, int: 4, string: 6 } as const;
const TRACK = { uuid: 1, name: 2, process: 3, thread: 4, parent: 5, counter: 8 } as const;
const PROCESS = { pid: 1, name: 6 } as const;
const THREAD = { pid: 1, tid: 2, name: 5 } as const;
const TASK = { cpu: 1, comm: 2, tid: 3, state: 4, priority: 5 } as const;
const TASK_STATE = {
  ...{ runnable: 2, running: 3, interruptibleSleep: 4, uninterruptibleSleep: 5, stopped: 6, dead: 7, destroyed: 8 },
} as const;
const SEQUENCE = 1;

/** One packet sequence, with its names. */
export class Packets {
  private readonly categories = new Interned();
  private readonly names = new Interned();
  private readonly noteNames = new Interned();
  private isFirst = true;

  track({ uuid, name, parent, process, thread, isCounter }: Track): Uint8Array {
    return this.packet((packet) => {
      packet.tag(PACKET.trackDescriptor, WireType.LengthDelimited).fork();
      packet.tag(TRACK.uuid, WireType.Varint).uint64(uuid);
      if (parent !== undefined) packet.tag(TRACK.parent, WireType.Varint).uint64(parent);
      if (process !== undefined) {
        packet.tag(TRACK.process, WireType.LengthDelimited).fork();
        packet.tag(PROCESS.pid, WireType.Varint).int32(process);
        packet.tag(PROCESS.name, WireType.LengthDelimited).string(name).join();
      } else if (thread !== undefined) {
        packet.tag(TRACK.thread, WireType.LengthDelimited).fork();
        packet.tag(THREAD.pid, WireType.Varint).int32(thread.tgid);
        packet.tag(THREAD.tid, WireType.Varint).int32(thread.pid);
        packet.tag(THREAD.name, WireType.LengthDelimited).string(name).join();
      } else packet.tag(TRACK.name, WireType.LengthDelimited).string(name);
      if (isCounter === true) packet.tag(TRACK.counter, WireType.LengthDelimited).fork().join();
      packet.join();
    });
  }

  event({ ns, type, track, name, category, value, notes = {} }: TrackEvent): Uint8Array {
    const written = Object.entries(notes).flatMap(([key, note]) => (note === undefined ? [] : [{ key, note }]));
    const [nameIid, categoryIid] = [this.names.of(name), this.categories.of(category)];
    const noteIids = written.map(({ key }) => this.noteNames.of(key));
    return this.packet((packet) => {
      packet.tag(PACKET.timestamp, WireType.Varint).uint64(ns);
      this.internedData(packet);
      packet.tag(PACKET.trackEvent, WireType.LengthDelimited).fork();
      if (categoryIid !== undefined) packet.tag(EVENT.categoryIids, WireType.Varint).uint64(categoryIid);
      for (const [index, { note }] of written.entries()) annotation(packet, noteIids[index] ?? 0, note);
      packet.tag(EVENT.type, WireType.Varint).uint32(EVENT_TYPE[type]);
      if (nameIid !== undefined) packet.tag(EVENT.nameIid, WireType.Varint).uint64(nameIid);
      packet.tag(EVENT.track, WireType.Varint).uint64(track);
      if (nameIid === undefined && name !== undefined) packet.tag(EVENT.name, WireType.LengthDelimited).string(name);
      if (value !== undefined) packet.tag(EVENT.counter, WireType.Varint).int64(Math.round(value));
      packet.join();
    });
  }

  /**
   * A GenericKernelTaskStateEvent. Its `cpu` is that of `running` alone, says the proto; trace_processor ends a slice
   * by it too.
   */
  taskState({ ns, hart, pid, state, comm, priority }: TaskBecomes): Uint8Array {
    return this.packet((packet) => {
      packet.tag(PACKET.timestamp, WireType.Varint).uint64(ns);
      packet.tag(PACKET.taskState, WireType.LengthDelimited).fork();
      packet.tag(TASK.cpu, WireType.Varint).int32(hart);
      if (comm !== undefined) packet.tag(TASK.comm, WireType.LengthDelimited).string(comm);
      packet.tag(TASK.tid, WireType.Varint).int64(pid);
      packet.tag(TASK.state, WireType.Varint).int32(TASK_STATE[state]);
      if (priority !== undefined) packet.tag(TASK.priority, WireType.Varint).int32(priority);
      packet.join();
    });
  }

  private packet(write: (packet: BinaryWriter) => void): Uint8Array {
    const trace = new BinaryWriter();
    trace.tag(TRACE.packet, WireType.LengthDelimited).fork();
    write(trace);
    trace.tag(PACKET.sequenceId, WireType.Varint).uint32(SEQUENCE);
    trace.tag(PACKET.sequenceFlags, WireType.Varint).uint32(this.isFirst ? STATE_CLEARED : NEEDS_STATE);
    this.isFirst = false;
    return trace.join().finish();
  }

  /** Those that this packet is the first to use. */
  private internedData(packet: BinaryWriter): void {
    const news = [
      [INTERNED.categories, this.categories.takeNews()],
      [INTERNED.eventNames, this.names.takeNews()],
      [INTERNED.annotationNames, this.noteNames.takeNews()],
    ] as const;
    if (news.every(([, entries]) => entries.length === 0)) return;
    packet.tag(PACKET.internedData, WireType.LengthDelimited).fork();
    for (const [field, entries] of news) {
      for (const { iid, name } of entries) {
        packet.tag(field, WireType.LengthDelimited).fork();
        packet.tag(INTERNED.iid, WireType.Varint).uint64(iid);
        packet.tag(INTERNED.name, WireType.LengthDelimited).string(name).join();
      }
    }
    packet.join();
  }
}

function annotation(packet: BinaryWriter, nameIid: number, note: bigint | number | string): void {
  packet.tag(EVENT.annotations, WireType.LengthDelimited).fork();
  packet.tag(ANNOTATION.nameIid, WireType.Varint).uint64(nameIid);
  if (typeof note === "string") packet.tag(ANNOTATION.string, WireType.LengthDelimited).string(note);
  else if (note < 0) packet.tag(ANNOTATION.int, WireType.Varint).int64(note);
  else packet.tag(ANNOTATION.uint, WireType.Varint).uint64(note);
  packet.join();
}

interface InternedName {
  readonly iid: number;
  readonly name: string;
}

class Interned {
  private readonly known = new Map<string, number>();
  private news: InternedName[] = [];

  /** Undefined: it is to be written as it is. */
  of(name: string | undefined): number | undefined {
    if (name === undefined) return undefined;
    const known = this.known.get(name);
    if (known !== undefined || name.length > MAX_INTERNED_LETTERS || this.known.size >= MAX_INTERNED_NAMES)
      return known;
    const iid = this.known.size + 1;
    this.known.set(name, iid);
    this.news.push({ iid, name });
    return iid;
  }

  takeNews(): readonly InternedName[] {
    const { news } = this;
    this.news = [];
    return news;
  }
}
