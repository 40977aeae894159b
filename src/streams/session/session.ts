/** A machine on the standard streams, from reset to its end: what `foldvm run` and `foldvm record` do. */
import { lastValueFrom, takeWhile, tap, type Observable } from "rxjs";

import type { MachineState } from "../../machine/state.js";
import type { PositionedEvent } from "../../reducers/events.js";
import type { Stdio } from "../host/stdio.js";
import { disks as diskBackend } from "../live/backends/disks.js";
import { entropy } from "../live/backends/entropy.js";
import { hostClock } from "../live/backends/host-clock.js";
import type { DeviationOptions } from "../chaos/deviations-of.js";
import { record } from "../live/recorder.js";
import { isDeviation } from "../chaos/deviations.js";
import { wired } from "../live/run.js";
import type { LogSink } from "../store/log/index.js";
import type { LiveRows } from "../rows/index.js";
import type { NameSource } from "../past/names/name-source.js";
import { jointDemand } from "../time/joint-demand.js";
import { keeperOf, type StateKeeper } from "../store/state-keeper.js";
import { virtualScheduler } from "../time/schedulers.js";
import { Buttons } from "./buttons.js";
import type { OpenedMachine } from "./machine-options.js";
import { nicBackends } from "./nics.js";
import { runMeter } from "./run-statistics.js";
import { endedBy, type SessionEnd } from "./session-end.js";
import { ScriptError } from "./script-file.js";
import type { LiveTarget } from "./target/live-target.js";
import type { SessionRunOptions } from "./session-run-options.js";
import { openStreams, type SessionStreams, type StreamsOptions } from "./session-streams.js";
import { writeBack } from "./write-back.js";

export interface SessionOptions extends StreamsOptions, DeviationOptions, SessionRunOptions {
  readonly stdio: Stdio;
  /** Where the recording goes; absent: none is made. */
  readonly sink?: LogSink | undefined;
  /** Who is to have states on the way of the recording. */
  readonly keeperFrom?: ((start: MachineState) => StateKeeper) | undefined;
  /** Who reads what happens, row by row: of the same machine. */
  readonly rows?: LiveRows | undefined;
  /** Another one, made once the machine can be looked at; `live` has what is recorded of it until now. */
  readonly follow?:
    ((opened: OpenedMachine, live: LiveTarget, symbols?: readonly NameSource[]) => LiveRows) | undefined;
  /** Of the host's clock. */
  readonly timeoutMs?: number | undefined;
}

/** Fails with what the machine, the recorder or a backend fails with. */
export async function runSession(opened: OpenedMachine, options: SessionOptions): Promise<SessionEnd> {
  const { machine, header } = opened;
  const contents = options.carriesImages === true ? opened.contents : undefined;
  const { stdio, sink } = options;
  const buttons = new Buttons();
  const streams = await openStreams(opened, options, buttons);
  const { live } = streams;
  const readers = [options.rows, options.follow?.(opened, live, options.symbols)].filter((rows) => rows !== undefined);

  const startMs = performance.now();
  const startIcount = machine.position.icount;
  let deviations = 0;
  const meter = runMeter(machine);
  const told$ = readers.reduce(
    (events$, reader) => events$.pipe(reader.hear()),
    runOf(opened, { ...options, readers }, streams, buttons),
  );
  const run$ = told$.pipe(
    tap(({ event }) => {
      if (isDeviation(event)) deviations += 1;
    }),
    tap(meter.count),
  );
  const keeper = keeperOf([options.keeperFrom?.(machine.state()), streams.kept]);
  const recorded$ =
    sink === undefined
      ? run$
      : run$.pipe(record(machine, sink, header, { snapshots$: live.snapshots$, contents, keeper }));
  // A recording is closed, whatever the script says of the run.
  const events$ = recorded$.pipe(
    streams.check(machine, () =>
      buttons.cause === "timeout" ? `within ${String((options.timeoutMs ?? 0) / 1000)} s` : undefined,
    ),
  );
  let unkept: string | undefined;
  const stopListening = stdio.onSignal(buttons.switchOff);
  const stopTimeout = timeoutOf(options, buttons);
  try {
    await lastValueFrom(events$, { defaultValue: undefined });
  } catch (error) {
    if (!(error instanceof ScriptError) || options.script === undefined) throw error;
    unkept = options.script.explain(error);
  } finally {
    stopTimeout();
    stopListening();
    await streams.end();
  }
  writeBack(opened);
  if (streams.fault !== undefined) throw streams.fault;
  const { cause: machineCause = "", code: guestCode = 0 } = machine.ended ?? {};
  return {
    cause: buttons.cause ?? endedBy(machine.ended),
    guestCode,
    machineCause,
    diagnosis: machine.diagnosis,
    isMidLine: streams.isMidLine,
    unkept,
    position: machine.position,
    stateHash: machine.hash(),
    ranInsns: machine.position.icount - startIcount,
    deviations,
    elapsedMs: performance.now() - startMs,
    statistics: meter.read,
  };
}

/** The machine with all that is around it. */
function runOf(
  { machine, disks }: OpenedMachine,
  options: SessionOptions & { readonly readers: readonly LiveRows[] },
  { backends: consoles, demand, isConnected, isSilent$, isControlled, live }: SessionStreams,
  buttons: Buttons,
): Observable<PositionedEvent> {
  const {
    stdio,
    nics = [],
    endsAtReset = false,
    checkpointInsns,
    sleep = true,
    align = false,
    chaos,
    schedule,
    readers,
  } = options;
  const external = virtualScheduler(machine);
  const networks = nicBackends(machine.state().config, nics, external, (message) => {
    stdio.stderr.write(`foldvm: network: ${message}\n`);
  });
  const storage = diskBackend(disks, {
    onFault: ({ message }) => stdio.stderr.write(`foldvm: ${message}; the guest sees an I/O error\n`),
  });
  const backends = [...consoles, storage, ...networks, entropy(), hostClock(), buttons.backend];
  // From a network or a socket something may always come, and from who types at the monitor's.
  const ending = networks.length > 0 || isConnected ? {} : { inputEnded$: isSilent$ };
  const checkpoints = checkpointInsns === undefined ? {} : { checkpointInsns };
  const controlled = isControlled ? { control: live.control } : {};
  const events$ = wired(machine, backends, {
    external,
    demand: jointDemand([...(demand === undefined ? [] : [demand]), ...readers.map((reader) => reader.demand)]),
    sleep,
    align,
    chaos,
    schedule,
    ...checkpoints,
    ...ending,
    ...controlled,
  });
  return endsAtReset ? events$.pipe(takeWhile((event) => !isReset(event, buttons), true)) : events$;
}

function isReset({ event }: PositionedEvent, buttons: Buttons): boolean {
  if (event.type !== "machine/reset") return false;
  buttons.cause ??= "reset";
  return true;
}

/** Answers what takes it back. */
function timeoutOf({ timeoutMs }: SessionOptions, { switchOff }: Buttons): () => void {
  const timeout = setTimeout(() => {
    if (timeoutMs !== undefined) switchOff("timeout");
  }, timeoutMs ?? FOR_EVER_MS);
  return () => {
    clearTimeout(timeout);
  };
}

/**
 * The longest that a JavaScript timer can be. It also keeps the process while a machine sleeps without a timer of its
 * own.
 */
const FOR_EVER_MS = 0x7fff_ffff;
