/** A recording as a value in a program: what it is, its events, and every state that it went through. */
import { from, Observable } from "rxjs";
import { isRight } from "fp-ts/lib/Either.js";

import { initialState, type Images } from "../machine/initial-state.js";
import { isElf } from "../machine/elf.js";
import { Machine, type EngineFactory, type MachineOptions } from "../machine/machine.js";
import type { MachineState } from "../machine/state.js";
import { readSymbols, type Symbol } from "../machine/symbol-table.js";
import type { PositionedEvent } from "../reducers/events.js";
import { MachineConfig } from "../reducers/machine-config.js";
import { findImages, type ImageRole, type ImageSource } from "./images.js";
import { LogError, openLog, type Log } from "./log/index.js";
import { measuredEngine } from "./run-statistics.js";
import { replay as replayMachine, replay$, type Until } from "./replayer.js";

export interface RecordingOptions {
  /** Images that are not where they were when they were recorded. */
  readonly images?: Readonly<Partial<Record<ImageRole, ImageSource | undefined>>>;
  readonly engine?: EngineFactory;
}

export type MachineBuilder = (initial: MachineState, options: MachineOptions) => Machine;

export interface RecordingInfo {
  readonly machine: MachineConfig;
  readonly images: Log["header"]["images"];
  readonly formatVersion: number;
  readonly bytes: number;
  readonly segments: number;
  readonly events: number;
  /** Of the last position that the recording has. */
  readonly instructions: number;
  /** Whether it was closed; else it ends with the last segment that was written whole. */
  readonly complete: boolean;
  readonly cause: string | null;
  /** The hash of the last state, in hexadecimal; null where the recording was cut off. */
  readonly stateHash: string | null;
}

/** An Observable that can also be read with `for await`. */
export interface EventStream extends Observable<PositionedEvent>, AsyncIterable<PositionedEvent> {}

export class Recording {
  readonly log: Log;
  readonly config: MachineConfig;
  private opened: { images: Images; initial: MachineState } | undefined;
  /** States of earlier calls, to go on from. */
  private readonly kept: MachineState[] = [];
  private machine: Machine | undefined;

  /** @throws {LogError} where it is damaged, or is no recording. Nothing runs yet, and no image is read. */
  constructor(
    private readonly source: string | Uint8Array,
    private readonly options: RecordingOptions = {},
  ) {
    this.log = openLog(source);
    const decoded = MachineConfig.decode(this.log.header.machine);
    if (!isRight(decoded)) {
      throw new LogError("INVALID_HEADER", "the recording's machine configuration is not one that this version knows", {
        field:
          decoded.left[0]?.context
            .map(({ key }) => key)
            .join("/")
            .replace(/^\//, "") ?? "machine",
      });
    }
    this.config = decoded.right;
  }

  get info(): RecordingInfo {
    const { header, formatVersion, byteLength, segmentCount, eventCount, end } = this.log;
    return {
      machine: this.config,
      images: header.images,
      formatVersion,
      bytes: byteLength,
      segments: segmentCount,
      events: eventCount,
      instructions: end?.icount ?? this.lastIcount(),
      complete: end !== undefined,
      cause: end?.cause ?? null,
      stateHash: end === undefined ? null : end.hash.toString(16).padStart(16, "0"),
    };
  }

  get events$(): EventStream {
    const { log } = this;
    const events = { [Symbol.iterator]: () => log.events() };
    return Object.assign(from(events), { [Symbol.asyncIterator]: () => asyncIterator(log.events()) });
  }

  /** A machine at the start of the recording. @throws {ImageError} where an image is missing or another. */
  openMachine(build: MachineBuilder = (initial, options) => new Machine(initial, options)): Machine {
    return build(this.initial(), { engine: this.options.engine ?? measuredEngine });
  }

  /** The state at a position, as a plain value. @throws {Divergence} @throws {PositionError} */
  at(until?: Until): MachineState {
    this.machine ??= this.openMachine();
    this.machine.load(this.nearest(until));
    replayMachine(this.machine, this.log, until);
    const state = this.machine.state();
    this.keep(state);
    return state;
  }

  /** Replays on a machine of `openMachine`; each event is emitted after its fold. */
  replay$(machine: Machine, until?: Until): Observable<PositionedEvent> {
    return replay$(machine, this.log, until);
  }

  /** Of its images that are ELF files. @throws {ImageError} */
  symbols(): readonly Symbol[] {
    this.initial();
    return Object.entries(this.opened?.images ?? {}).flatMap(([role, bytes]: [string, Uint8Array | undefined]) =>
      bytes !== undefined && isElf(bytes) ? readSymbols(bytes, role) : [],
    );
  }

  private initial(): MachineState {
    const path = typeof this.source === "string" ? this.source : undefined;
    this.opened ??= (() => {
      const images = findImages(this.log.header.images, this.options.images ?? {}, path);
      return { images, initial: initialState(this.config, images) };
    })();
    return this.opened.initial;
  }

  /** The latest state kept that is not behind the position. */
  private nearest(until: Until | undefined): MachineState {
    const { seq = Infinity, icount = Infinity } = typeof until === "number" ? { icount: until } : (until ?? {});
    const bySeq = seq !== Infinity;
    const isBefore = ({ position }: MachineState): boolean =>
      bySeq ? position.seq < seq && position.icount <= icount : position.icount < icount;
    const before = this.kept.filter(isBefore).sort((a, b) => a.position.icount - b.position.icount);
    return before.at(-1) ?? this.initial();
  }

  private keep(state: MachineState): void {
    this.kept.push(state);
    if (this.kept.length > KEPT_STATES) this.kept.shift();
  }

  private lastIcount(): number {
    let last = 0;
    for (const { icount } of this.log.events()) last = icount;
    return last;
  }
}

/** States share what did not change, so a few cost little more than one. */
const KEPT_STATES = 16;

/** A damaged log rejects the promise that comes to the damage. */
const asyncIterator = <T>(iterator: Iterator<T, void>): AsyncIterator<T, void> => ({
  next: () =>
    new Promise((resolve) => {
      resolve(iterator.next());
    }),
  return: () => Promise.resolve(iterator.return?.() ?? { done: true, value: undefined }),
});

export const openRecording = (source: string | Uint8Array, options?: RecordingOptions): Recording =>
  new Recording(source, options);

/** The state of a recording at its end, or `until`. */
export const replay = (recording: Recording, { until }: { readonly until?: Until } = {}): MachineState =>
  recording.at(until);
