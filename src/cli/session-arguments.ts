/** What `run` and `record` have in common: a machine on the standard streams, and what ends it. */
import type { ConsoleName } from "../streams/session/consoles.js";
import { runSession, type SessionOptions } from "../streams/session/session.js";
import type { SessionEnd } from "../streams/session/session-end.js";
import type { ConsolePlace } from "../streams/session/consoles.js";
import { withoutInput, type Stdio } from "../streams/host/stdio.js";
import type { Arguments } from "./arguments.js";
import { kindOfFile } from "../streams/host/file-kind.js";
import { readScheduleStream, requireFitting } from "../streams/session/schedule-file.js";
import { readScript } from "../streams/session/script-file.js";
import type { GdbPlace } from "../streams/session/gdb/server.js";
import type { MonitorPlace } from "../streams/session/monitor/monitor-place.js";
import { chaosWords, deviationArguments, DEVIATION_OPTIONS } from "./chaos-arguments.js";
import { chardevPlace, chardevPlaces } from "./chardev-arguments.js";
import { EVENTS_OPTIONS, eventsArguments, isAsking, withEvents } from "./events-arguments.js";
import { gdbPlace } from "./gdb-arguments.js";
import { KeyValues } from "./key-values.js";
import { readAll, readEach, UsageError } from "./problems.js";
import { requireImagesKept } from "./overwritten-input.js";
import { pathOfState } from "../streams/host/state-file.js";
import { EXIT } from "./exit-codes.js";
import { consoleName, consolePlace, monitorPlace, virtioConsolePlaces } from "./console-arguments.js";
import { missedDeviations } from "./deviation-report.js";
import { deviceTreeOutput } from "./qemu-arguments.js";
import { paceOf } from "./machine-arguments.js";
import { START_OPTIONS, startingPoint, type StartingPoint } from "./starting-point.js";
import { OUTCOME_OPTION } from "./outcome.js";
import { Probing } from "../streams/session/machine-options.js";
import { namesIn, SYMBOLS_OPTION } from "./symbols-option.js";
import { STANDARD_STREAM } from "./standard-stream.js";
import { checkStatistics, STATISTICS_OPTION } from "./statistics.js";
import { integer, seconds } from "./values.js";

export const SESSION_OPTIONS = {
  ...START_OPTIONS,
  serial: {
    value: "PLACE",
    file: "written",
    help: "where the UART ends: stdio (default), null, file:PATH or unix:PATH",
  },
  console: {
    value: "SLOT=PLACE,...",
    file: "written",
    help: "where virtio consoles end, by their slot; default: stdio",
  },
  input: { value: "uart|virtio|SLOT", help: "the console that is typed at, of those on stdio (uart)" },
  "expect-text": { value: "TEXT", help: "end with exit code 0 when the guest prints it" },
  "fail-text": { value: "TEXT", help: `end with exit code ${String(EXIT.textFailed)} when the guest prints it` },
  timeout: { value: "SECONDS", help: `end after this time, with exit code ${String(EXIT.timeout)}` },
  "timeout-exit-code": { value: "N", help: "another exit code for that" },
  stopped: { short: "S", help: "stand still at the start until a monitor or gdb lets it go" },
  "no-reboot": { help: "a reset ends the run" },
  mon: { value: "chardev=ID", isQemuOnly: true, help: "" },
  script: {
    value: "FILE",
    file: "read",
    help: 'type as the file says: lines wait "TEXT", type "TEXT\\n", expect-exit CODE',
  },
  ...EVENTS_OPTIONS,
  ...DEVIATION_OPTIONS,
  ...OUTCOME_OPTION,
  nodefaults: { isQemuOnly: true, help: "" },
  monitor: {
    value: "unix:PATH",
    isOptional: true,
    help: "a monitor at a socket, or on standard input, for a script on a pipe; on a terminal Ctrl-A C leads there anyway",
  },
  gdb: {
    value: "[HOST:]PORT|unix:PATH|-",
    help: "gdb may come there: it stands while gdb says so; -: on the standard streams, of a gdb that began this",
  },
  gdbserver: { short: "s", help: "the same as --gdb :1234" },
  ...SYMBOLS_OPTION,
  quiet: { short: "q", help: "say nothing about the run" },
  ...STATISTICS_OPTION,
} as const;

export type SessionArguments = Arguments<typeof SESSION_OPTIONS>;

/** A session that was asked for. */
export interface SessionPlan extends StartingPoint {
  /** Runs it and answers how it ended. */
  readonly run: (stdio: Stdio, more?: Partial<SessionOptions>) => Promise<PlannedEnd>;
  readonly chaos: SessionOptions["chaos"];
  /** The file that the device tree is written into, in place of a run. */
  readonly deviceTreeOutput: string | undefined;
  /** Its script says which code the guest ends with. */
  readonly expectsExit: boolean;
}

/** How it ended, and what of its deviations it did not have. */
export type PlannedEnd = SessionEnd & { readonly missed: string | undefined };

const TWO_READERS =
  "--schedule - and --gdb -: both want standard input; name a file with --schedule FILE, or a place with --gdb :PORT";

/** Nothing runs yet. @throws {UsageError} */
export function sessionPlan(args: SessionArguments): SessionPlan {
  const asked = readSession(args);
  const { start, deviations, monitor, gdb, script, events } = asked;
  const { devices, warning } = start;
  if (deviations.schedule === STANDARD_STREAM && gdb === "stdio") throw new UsageError(TWO_READERS);
  const session = {
    consoles: {
      places: new Map<ConsoleName, ConsolePlace>([...devices.consoles, ...asked.consoles]),
      input: asked.input,
    },
    nics: devices.cards,
    ...asked.pace,
    chaos: deviations.chaos,
    monitor,
    ...asked.ends,
    script,
    isStopped: args.has("stopped"),
    isOutputTaken: events?.place === STANDARD_STREAM,
    endsAtReset: args.has("no-reboot"),
  };
  const last = script?.steps.at(-1);
  const isMute = args.has("nodefaults") && !args.has("serial");
  return {
    ...start,
    chaos: deviations.chaos,
    deviceTreeOutput: asked.deviceTree,
    expectsExit: last !== undefined && "expectExit" in last,
    async run(stdio, more = {}) {
      // A monitor that was asked for, or a debugger, can stop it anywhere. Code for that is a little slower.
      const isFollowed = more.debug !== undefined || more.follow !== undefined;
      const isStoppable = monitor !== undefined || gdb !== undefined || isFollowed;
      const opened = start.open(isStoppable || isAsking(events) ? new Probing() : undefined);
      const say = (line: string): void => {
        if (!args.has("quiet")) stdio.stderr.write(`foldvm: ${line}\n`);
      };
      if (isMute) say(NO_UART);
      if (warning !== undefined) say(`warning: ${warning}`);
      if (deviations.chaos !== undefined && deviations.isSeedNew) say(`chaos: ${chaosWords(deviations.chaos)}`);
      if (stdio.stdin.isTTY === true) say("Ctrl-A X quits, Ctrl-A H helps");
      try {
        requireImagesKept(args, opened.header.images, stateFile(args));
        const isPiped = deviations.schedule === STANDARD_STREAM;
        const schedule = isPiped ? await readScheduleStream(stdio.stdin) : deviations.schedule;
        if (schedule !== undefined) requireFitting(schedule, opened.machine);
        const streams = isPiped ? withoutInput(stdio) : stdio;
        const symbols = namesIn(args.get("symbols"));
        const listens = (address: string): void => {
          say(`gdb may come: target remote ${address}`);
        };
        const wanted = { ...session, gdb: gdb && { place: gdb, listens }, schedule: schedule?.deviations, ...more };
        const told = { opened, stdio: streams, symbols, say };
        const end = await withEvents(events, told, (rows) =>
          runSession(opened, { stdio: streams, symbols, rows, ...wanted }),
        );
        return { ...end, missed: missedDeviations(end, { chaos: deviations.chaos, schedule }) };
      } finally {
        opened.close();
      }
    },
  };
}

/** All that is wrong with it is said at once. */
const readSession = (args: SessionArguments) =>
  readAll({
    start: () => startingPoint(args),
    deviations: () => deviationArguments(args),
    consoles: () => consolePlaces(args),
    input: () => (args.has("input") ? consoleName("--input", args.get("input") ?? "") : undefined),
    script: () => (args.has("script") ? readScript(args.get("script") ?? "") : undefined),
    deviceTree: () => deviceTreeOutput(args),
    pace: () => paceOf(args),
    monitor: () => monitorOf(args),
    gdb: () => gdbOf(args),
    events: () => eventsArguments(args),
    ends: () => ({
      expectText: args.get("expect-text"),
      failText: args.get("fail-text"),
      timeoutMs: timeoutMsOf(args),
    }),
    timeoutExitCode: () => timeoutExitCode(args),
    statistics: () => {
      checkStatistics(args);
    },
    operands: () => {
      checkOperands(args.operands);
    },
  });

/** @throws {UsageError} with what to type instead. */
export function checkOperands(operands: readonly string[]): void {
  readEach(operands, (operand) => {
    throw new UsageError(insteadOf(operand));
  });
}

function insteadOf(operand: string): string {
  if (operand.startsWith("qemu-system-")) return `leave ${operand} out: foldvm stands for it`;
  switch (kindOfFile(operand)) {
    case "elf":
      return `${operand} is a program: foldvm run --bios none --kernel ${operand}`;
    case "linuxImage":
      return `${operand} is a Linux kernel: foldvm run --bios default --kernel ${operand}`;
    case "recording":
      return `${operand} is a recording: foldvm replay ${operand}`;
    case "savedState":
      return `${operand} is a saved state: foldvm run --from ${operand}`;
    default:
      return `what is ${operand} for? No option takes it; a program is named with --kernel FILE, and a value with spaces needs quotes`;
  }
}

export function timeoutExitCode(args: SessionArguments): number {
  const value = args.get("timeout-exit-code");
  if (value === undefined) return EXIT.timeout;
  const code = integer("--timeout-exit-code", value);
  if (code > 255) throw new UsageError(`--timeout-exit-code ${value}: a process has exit codes 0 to 255`);
  return code;
}

function consolePlaces(args: SessionArguments): ReadonlyMap<ConsoleName, ConsolePlace> {
  const chardevs = chardevPlaces(args);
  const serial = args.get("serial") ?? (args.has("nodefaults") ? "null" : undefined);
  const { uart, virtio } = readAll({
    uart: () => (serial === undefined ? [] : [["uart16550", consolePlace("--serial", serial, chardevs)] as const]),
    virtio: () => virtioConsolePlaces(args.get("console")),
  });
  return new Map<ConsoleName, ConsolePlace>([...uart, ...virtio]);
}

/** Images are looked for beside it. */
const stateFile = (args: SessionArguments): string | undefined => {
  const from = args.get("from");
  return from === undefined ? undefined : pathOfState(from);
};

const NO_UART = "warning: --nodefaults leaves the UART without a place, so nothing of it is shown; add --serial stdio";

/** --monitor, or QEMU's longer way to say it. */
function monitorOf(args: SessionArguments): MonitorPlace | undefined {
  const mon = args.get("mon");
  if (mon === undefined) return monitorPlace(args.get("monitor"));
  const values = new KeyValues("--mon", mon, "chardev");
  values.choice("mode", ["readline"]);
  values.finish("use chardev= and mode=readline");
  const place = chardevPlace("--mon", values.word, chardevPlaces(args));
  if (place === "stdio") return undefined;
  if (place.kind === "unix" && place.server) return place;
  throw new UsageError(`--mon ${mon}: a monitor is at stdio or at a socket with server=on`);
}

/** --gdb, or QEMU's shorter way to say it. */
function gdbOf(args: SessionArguments): GdbPlace | undefined {
  if (!args.has("gdbserver")) return gdbPlace("--gdb", args.get("gdb"));
  if (!args.has("gdb")) return gdbPlace("-s", ":1234");
  throw new UsageError("-s is --gdb :1234: leave one of them out");
}

const timeoutMsOf = (args: SessionArguments): number | undefined => {
  const timeout = args.get("timeout");
  return timeout === undefined ? undefined : seconds("--timeout", timeout) * 1000;
};
