/** The recording that a machine is making, read back until where it stands. */
import type { Machine } from "../../../machine/machine.js";
import { hostEngine } from "../../host/host-engine.js";
import { openLogFile } from "../../host/log-file.js";
import { KeptStates } from "../../past/kept-states.js";
import type { NameSource } from "../../past/names/name-source.js";
import { notAppended, Recording } from "../../past/recording.js";
import { endedAt, type Log } from "../../store/log/index.js";
import { runEnd } from "../../store/run-end.js";
import type { OpenedMachine } from "../machine-options.js";

export interface LiveRecordingOptions {
  /** The recording's file. */
  readonly path: string;
  /** Brings into it what happened until now. */
  readonly flush: () => void;
  readonly symbols: readonly NameSource[];
}

export class LiveRecording {
  /** States on the machine's way, so that its past is near. */
  readonly kept = new KeptStates();
  private made: Recording | undefined;

  constructor(
    private readonly opened: Pick<OpenedMachine, "machine" | "images" | "contents" | "disks">,
    private readonly options: LiveRecordingOptions,
  ) {}

  get recording(): Recording {
    this.options.flush();
    if (this.made === undefined) this.made = this.open();
    else this.made.reread();
    return this.made;
  }

  private open(): Recording {
    const { images, contents, disks, machine } = this.opened;
    const { path, symbols } = this.options;
    return new Recording({
      path,
      openLog: () => untilNow(openLogFile(path), machine),
      openParts: () => ({ images, contents, disks }),
      append: notAppended,
      engine: hostEngine,
      openNames: () => symbols,
      kept: this.kept,
    });
  }
}

const untilNow = (log: Log, machine: Machine): Log =>
  // The run may be over.
  log.end === undefined ? endedAt(log, runEnd(machine)) : log;
