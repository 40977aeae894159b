/** A machine on the standard streams, from reset to its end: what `foldvm run` and `foldvm record` do. */
import { lastValueFrom, merge, of, tap } from "rxjs";

import { bootSymbols } from "../../machine/boot/boot-symbols.js";
import type { Symbol } from "../../machine/symbol-table.js";
import type { CharacterDeviceError } from "../host/character-device.js";
import type { OutputError } from "../host/output-error.js";
import { disks as diskBackend } from "../live/backends/disks.js";
import { entropy } from "../live/backends/entropy.js";
import { hostClock } from "../live/backends/host-clock.js";
import { writeBack } from "./write-back.js";
import type { LogSink } from "../store/log/index.js";
import type { OpenedMachine } from "./machine-options.js";
import { LiveTarget } from "./monitor/live-target.js";
import { Names } from "./monitor/names.js";
import type { MonitorPlace } from "./monitor/monitor-place.js";
import { sessionMonitor } from "./monitor/session-monitor.js";
import { nicBackends, type NicOptions } from "./nics.js";
import { record } from "../live/recorder.js";
import { wired } from "../live/run.js";
import { runMeter } from "./run-statistics.js";
import { virtualScheduler } from "../time/schedulers.js";
import type { SequenceOptions } from "../live/sequence/sequence-options.js";
import type { Stdio } from "../host/stdio.js";
import { Buttons } from "./buttons.js";
import { openConsoles, type ConsolesOptions } from "./consoles.js";
import { endedBy, type SessionEnd } from "./session-end.js";
import { typing } from "./typing.js";
import { watchedOutput, type WatchedTexts } from "./watched-output.js";

export interface SessionOptions extends SequenceOptions, WatchedTexts {
  readonly stdio: Stdio;
  /** Where the recording goes; absent: none is made. */
  readonly sink?: LogSink | undefined;
  readonly consoles?: ConsolesOptions | undefined;
  /** The machine's network cards, in order; absent, or without a `network`: nothing is plugged in. */
  readonly nics?: readonly NicOptions[] | undefined;
  /** At `stdio`, standard input is the monitor's, and not the guest's; on a terminal, Ctrl-A C changes between the two anyway. */
  readonly monitor?: MonitorPlace | undefined;
  /** Names for the monitor, beside those of the machine's images. */
  readonly symbols?: readonly Symbol[] | undefined;
  /** Of the host's clock. */
  readonly timeoutMs?: number | undefined;
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
    monitor: monitorPlace,
    symbols = [],
    ...sequencing
  } = options;
  const { config } = machine.state();
  const buttons = new Buttons();
  const { switchOff, quit, reset } = buttons;
  let consoleFault: CharacterDeviceError | OutputError | undefined;
  const failed = (error: CharacterDeviceError | OutputError): void => {
    consoleFault ??= error;
    switchOff("consoleFailed");
  };
  const output = watchedOutput(stdio.stdout, { expectText, failText }, switchOff, failed);
  const names = new Names(() => [...bootSymbols({ memoryBytes: config.memoryBytes, ...opened.images }), ...symbols]);
  const target = new LiveTarget(machine, { names, isRecorded: sink !== undefined, reset, quit });
  const monitor = await sessionMonitor(target, stdio, monitorPlace);
  const { typed$, isSilent$ } = typing(monitor.console, { quit, reset, monitor: monitor.typed });
  const consoles = await openConsoles(config, consolesOptions, {
    typed$: (hasRoom$) => merge(typed$(hasRoom$), target.typed(hasRoom$)),
    write: output.write,
    failed,
  }).catch(async (fault: unknown) => {
    await monitor.end();
    throw fault;
  });

  const startMs = performance.now();
  const meter = runMeter(machine);
  const external = virtualScheduler(machine);
  const networks = nicBackends(config, nics, external, (message) => {
    stdio.stderr.write(`foldvm: network: ${message}\n`);
  });
  const storage = diskBackend(disks, {
    onFault: ({ message }) => stdio.stderr.write(`foldvm: ${message}; the guest sees an I/O error\n`),
  });
  const devices = [...consoles.backends, storage, ...networks];
  const backends = [...devices, entropy(), hostClock(), buttons.backend];
  // From a network or a socket something may always come, and from who types at the monitor's.
  const mayAlwaysCome = networks.length > 0 || consoles.isConnected || typeof monitorPlace === "object";
  const ending = mayAlwaysCome ? {} : { inputEnded$: consoles.isTypedAt ? isSilent$ : of(true) };
  const { control, snapshots$ } = target;
  const how = { external, ...sequencing, ...ending, ...(monitor.isOffered ? { control } : {}) };
  const events$ = wired(machine, backends, how).pipe(tap(meter.count));
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
    await Promise.all([monitor.end(), output.end(), consoles.end()]);
  }
  writeBack(opened);
  if (consoleFault !== undefined) throw consoleFault;
  const { cause: machineCause = "", code: guestCode = 0 } = machine.ended ?? {};
  return {
    cause: buttons.cause ?? endedBy(machine.ended),
    guestCode,
    machineCause,
    diagnosis: machine.diagnosis,
    isMidLine: output.isMidLine,
    position: machine.position,
    stateHash: machine.hash(),
    elapsedMs: performance.now() - startMs,
    statistics: meter.read,
  };
}

/** The longest that a JavaScript timer can be. It also keeps the process while a machine sleeps without a timer of its own. */
const FOR_EVER_MS = 0x7fff_ffff;
