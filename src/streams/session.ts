/** A machine on the standard streams, from reset to its end: what `foldvm run` and `foldvm record` do. */
import { lastValueFrom, ReplaySubject, Subject, tap } from "rxjs";

import type { Machine } from "../machine/machine.js";
import type { Position } from "../reducers/events.js";
import { isGuestCause, type HostCause } from "../reducers/power.js";
import type { CharacterDeviceError } from "./backends/character-device.js";
import { disks as diskBackend } from "./backends/disks.js";
import { entropy } from "./backends/entropy.js";
import { hostClock } from "./backends/host-clock.js";
import { powerSwitch } from "./backends/power-switch.js";
import { stdioInput } from "./backends/stdio-input.js";
import { stdioOutput } from "./backends/stdio-output.js";
import { textWatch } from "./backends/text-watch.js";
import type { LogSink } from "./log/index.js";
import { writeBack } from "./disks/write-back.js";
import type { OpenedMachine } from "./machine-options.js";
import { LiveTarget } from "./monitor/live-target.js";
import { sessionMonitor } from "./monitor/session-monitor.js";
import { nicBackends, type NicOptions } from "./nics.js";
import { record } from "./recorder.js";
import { run } from "./run.js";
import { runMeter, type RunStatistics } from "./run-statistics.js";
import { virtualScheduler } from "./schedulers.js";
import type { SequenceOptions } from "./sequence/sequence-options.js";
import { openConsoles, type ConsolesOptions } from "./session-consoles.js";
import type { Signal, Stdio } from "./stdio.js";

export interface SessionOptions extends SequenceOptions {
  readonly stdio: Stdio;
  /** Where the recording goes; absent: none is made. */
  readonly sink?: LogSink | undefined;
  readonly consoles?: ConsolesOptions | undefined;
  /** Ends the session when the guest prints it. */
  readonly expectText?: string | undefined;
  readonly failText?: string | undefined;
  /** The machine's network cards, in order; absent, or without a `network`: nothing is plugged in. */
  readonly nics?: readonly NicOptions[] | undefined;
  /** Standard input is a monitor's, and not the guest's; on a terminal, Ctrl-A C changes between the two anyway. */
  readonly monitor?: boolean | undefined;
  /** Of the host's clock. */
  readonly timeoutMs?: number | undefined;
}

/** Why it ended: the guest switched itself off, or what the host had found first. */
export type SessionCause =
  | "guest"
  /** The machine can't go on: `machineCause` says why. */
  | "machine"
  | "expectText"
  | "failText"
  | "timeout"
  /** Its input has ended, and it waits for what can't come. */
  | "forsaken"
  | "quit"
  | "outputClosed"
  /** The session then fails with its error. */
  | "consoleFailed"
  | Signal;

export interface SessionEnd {
  readonly cause: SessionCause;
  /** The guest's exit code, where it switched itself off; else 0. */
  readonly guestCode: number;
  readonly machineCause: string;
  /** The output does not end with a whole line. */
  readonly isMidLine: boolean;
  readonly position: Position;
  readonly stateHash: bigint;
  readonly elapsedMs: number;
  readonly statistics: () => RunStatistics;
}

/** Fails with what the machine, the recorder or a backend fails with. */
export async function runSession(opened: OpenedMachine, options: SessionOptions): Promise<SessionEnd> {
  const { machine, header, disks } = opened;
  const {
    stdio,
    sink,
    consoles: consolesOptions = {},
    expectText,
    failText,
    timeoutMs,
    nics = [],
    monitor: isMonitored = false,
    ...sequencing
  } = options;
  // Also for what happens before somebody listens.
  const off$ = new ReplaySubject<HostCause>(1);
  let hostCause: SessionCause | undefined;
  const switchOff = (cause: SessionCause): void => {
    hostCause ??= cause;
    off$.next(HOST_CAUSES[cause] ?? "host-signal");
  };

  const output = stdioOutput(stdio.stdout, () => {
    switchOff("outputClosed");
  });
  const watch = textWatch({ failText, expectText }, switchOff);
  let isMidLine = false;
  const write = (bytes: Uint8Array): void => {
    isMidLine = bytes.at(-1) !== LINE_FEED;
    output.write(bytes);
    watch(bytes);
  };
  const inputEnded$ = new ReplaySubject<void>(1);
  const reset$ = new Subject<void>();
  const reset = (): void => {
    reset$.next();
  };
  const quit = (): void => {
    switchOff("quit");
  };
  const target = new LiveTarget(machine, { isRecorded: sink !== undefined, reset, quit });
  const monitor = sessionMonitor(target, stdio, isMonitored);
  const typed$ = stdioInput(monitor.console, {
    quit,
    reset,
    monitor: monitor.typed,
    ended: () => {
      if (!consoles.isConnected) inputEnded$.next();
    },
  });
  let consoleFault: CharacterDeviceError | undefined;
  const consoles = await openConsoles(machine.state().config, consolesOptions, {
    typed$,
    write,
    failed: (error) => {
      consoleFault ??= error;
      switchOff("consoleFailed");
    },
  });

  if (!consoles.isTypedAt && !consoles.isConnected) inputEnded$.next();

  const startMs = performance.now();
  const meter = runMeter(machine);
  const external = virtualScheduler(machine);
  const networks = nicBackends(machine.state().config, nics, external, (message) => {
    stdio.stderr.write(`foldvm: network: ${message}\n`);
  });
  const storage = diskBackend(disks, {
    onFault: ({ message }) => stdio.stderr.write(`foldvm: ${message}; the guest sees an I/O error\n`),
  });
  const devices = [...consoles.backends, storage, ...networks];
  const backends = [...devices, entropy(), hostClock(), powerSwitch({ off$, reset$ })];
  // A frame may always come.
  const ending = networks.length > 0 ? {} : { inputEnded$ };
  const { control, snapshots$ } = target;
  const how = { external, ...sequencing, ...ending, ...(monitor.isOffered ? { control } : {}) };
  const events$ = run(machine, backends, how).pipe(tap(meter.count));
  const stopListening = stdio.onSignal(switchOff);
  const timeout = setTimeout(() => {
    if (timeoutMs !== undefined) switchOff("timeout");
  }, timeoutMs ?? FOR_EVER_MS);
  try {
    await lastValueFrom(sink === undefined ? events$ : events$.pipe(record(machine, sink, header, { snapshots$ })), {
      defaultValue: undefined,
    });
  } finally {
    clearTimeout(timeout);
    stopListening();
    monitor.end();
    await Promise.all([output.end(), consoles.end()]);
  }
  writeBack(opened);
  if (consoleFault !== undefined) throw consoleFault;
  const { cause: machineCause = "", code: guestCode = 0 } = machine.ended ?? {};
  return {
    cause: hostCause ?? endedBy(machine.ended),
    guestCode,
    machineCause,
    isMidLine,
    position: machine.position,
    stateHash: machine.hash(),
    elapsedMs: performance.now() - startMs,
    statistics: meter.read,
  };
}

const endedBy = (ended: Machine["ended"]): SessionCause => {
  if (ended === null) return "forsaken";
  return isGuestCause(ended.cause) ? "guest" : "machine";
};

/** What a recording calls what ended it; all others are signals. */
const HOST_CAUSES: Readonly<Partial<Record<SessionCause, HostCause>>> = {
  quit: "host-ui",
  outputClosed: "host-error",
  consoleFailed: "host-error",
  expectText: "host-quit",
  failText: "host-quit",
  timeout: "host-quit",
};

const LINE_FEED = 0x0a;

/** The longest that a JavaScript timer can be. It also keeps the process while a machine sleeps without a timer of its own. */
const FOR_EVER_MS = 0x7fff_ffff;
