/** A recording as a value in a program: what it is, its events, and every state that it went through. */
import { aControl, aRecording } from "../../options/parts.js";
import { concat, defer, ignoreElements, map, of, type Observable } from "rxjs";

import { check } from "../../options/check.js";
import { anything, exactly, having, maybe } from "../../options/codecs.js";
import { initialStateOver, segmentsAtReset, type Images } from "../../machine/initial-state.js";
import { Machine, type MachineOptions } from "../../machine/machine.js";
import type { EngineFactory } from "../../machine/engine/engine.js";
import type { MachineState } from "../../machine/state.js";
import { bootSymbols } from "../../machine/boot/boot-symbols.js";
import type { Symbol } from "../../machine/symbol-table.js";
import type { PlainPosition } from "../../reducers/position.js";
import { streamEventOf, type StreamEvent } from "../../reducers/stream-event.js";
import type { MachineConfig } from "../../reducers/machine-config.js";
import { closeAll, closingOnFailure, type HostDisk } from "../store/host-disk.js";
import type { ImageContents } from "../store/image-contents.js";
import {
  describedSnapshot,
  machineOf,
  type ImageDigest,
  LogError,
  type Log,
  type LogAppender,
  type SnapshotDescription,
} from "../store/log/index.js";
import { eventStream, eventStreamFrom, type EventStream } from "../time/event-stream.js";
import { pulled, type Demand } from "../time/pulled.js";
import { beforePosition, KeptStates } from "./kept-states.js";
import type { NameSource } from "./names/name-source.js";
import { linuxNames, type LinuxNames } from "./names/linux/index.js";
import { bootNames } from "./names/boot-names.js";
import { Names } from "./names/names.js";
import { recordedEvents } from "./recorded-events.js";
import { RecordingIndex, type IndexPlace } from "./recording-index.js";
import { ReplaySpeed } from "./replay-speed.js";
import { infoOf, type RecordingInfo } from "./recording-info.js";
import type { ReplayOptions } from "./paced-steps.js";
import { replay$, replaySteps } from "./replayer.js";
import { checkUntil, type Until } from "./until.js";
import { loadState } from "../store/saved-state/index.js";
import type { StateIndex } from "../store/state-index/index.js";
import { snapshotOf } from "../store/snapshot.js";

/** Where a recording lies, and what its machine is made of: files on a host, or bytes in a page. */
export interface RecordingPlace {
  /** The file that it is in; undefined: it is in none. */
  readonly path?: string | undefined;
  /** Where an image is now, as far as that is known without reading it. Default: where it was. */
  pathOf?(image: ImageDigest): string;
  /**
   * Called once at first, and again after something was appended. @throws {LogError} where it is damaged, or is no
   * recording.
   */
  openLog(): Log;
  /** Called once, when a machine is first needed. @throws {ImageError} where an image is missing or another. */
  openParts(
    config: MachineConfig,
    digests: readonly ImageDigest[],
    /** Those that the recording carries, by SHA-256. */
    carried: ReadonlyMap<string, ImageContents>,
  ): MachineParts;
  /** Adds to what `log` was opened from. @throws {LogError} where that can't be. */
  append(log: Log, add: (appender: LogAppender) => void): void;
  readonly engine: EngineFactory;
  /** What files that the user named say of the guest's names. Called once, when the first name is asked for. */
  readonly openNames?: (() => readonly NameSource[]) | undefined;
  /** Those files, where they are on a host: they can be handed on. */
  readonly nameFiles?: readonly string[] | undefined;
  /** The memory that states may take which a replay leaves on its way (512 MiB). */
  readonly keptBytes?: number | undefined;
  /** States that there are already. Default: none. */
  readonly kept?: KeptStates | undefined;
  /** Where states are kept between processes. Absent: nowhere. */
  readonly index?: IndexPlace | undefined;
}

/** The very bytes that were recorded. Nobody writes to them: states are made of them. */
export interface MachineParts {
  readonly images: Images;
  /** By virtio slot. */
  readonly disks: ReadonlyMap<number, HostDisk>;
  /** Of every file among them. */
  readonly contents: readonly ImageContents[];
}

const REPLAY_OPTIONS = exactly<ReplayOptions>({
  time: maybe(having("a HostTime", "monotonicMs", "nextTurn")),
  control: maybe(aControl),
});

const PLACE = having("a RecordingPlace", "openLog", "openParts", "append", "engine");

/** A part of an image in RAM. `fileOffset`: undefined where it was made of the image, as a device tree is. */
export interface PlacedImage {
  readonly role: string;
  readonly address: number;
  readonly bytes: number;
  readonly fileOffset: number | undefined;
}

export type MachineBuilder = (initial: MachineState, options: MachineOptions) => Machine;

export class Recording {
  private present: Log;
  readonly config: MachineConfig;
  /** As they were before something was appended. */
  private readonly earlier: Log[] = [];
  private opened: Opened | undefined;
  /** States on the way of every replay of it. */
  readonly kept: KeptStates;
  /** Of its replays until now. */
  readonly speed = new ReplaySpeed();
  private named: Names | undefined;
  /** States of earlier processes. */
  readonly index: RecordingIndex;
  /** "unsought" until a state is first asked for. */
  private usedIndex: StateIndex | undefined | "unsought" = "unsought";
  private kernelThere: LinuxNames | "none" | undefined;
  private started: MachineState | undefined;

  /** @throws {LogError} where it is damaged, or is no recording. Nothing runs yet, and no image is read. */
  constructor(private readonly place: RecordingPlace) {
    check("Recording", PLACE, place);
    this.kept = place.kept ?? new KeptStates(place.keptBytes);
    this.index = new RecordingIndex(
      place.index,
      () => this.log.identity,
      () => this.startState(),
    );
    this.present = place.openLog();
    try {
      this.config = machineOf(this.log.header);
    } catch (fault) {
      this.present.close();
      throw fault;
    }
  }

  get log(): Log {
    return this.present;
  }

  /** The file that it is in; undefined: it was opened from bytes. */
  get path(): string | undefined {
    return this.place.path;
  }

  /** What the user named for the names in it. */
  get nameFiles(): readonly string[] {
    return this.place.nameFiles ?? [];
  }

  /** What its machine starts from, each with its path as it is now. */
  get imageDigests(): readonly ImageDigest[] {
    const { place } = this;
    return this.log.header.images.map((image) => ({ ...image, path: place.pathOf?.(image) ?? image.path }));
  }

  /** What its machine starts from. @throws {ImageError} where one is missing or another. */
  get images(): Images {
    return this.open().images;
  }

  /** The named states in it, by position. */
  get snapshots(): readonly SnapshotDescription[] {
    return this.log.snapshots;
  }

  get info(): RecordingInfo {
    return infoOf(this.log, this.config);
  }

  get events$(): EventStream {
    return eventStreamFrom(() => this.eventsFrom());
  }

  /** From an event on, one after the other, as they are asked for. @throws {LogError} where it comes to damage */
  eventsFrom(seq = 1): Generator<StreamEvent, void> {
    return recordedEvents(this.log, this.config.shift, seq);
  }

  /**
   * A machine at the start of the recording, or in another of its states. @throws {ImageError} where an image is
   * missing or another.
   */
  openMachine(build?: MachineBuilder, from?: MachineState): Machine {
    return this.machineIn(from ?? this.startState(), build);
  }

  /** The images of its disks, by virtio slot. @throws {ImageError} */
  get disks(): ReadonlyMap<number, HostDisk> {
    return this.open().disks;
  }

  /** The bytes of every image of its machine, as `pack` puts them into a recording. @throws {ImageError} */
  get contents(): readonly ImageContents[] {
    return this.open().contents;
  }

  /** The latest state that is there, in memory or in the file, before a place, or at it. A replay goes on from it. */
  nearestTo(until: Until | undefined): MachineState {
    checkUntil("nearestTo", until);
    return this.nearest(until);
  }

  /** The state at a position, as a plain value. @throws {Divergence} @throws {PositionError} */
  at(until?: Until): MachineState {
    checkUntil("at", until);
    const steps = this.stepsTo(until);
    for (;;) {
      const { done, value } = steps.next();
      if (done === true) return value;
    }
  }

  /** `at`, a stretch at a time: tells how far it is, so that the host can have its turns meanwhile. */
  *stepsTo(until?: Until): Generator<PlainPosition, MachineState> {
    const nearest = this.nearest(until);
    if (this.isThere(nearest, until)) return nearest;
    const machine = this.machineIn(nearest);
    try {
      const steps = replaySteps(machine, this.log, until, { keeper: this.kept });
      for (const _ of this.speed.measured(machine, steps)) yield machine.position;
      const state = machine.state();
      this.kept.keep(state, isBetweenInstructions(until));
      return state;
    } finally {
      machine.release();
    }
  }

  /**
   * Brings a machine of `openMachine` to a position, and emits the state there; the host has its turns meanwhile. Where
   * it is unsubscribed before, the machine stands anywhere. Fails as `at` does.
   */
  seek$(machine: Machine, until?: Until, options?: ReplayOptions): Observable<MachineState> {
    checkUntil("seek$", until);
    check("seek$", maybe(REPLAY_OPTIONS), options);
    return defer(() => {
      machine.load(this.nearest(until));
      const arrival$ = defer(() => {
        const state = machine.state();
        this.kept.keep(state, isBetweenInstructions(until));
        return of(state);
      });
      const replayed$ = replay$(machine, this.log, until, { ...options, keeper: this.kept });
      return concat(replayed$.pipe(ignoreElements()), arrival$);
    });
  }

  /**
   * Replays on a machine of `openMachine`; each event is emitted after its fold. Read with `for await`, it waits for
   * its reader.
   */
  replay$(machine: Machine, until?: Until, options?: ReplayOptions): EventStream {
    checkUntil("replay$", until);
    check("replay$", maybe(REPLAY_OPTIONS), options);
    const shown = (demand?: Demand): Observable<StreamEvent> =>
      replay$(machine, this.log, until, { ...options, demand }).pipe(
        map((event) => streamEventOf(event, machine.virtualNs)),
      );
    return eventStream(shown(), pulled(shown));
  }

  /** Of its guest's program: from its images, the files that were named, and its kernel. @throws {ImageError} */
  get names(): Names {
    return (this.named ??= new Names(() => [
      ...bootNames(this.config.memoryBytes, this.open().images),
      ...(this.place.openNames?.() ?? []),
      ...(this.kernel === undefined ? [] : [this.kernel]),
    ]));
  }

  /**
   * The Linux kernel that is in memory at the end, with its names; undefined: there is none. Looked for where firmware
   * may have started one. @throws {Divergence} @throws {ImageError} as a replay to the end does
   */
  get kernel(): LinuxNames | undefined {
    if (this.kernelThere === undefined) {
      const { kernel } = this.open().images;
      this.kernelThere = (this.mayHaveKernel ? linuxNames(this.at(), kernel) : undefined) ?? "none";
    }
    return this.kernelThere === "none" ? undefined : this.kernelThere;
  }

  /** Whether firmware may have started one. Then its names, and what is where, are in the state at the end. */
  get mayHaveKernel(): boolean {
    return this.log.header.images.some(({ role }) => role === "bios");
  }

  /** Of its images that are ELF files. @throws {ImageError} */
  symbols(): readonly Symbol[] {
    return bootSymbols({ memoryBytes: this.config.memoryBytes, ...this.open().images });
  }

  /** What its images put into RAM at reset, with where in a file it is from. @throws {ImageError} */
  get segmentsAtReset(): readonly PlacedImage[] {
    const { images } = this.open();
    return segmentsAtReset(this.config, images).map(({ name, address, bytes }) => {
      const image = images[name as keyof Images];
      const isOfFile = image?.buffer === bytes.buffer;
      const fileOffset = isOfFile ? bytes.byteOffset - image.byteOffset : undefined;
      return { role: name, address: Number(address), bytes: bytes.length, fileOffset };
    });
  }

  /** The state of a snapshot. @throws {LogError} NO_SUCH_SNAPSHOT @throws {StateError} */
  snapshot(name: string): MachineState {
    return loadState(this.log.readSnapshot(name), this.initial());
  }

  /**
   * Puts the state at a position into the recording's file under a name; one of that name is replaced. What was
   * recorded stays as it is. @throws {LogError} where it was opened from bytes or is not closed.
   */
  saveSnapshot(name: string, until?: Until): SnapshotDescription {
    const snapshot = snapshotOf(name, this.at(until), this.log.header.images);
    this.append((appender) => {
      appender.snapshot(snapshot);
    });
    return describedSnapshot(snapshot);
  }

  /** Takes a snapshot's name away; its bytes stay in the file. @throws {LogError} */
  forgetSnapshot(name: string): void {
    this.log.readSnapshot(name);
    this.append((appender) => {
      appender.forget(name);
    });
  }

  /** From now on the states of its index serve it. Done by itself when one is first asked for. */
  useIndex(): void {
    this.usedIndex = this.index.openOrIgnore();
    if (this.usedIndex === undefined) return;
    this.kept.add(this.usedIndex, (fault) => {
      this.index.ignored(fault);
    });
  }

  /**
   * Another recording of the same images, such as a branch's; `own`: what it has itself. Its disks are this one's, who
   * closes them.
   */
  sibling(openLog: () => Log, own: Pick<RecordingPlace, "kept" | "path" | "nameFiles"> = {}): Recording {
    const { engine, openNames, nameFiles } = this.place;
    return new Recording({
      ...{ engine, openNames, nameFiles, openLog, ...own },
      openParts: () => this.open(),
      append: notAppended,
    });
  }

  /** Of one that is still made: what came to it since is seen too. */
  reread(): void {
    this.follow();
    if (this.kernelThere !== "none") return;
    this.kernelThere = undefined;
    this.named = undefined;
  }

  /** Lets go of its file and its disks' images. States that were taken stay what they are. */
  close(): void {
    for (const log of [this.log, ...this.earlier]) log.close();
    if (this.usedIndex !== "unsought") this.usedIndex?.close();
    if (this.opened !== undefined) closeAll(this.opened.disks);
  }

  private append(add: (appender: LogAppender) => void): void {
    this.place.append(this.log, add);
    this.follow();
  }

  private follow(): void {
    // Its disks may be read out of it.
    if (this.log.contents.size > 0) this.earlier.push(this.log);
    else this.log.close();
    this.present = this.place.openLog();
  }

  /** The pages of a state that it begins in are loaded once, and those at reset are not. */
  private machineIn(
    state: MachineState,
    build: MachineBuilder = (initial, options) => new Machine(initial, options),
  ): Machine {
    const { initial, disks } = this.open();
    // Whoever builds it of another state at reset begins there.
    return build(initial, { engine: this.place.engine, disks, state: state === initial ? undefined : state });
  }

  private initial(): MachineState {
    return this.open().initial;
  }

  private open(): Opened {
    this.opened ??= closingOnFailure((opened) => {
      const parts = this.place.openParts(this.config, this.log.header.images, this.log.contents);
      opened.push(...parts.disks.values());
      return { ...parts, initial: initialStateOver(this.config, parts.images) };
    });
    return this.opened;
  }

  private startState(): MachineState {
    return (this.started ??= (() => {
      const bytes = this.log.readStart();
      return bytes === undefined ? this.initial() : loadState(bytes, this.initial());
    })());
  }

  /** Whether a state is the one that is asked for: no machine has to load it. An icount alone has several. */
  private isThere({ position }: MachineState, until: Until | undefined): boolean {
    const { seq, icount } = typeof until === "number" ? { icount: until } : (until ?? this.log.end ?? {});
    return position.seq === seq && position.icount === icount;
  }

  /** The latest state, kept or in the recording, that is not behind the position. */
  private nearest(until: Until | undefined): MachineState {
    if (this.usedIndex === "unsought") this.useIndex();
    const isBefore = beforePosition(until);
    const nearest = this.kept.latest(isBefore) ?? this.startState();
    const saved = this.snapshots.filter(isBefore).at(-1);
    // Reading a state takes about as long as running so many instructions.
    if (saved === undefined || saved.icount - nearest.position.icount < saved.size * INSNS_A_SAVED_BYTE) return nearest;
    const state = this.snapshot(saved.name);
    this.kept.keep(state, false);
    return state;
  }
}

const INSNS_A_SAVED_BYTE = 4;

/** Of one that is still made. @throws {LogError} */
export function notAppended(): never {
  throw new LogError("NOT_CLOSED", "it is still being recorded: what is saved goes into it from where it now stands");
}

/** Before the events of an icount. After an event an instruction may be under way, which waited for it. */
const isBetweenInstructions = (until: Until | undefined): boolean =>
  typeof until === "number" || (until?.icount !== undefined && until.seq === undefined);

interface Opened extends MachineParts {
  readonly initial: MachineState;
}

/** The state of a recording at its end, or `until`. */
export const replay = (recording: Recording, options: { readonly until?: Until } = {}): MachineState => {
  check("replay", exactly<{ readonly recording: Recording }>({ recording: aRecording }), { recording });
  check("replay", exactly<typeof options>({ until: maybe(anything) }), options);
  return recording.at(options.until);
};
