/** What a monitor works on: a machine that runs, or a recording that is replayed. */
import type { Observable } from "rxjs";

import type { Recording } from "../../past/recording.js";
import type { Inspected } from "../../../machine/inspect.js";
import type { MachineState } from "../../../machine/state.js";
import type { DebuggerEvent } from "../../../reducers/debugger.js";
import type { PlainPosition } from "../../../reducers/position.js";
import type { Control } from "../../time/control.js";
import type { LogSink, SnapshotDescription } from "../../store/log/index.js";
import type { Until } from "../../past/until.js";
import type { Hit, StopPoints } from "../stop-points/stop-points.js";
import type { Marks } from "./marks.js";
import type { SourceTree } from "../../past/whence/index.js";
import type { LinuxNames } from "../../past/names/linux/index.js";
import type { Names } from "../../past/names/names.js";

/** Where a target stops by itself. */
export interface Stops {
  readonly points: StopPoints;
  /** Changes them: what is watched follows. */
  set<T>(change: () => T): T;
  /** States that may have a place mapped that is asked for: this one first. */
  mapped(): readonly (() => Inspected)[];
}

/** A recording that can be asked. */
export interface Past {
  readonly recording: Recording;
  /** The first ones. @throws {MonitorError} INTERRUPTED where it is given up */
  rows<Row>(rows$: Observable<Row>, limit: number): Promise<readonly Row[]>;
  /** False: it was given up, and the tree is what was found until then. */
  grow(tree: SourceTree): Promise<boolean>;
  /** To the last hit of a stop point before here; undefined: there is none, and it stands at the start. */
  goBack(): Promise<Hit | undefined>;
  /** The last one between an instruction count and here; it stays where it is. */
  hitSince(icount: number): Promise<Hit | undefined>;
}

/** Machines of their own that leave what was recorded. */
export interface Branches {
  /** Goes on in a branch from where it stands. @throws {MonitorError} where there are too many, or no past */
  fork(): void;
  /** Back to what the branch left. @throws {MonitorError} where it is no branch */
  leave(): void;
  /** The recording of the branch that it is in, as far as it has come. @throws {MonitorError} where it is in none */
  save(sink: LogSink): void;
}

export interface MonitorTarget {
  /** What is running, in words: `recording`, `replay` ... */
  readonly mode: string;
  readonly control: Control;
  readonly names: Names;
  /** That of a Linux guest; undefined: there is none, or not yet. */
  readonly kernel: LinuxNames | undefined;
  /** Where a replay begins and ends. */
  readonly firstIcount?: number | undefined;
  readonly lastIcount?: number | undefined;
  /** Reading it changes nothing. */
  state(): MachineState;
  /** The hart to look at; undefined: the one whose turn it is. */
  hart?: number | undefined;
  /** The same without taking it, as that hart sees it: true until the machine goes on. */
  present(): Inspected;
  /** Undefined: it can't. */
  readonly stops?: Stops | undefined;
  /** Undefined: it has none yet. */
  readonly past?: Past | undefined;
  /** The call that was chosen to look at, where it stood then. */
  frame?: (PlainPosition & { readonly hart: number; readonly index: number }) | undefined;
  /** Goes to any position; a machine that runs can't. */
  readonly seek?: ((until: Until) => Promise<void>) | undefined;
  /** Gives up a seek or a question, which then fails; false where there is none. */
  giveUp?(): boolean;
  /** Places that have a name here. */
  readonly marks: Marks;
  /** The recording that its snapshots are in, in words: its file. */
  readonly recordingName: string;
  snapshots(): readonly SnapshotDescription[];
  /** One of that name is replaced. */
  saveSnapshot(name: string): SnapshotDescription;
  readonly loadSnapshot?: ((name: string) => Promise<void>) | undefined;
  deleteSnapshot(name: string): void;
  /**
   * What a debugger writes, where it stands: an event. In the past it makes a branch first. Undefined: nothing can be
   * written. @throws {NotWritableError} where not there
   */
  readonly write?: ((event: DebuggerEvent) => void) | undefined;
  readonly branches?: Branches | undefined;
  /** What it says by itself, a line each. */
  readonly said$?: Observable<string> | undefined;
  /** Of a live machine that is over: the guest's, or 0 where the guest did not end it. A recording has none. */
  readonly exitCode?: number | undefined;
  /** As the machine's: it stands behind a trap, in no state of its position. */
  readonly isMidway?: boolean;
  /** At the guest's console. @throws {MonitorError} where none is typed at. */
  readonly type?: ((bytes: Uint8Array) => void) | undefined;
  readonly reset?: (() => void) | undefined;
  quit(): void;
}
