/** Records a machine until something is so: a recording for a test, made where it is needed. */
import { Subject, takeUntil } from "rxjs";

import { check } from "../../../options/check.js";
import { anyObject, call, exactly, flag, list, maybe, wholeFrom } from "../../../options/codecs.js";
import type { Backend } from "../../live/backend.js";
import { consoleBackend } from "../../live/backends/console.js";
import { disks } from "../../live/backends/disks.js";
import { entropy } from "../../live/backends/entropy.js";
import { hostClock } from "../../live/backends/host-clock.js";
import { record } from "../../live/recorder.js";
import { run } from "../../live/run.js";
import { script, type ScriptStep } from "../../live/script.js";
import type { Recording } from "../../past/recording.js";
import { memorySink } from "../../store/log/index.js";
import { Control, type Stopped } from "../../time/control.js";
import { checkTarget, type RunTarget } from "../../time/run-target.js";
import { MACHINE_OPTIONS, openMachine, type MachineOptions } from "../machine-options.js";
import { openRecording } from "../open-recording.js";
import { ConsoleText } from "./console-text.js";

export interface RecordUntilOptions {
  readonly machine: MachineOptions;
  /** What is typed. */
  readonly script?: readonly ScriptStep[] | undefined;
  /** Beside the host's clock, entropy, disks, and a console that nobody types at but the script. */
  readonly backends?: readonly Backend[] | undefined;
  /** An idle machine sleeps until its next timer. Default: its clock jumps there. */
  readonly sleep?: boolean | undefined;
  /** The host's time that it may take: 60,000. */
  readonly timeoutMs?: number | undefined;
}

/** What was waited for did not come. The message has what was printed last. */
export class RecordUntilError extends Error {
  override readonly name = "RecordUntilError";

  constructor(
    readonly code: "MACHINE_ENDED" | "TIMEOUT",
    message: string,
  ) {
    super(message);
  }
}

/** A JavaScript timer has 31 bits of ms. */
const LONG_WAIT_MS = 2 ** 31 - 1;
const DEFAULT_TIMEOUT_MS = 60_000;

const OPTIONS = exactly<RecordUntilOptions>({
  machine: MACHINE_OPTIONS,
  script: maybe(list(anyObject)),
  backends: maybe(list(call)),
  sleep: maybe(flag),
  timeoutMs: maybe(wholeFrom(1, LONG_WAIT_MS)),
});

/**
 * `until`: as for `Control.runUntil`: a text on a console, an event, a state, a place. A state is looked at every
 * 10,000 instructions where `every` says nothing else. The recording ends there, and carries its images. @throws
 * {RecordUntilError} @throws {OptionError}, and what `openMachine` and a run throw
 */
export async function recordUntil(options: RecordUntilOptions, until: RunTarget): Promise<Recording> {
  check("recordUntil", OPTIONS, options);
  checkTarget("recordUntil", until);
  const { script: steps = [], backends = [], sleep = false, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const opened = openMachine(options.machine);
  const { machine, header, contents, disks: images } = opened;
  const [sink, control, stop$, printed] = [
    memorySink(),
    new Control({ paused: true }),
    new Subject<void>(),
    new ConsoleText(),
  ];
  const terminal = consoleBackend({
    write: (bytes) => {
      printed.hear(bytes);
    },
  });
  const all = [terminal, hostClock(), entropy(), disks(images), script(steps).backend, ...backends];
  let isLate = false;
  let timer: NodeJS.Timeout | undefined;
  try {
    const ended = new Promise<void>((resolve, reject) => {
      run(machine, all, { sleep, control })
        .pipe(takeUntil(stop$), record(machine, sink, header, { contents }))
        .subscribe({ error: reject, complete: resolve });
    });
    // It is of no run before that is subscribed.
    const stopped = control.runUntil(lookedAtSometimes(until));
    timer = setTimeout(() => {
      isLate = true;
      void control.pause();
    }, timeoutMs);
    const [end] = await Promise.all([stopped, Promise.race([stopped, ended])]);
    stop$.next();
    await ended;
    if (end.cause !== "reached") throw notReached(end, isLate ? timeoutMs : undefined, printed);
  } finally {
    clearTimeout(timer);
    // A machine that nobody waits for any more would keep the process.
    stop$.next();
    opened.close();
    machine.release();
  }
  return openRecording(sink.bytes());
}

function notReached({ cause, position }: Stopped, lateMs: number | undefined, printed: ConsoleText): RecordUntilError {
  const where = `at instruction ${String(position.icount)}`;
  const why = lateMs === undefined ? `the machine ${cause} ${where}` : `${String(lateMs)} ms had passed ${where}`;
  const message = [`what the recording was to go to did not come: ${why}`, ...printed.lastLines()].join("\n");
  return new RecordUntilError(lateMs === undefined ? "MACHINE_ENDED" : "TIMEOUT", message);
}

const EVERY_INSNS = 10_000;

/** To take a state of each instruction would take a day. */
const lookedAtSometimes = (until: RunTarget): RunTarget =>
  typeof until === "object" && ("state" in until || "present" in until) ? { every: EVERY_INSNS, ...until } : until;
