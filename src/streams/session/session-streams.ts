/** What a session's machine is connected to: the standard streams, consoles, a monitor, and a script that types. */
import { map, merge, NEVER, of, ReplaySubject, type MonoTypeOperatorFunction, type Observable } from "rxjs";

import type { Machine } from "../../machine/machine.js";
import type { CharacterDeviceError } from "../host/character-device.js";
import type { OutputError } from "../host/output-error.js";
import { withoutInput, type Stdio } from "../host/stdio.js";
import type { Backend } from "../live/backend.js";
import type { HeldInput } from "../live/backends/typed-input.js";
import { script, type Script } from "../live/script.js";
import type { LogSink } from "../store/log/index.js";
import type { Buttons } from "./buttons.js";
import { openConsoles, type Consoles, type ConsolesOptions } from "./consoles.js";
import { sessionGdb, type SessionGdbOptions } from "./gdb/session-gdb.js";
import { LiveNames } from "./target/live-names.js";
import { LiveTarget } from "./target/live-target.js";
import { BranchingTarget } from "./travel/branching-target.js";
import { GrowingTarget } from "./travel/growing-target.js";
import { LiveRecording } from "./travel/live-recording.js";
import type { MonitorTarget } from "./target/target.js";
import type { StateKeeper } from "../store/state-keeper.js";
import type { ConsoleOutput } from "../host/terminal/stdio-output.js";
import type { Effect } from "../../reducers/effect.js";
import type { MonitorPlace } from "./monitor/monitor-place.js";
import { sessionMonitor, type SessionMonitor } from "./monitor/session-monitor.js";
import type { OpenedMachine } from "./machine-options.js";
import type { NameSource } from "../past/names/name-source.js";
import { OptionError } from "../../options/option-error.js";
import type { SessionScript } from "./script-file.js";
import { typing } from "./typing.js";
import { watchedOutput, type WatchedTexts } from "./watched-output.js";

export interface StreamsOptions extends WatchedTexts {
  readonly consoles?: ConsolesOptions | undefined;
  /**
   * At `stdio`, standard input is the monitor's, and not the guest's; on a terminal, Ctrl-A C changes between the two
   * anyway.
   */
  readonly monitor?: MonitorPlace | undefined;
  /** gdb may come there. At `stdio` nothing else can be. */
  readonly gdb?: SessionGdbOptions | undefined;
  /** The recording's file, for who asks the monitor for a snapshot. */
  readonly recordingName?: string | undefined;
  /** Where it lies, if it can be read while it is made: then a debugger goes back in it. */
  readonly recordingPath?: string | undefined;
  readonly debug?: SessionDebugger | undefined;
  /** Somebody else writes to standard output, so no console can be there. */
  readonly isOutputTaken?: boolean | undefined;
  /** Names for the monitor, beside those of the machine's images. */
  readonly symbols?: readonly NameSource[] | undefined;
  /** It stands still at the start, until a monitor or gdb lets it go. */
  readonly isStopped?: boolean | undefined;
  /** Types at the guest in the place of standard input; on a terminal, beside it. */
  readonly script?: SessionScript | undefined;
}

/** A debugger in this process: it may stop the machine, and hears what that does. */
export interface SessionDebugger {
  /** Before the machine does anything. */
  attach(target: MonitorTarget): void;
  heard(effect: Effect, icount: number): void;
}

export interface SessionStreams {
  readonly live: LiveTarget;
  /** Gets states on the machine's way, where somebody may go back. */
  readonly kept: StateKeeper | undefined;
  /** Whether somebody may stop the machine. */
  readonly isControlled: boolean;
  readonly backends: readonly Backend[];
  /** Whether something may come at any time. */
  readonly isConnected: boolean;
  readonly demand: Consoles["demand"];
  /** Whether nobody will type any more. */
  readonly isSilent$: Observable<boolean>;
  /** For the stream of the run: fails with a ScriptError where its end is not the script's. */
  readonly check: <T>(machine: Machine, within: () => string | undefined) => MonoTypeOperatorFunction<T>;
  readonly isMidLine: boolean;
  /** Of a console's file or socket, or of the standard output. */
  readonly fault: CharacterDeviceError | OutputError | undefined;
  end(): Promise<void>;
}

/** @throws {OptionError} @throws {CharacterDeviceError} */
export async function openStreams(
  opened: OpenedMachine,
  options: StreamsOptions & { readonly stdio: Stdio; readonly sink?: LogSink | undefined },
  buttons: Buttons,
): Promise<SessionStreams> {
  const { gdb, isStopped = false, expectText, failText, debug } = options;
  const stdio = gdb?.place === "stdio" ? withoutInput(options.stdio) : options.stdio;
  const { machine } = opened;
  const { switchOff, quit } = buttons;
  const { config } = machine.state();
  const { live, recorded } = liveOf(opened, options, buttons);
  let fault: CharacterDeviceError | OutputError | undefined;
  const failed = (error: CharacterDeviceError | OutputError): void => {
    fault ??= error;
    switchOff("consoleFailed");
  };
  const output = watchedOutput(stdio.stdout, { expectText, failText }, switchOff, failed);
  const target = recorded === undefined ? live : travelling(live, output, { quit, said: sayTo(stdio), debug });
  if (debug !== undefined) attach(debug, target, machine);
  const monitor = await sessionMonitor(target, stdio, { place: options.monitor, console: output, isStopped });
  const { typed$, isSilent$ } = typedAt(monitor, buttons, options.script);
  try {
    const isControlled = monitor.isOffered || gdb !== undefined || debug !== undefined;
    if (isStopped && !isControlled) throw new OptionError(NOBODY_TO_START_IT);
    const consoles = await openConsoles(config, options.consoles ?? {}, {
      typed$: (hasRoom$) => merge(typed$(hasRoom$), live.typed(hasRoom$)),
      write: (bytes) => {
        output.write(bytes);
      },
      failed,
    });
    const scripted = options.script === undefined ? undefined : scriptAt(consoles, options.script);
    if (gdb?.place === "stdio" && (consoles.areOnStdio || options.monitor === "stdio")) throw new OptionError(TAKEN);
    if (
      options.isOutputTaken === true &&
      (consoles.areOnStdio || options.monitor === "stdio" || gdb?.place === "stdio")
    )
      throw new OptionError(OUTPUT_TAKEN);
    const endGdb = gdb && (await sessionGdb(target, live, options.stdio, gdb));
    return {
      live,
      kept: recorded?.kept,
      isControlled,
      backends: [live.backend, ...consoles.backends, ...(scripted === undefined ? [] : [scripted.backend])],
      demand: consoles.demand,
      isConnected: consoles.isConnected || typeof options.monitor === "object" || gdb !== undefined,
      isSilent$: consoles.typedAt === undefined ? of(true) : (doneOf(scripted, monitor) ?? isSilent$),
      check: (running, within) => scripted?.check(running, within) ?? ((events$) => events$),
      get isMidLine() {
        return output.isMidLine;
      },
      get fault() {
        return fault;
      },
      end: async () => {
        await Promise.all([monitor.end(), endGdb?.(), output.end(), consoles.end()]);
      },
    };
  } catch (error) {
    await monitor.end();
    throw error;
  }
}

/** `recorded`: where its recording can be read while it is made. */
function liveOf(
  opened: OpenedMachine,
  options: Parameters<typeof openStreams>[1],
  { quit, reset }: Buttons,
): { readonly live: LiveTarget; readonly recorded: LiveRecording | undefined } {
  const { sink, recordingName = "the recording", recordingPath, isStopped = false, symbols = [] } = options;
  const { machine, images, probing } = opened;
  const names = new LiveNames(machine, images, symbols);
  const live = new LiveTarget(machine, {
    ...{ names, probing, recordingName: sink && recordingName, isStopped, reset, quit },
    recorded: () => recorded?.recording,
  });
  const flush = (): void => {
    live.snapshots$.next("flush");
  };
  const recorded =
    probing === undefined || recordingPath === undefined
      ? undefined
      : new LiveRecording(opened, { path: recordingPath, symbols, flush });
  return { live, recorded };
}

function attach(debug: SessionDebugger, target: MonitorTarget, machine: Machine): void {
  debug.attach(target);
  machine.listen((effect) => {
    debug.heard(effect, machine.presentIcount);
  });
}

/** What the past prints was printed; what a branch does was not. */
function travelling(
  live: LiveTarget,
  console: ConsoleOutput,
  {
    quit,
    said,
    debug,
  }: {
    readonly quit: () => void;
    readonly said: (line: string) => void;
    readonly debug: SessionDebugger | undefined;
  },
): MonitorTarget {
  const options = {
    quit,
    failed: () => undefined,
    heard: (effect: Effect, icount: number) => {
      if (effect.type === "console/transmitted") console.write(effect.bytes);
      debug?.heard(effect, icount);
    },
  };
  const target = new BranchingTarget(new GrowingTarget(live, options), options);
  target.said$.subscribe(said);
  return target;
}

const sayTo =
  ({ stderr }: Stdio) =>
  (line: string): void => {
    stderr.write(`foldvm: ${line}\n`);
  };

const NOBODY_TO_START_IT =
  "a machine that stands still at the start (-S) needs who lets it go: --gdb, --monitor, or a terminal";

const OUTPUT_TAKEN =
  "standard output is for the events (--events -): end each console elsewhere, such as --serial null or " +
  "--serial file:PATH, and so monitor and gdb; where something is to be typed, piped or by --script, name a file or " +
  "unix:PATH for the events";

const TAKEN =
  "gdb has the standard streams for itself (--gdb -): give each console and the monitor another place, such as " +
  "--serial null, file:PATH or unix:PATH";

/** What is typed on standard input, unless a script has its place: a terminal's keys always work. */
function typedAt(
  { console, typed }: SessionMonitor,
  { quit, reset }: Buttons,
  scripted: SessionScript | undefined,
): { readonly typed$: HeldInput; readonly isSilent$: Observable<boolean> } {
  if (scripted !== undefined && console.stdin.isTTY !== true) return { typed$: () => NEVER, isSilent$: NEVER };
  return typing(console, { quit, reset, monitor: typed });
}

/** At the console that standard input would be typed at. */
function scriptAt({ typedAt: console }: Consoles, { steps }: SessionScript): Script {
  if (console === undefined) throw new OptionError("script: no console is on the standard streams to type at");
  return script(steps, console === "uart16550" ? {} : { port: "virtioConsole", slot: console });
}

/** A script that is done is as an input that has ended, where nobody else can type. */
function doneOf(scripted: Script | undefined, { console }: SessionMonitor): Observable<boolean> | undefined {
  if (scripted === undefined || console.stdin.isTTY === true) return undefined;
  const done$ = new ReplaySubject<boolean>(1);
  scripted.done$.pipe(map(() => true)).subscribe(done$);
  return done$;
}
