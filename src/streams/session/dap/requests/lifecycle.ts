/** How a session begins and ends: the machine that it is about. */
import { anyObject, flag, list, maybe, text } from "../../../../options/codecs.js";
import { OptionError } from "../../../../options/option-error.js";
import { ReplayTarget, type ReplayTargetOptions } from "../../target/replay-target.js";
import { BranchingTarget } from "../../travel/branching-target.js";
import { openRecording } from "../../open-recording.js";
import { placeOf } from "../../place-words.js";
import { CAPABILITIES } from "../capabilities.js";
import { Debuggee } from "../debuggee.js";
import { move, tellStopped } from "../moves.js";
import { goOn } from "./running.js";
import { LaunchedTarget } from "../launched-target.js";
import type { Given } from "../launcher.js";
import { checked, request } from "../request.js";
import type { DapRequests, DapSession } from "../session.js";
import { SourcePaths, type SourceMap } from "../../source-paths.js";

/** How a machine is shown, whichever it is. */
interface Shown {
  readonly symbols?: readonly string[];
  readonly sourceMap?: SourceMap;
  readonly stopOnEntry?: boolean;
}
const SHOWN = { symbols: maybe(list(text)), sourceMap: maybe(anyObject), stopOnEntry: maybe(flag) };

interface Attach extends Shown {
  readonly recording?: string;
  readonly at?: string;
  readonly bios?: string;
  readonly kernel?: string;
  readonly initrd?: string;
  readonly dtb?: string;
  readonly drives?: readonly string[];
  readonly index?: string;
}

export const LIFECYCLE_REQUESTS: DapRequests = {
  initialize: request({}, () => CAPABILITIES),

  attach: request<Attach>(
    {
      ...SHOWN,
      recording: maybe(text),
      at: maybe(text),
      bios: maybe(text),
      kernel: maybe(text),
      initrd: maybe(text),
      dtb: maybe(text),
      drives: maybe(list(text)),
      index: maybe(text),
    },
    attach,
  ),

  launch: async (session, given) => {
    const { sourceMap, stopOnEntry = LAUNCH_DEFAULTS.stopOnEntry, symbols } = checked<Shown>(SHOWN, given);
    const paths = new SourcePaths(checkedMap(sourceMap), programsOf(given, symbols));
    const hearing = {
      ...hearingOf(session),
      said: (text: string) => {
        session.say(text.trimEnd());
      },
    };
    const machine = await session.launch(
      symbols === undefined ? given : { ...given, args: withSymbols(given, symbols) },
      hearing,
    );
    const target = new LaunchedTarget(machine.target, () => {
      session.end();
    });
    const ended = machine.ended.then(() => standAtEnd(session, target, machine.output, symbols));
    // Whoever goes on to the end waits for it.
    ended.catch((fault: unknown) => {
      session.say(fault instanceof Error ? fault.message : String(fault));
    });
    const close = async (): Promise<void> => {
      target.end();
      await machine.end();
    };
    begin(session, new Debuggee({ target, paths, close, ended: () => ended.catch(() => undefined) }), stopOnEntry);
    return undefined;
  },

  configurationDone: request({}, (session) => {
    const { debuggee } = session;
    session.soon(() => {
      if (session.stopsOnEntry) tellStopped(session, { reason: "entry", hart: turnOf(debuggee) });
      else move(session, () => goOn(session));
    });
    return undefined;
  }),

  disconnect: request({}, leave),
  terminate: request({}, (session) => {
    session.end();
    return undefined;
  }),
};

/** The run is over: what it was can be looked at, and gone back in. */
async function standAtEnd(
  session: DapSession,
  target: LaunchedTarget,
  path: string,
  symbols: readonly string[] | undefined,
): Promise<void> {
  const options: ReplayTargetOptions = { ...replayOptions(session, path), points: target.stops?.points };
  const recording = openRecording(path, { symbols });
  const first = new ReplayTarget(recording, options);
  await first.seek(placeOf("end")(recording));
  const last = new BranchingTarget(first, options);
  last.said$.subscribe((line) => {
    session.say(line);
  });
  target.become(last);
}

/** Those that a launch names. */
const programsOf = ({ kernel, bios }: Given, symbols: readonly string[] = []): readonly string[] =>
  [...symbols, kernel, bios].filter((program) => typeof program === "string");

/** As `--symbols` has them. */
const withSymbols = ({ args }: Given, symbols: readonly string[]): readonly unknown[] => [
  ...(Array.isArray(args) ? (args as readonly unknown[]) : []),
  ...["--symbols", symbols.join(",")],
];

const hearingOf = (session: DapSession): Pick<ReplayTargetOptions, "heard"> => ({
  heard: (effect, icount) => {
    session.heard(effect, icount);
  },
});

const replayOptions = (session: DapSession, path: string): ReplayTargetOptions => ({
  ...hearingOf(session),
  recordingName: path,
  failed: () => undefined,
  quit: () => {
    session.end();
  },
});

/** What is left out. */
export const ATTACH_DEFAULTS = { at: "start", stopOnEntry: true } as const;
export const LAUNCH_DEFAULTS = { force: false, stopOnEntry: false } as const;

async function attach(session: DapSession, asked: Attach): Promise<undefined> {
  const { recording: path, symbols, sourceMap, drives, index, ...more } = asked;
  const { at = ATTACH_DEFAULTS.at, stopOnEntry = ATTACH_DEFAULTS.stopOnEntry, ...images } = more;
  if (path === undefined) {
    throw new OptionError("recording: say which one to debug: a file that foldvm record made", { option: "recording" });
  }
  const recording = openRecording(path, { images, drives, symbols, index: index === "off" ? false : index });
  // A file that can't be read is told now, and not where a name is first asked for.
  if (symbols !== undefined) void recording.names.sources;
  const where = at === ATTACH_DEFAULTS.at ? undefined : placeOf(at)(recording);
  const options = replayOptions(session, path);
  const first = new ReplayTarget(recording, options);
  const target = new BranchingTarget(first, options);
  if (where !== undefined) await first.seek(where);
  begin(
    session,
    new Debuggee({
      target,
      paths: new SourcePaths(checkedMap(sourceMap), [
        ...(symbols ?? []),
        ...recording.imageDigests.map((image) => image.path),
        path,
      ]),
      close: () => {
        target.quit();
      },
    }),
    stopOnEntry,
  );
  return undefined;
}

/** Now the client may set what it has. */
function begin(session: DapSession, debuggee: Debuggee, stopsOnEntry: boolean): void {
  session.open(debuggee);
  debuggee.target.said$?.subscribe((line) => {
    session.say(line);
  });
  session.stopsOnEntry = stopsOnEntry;
  session.soon(() => {
    session.tell("initialized");
  });
}

/** The answer goes first. */
function leave(session: DapSession): undefined {
  session.soon(() => void session.leave());
  return undefined;
}

const turnOf = ({ target }: Debuggee): number => target.present().schedule.hart;

function checkedMap(map: SourceMap = {}): SourceMap {
  for (const [from, to] of Object.entries(map)) {
    if (typeof to !== "string") {
      throw new OptionError(`sourceMap: ${from}: give the folder that it is here, as a text`, { option: "sourceMap" });
    }
  }
  return map;
}
