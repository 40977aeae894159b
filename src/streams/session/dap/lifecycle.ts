/** How a session begins and ends: the machine that it is about. */
import { anyObject, flag, list, maybe, text } from "../../../options/codecs.js";
import { OptionError } from "../../../options/option-error.js";
import { ReplayTarget, type ReplayTargetOptions } from "../monitor/replay-target.js";
import { BranchingTarget } from "../travel/branching-target.js";
import { openRecording } from "../open-recording.js";
import { placeOf } from "../place-words.js";
import { CAPABILITIES } from "./capabilities.js";
import { Debuggee } from "./debuggee.js";
import { move, tellStopped } from "./moves.js";
import { goOn } from "./running.js";
import { request } from "./request.js";
import type { DapRequests, DapSession } from "./session.js";
import { SourcePaths, type SourceMap } from "./source-paths.js";

interface Attach {
  readonly recording: string;
  readonly symbols?: readonly string[];
  readonly sourceMap?: SourceMap;
  readonly at?: string;
  readonly stopOnEntry?: boolean;
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
      recording: text,
      symbols: maybe(list(text)),
      sourceMap: maybe(anyObject),
      at: maybe(text),
      stopOnEntry: maybe(flag),
      bios: maybe(text),
      kernel: maybe(text),
      initrd: maybe(text),
      dtb: maybe(text),
      drives: maybe(list(text)),
      index: maybe(text),
    },
    attach,
  ),

  configurationDone: request({}, (session) => {
    session.soon(() => {
      if (session.stopsOnEntry) tellStopped(session, { reason: "entry", hart: turnOf(session.debuggee) });
      else move(session, () => goOn(session));
    });
    return undefined;
  }),

  disconnect: request({}, leave),
  terminate: request({}, leave),
};

async function attach(session: DapSession, asked: Attach): Promise<undefined> {
  const { recording: path, symbols, sourceMap, at, stopOnEntry = true, drives, index, ...images } = asked;
  const recording = openRecording(path, { images, drives, symbols, index: index === "off" ? false : index });
  const where = at === undefined ? undefined : placeOf(at)(recording);
  const options: ReplayTargetOptions = {
    recordingName: path,
    heard: (effect, icount) => {
      session.heard(effect, icount);
    },
    failed: () => undefined,
    quit: () => undefined,
  };
  const first = new ReplayTarget(recording, options);
  const target = new BranchingTarget(first, options);
  if (where !== undefined) await first.seek(where);
  begin(
    session,
    new Debuggee({
      target,
      paths: new SourcePaths(checkedMap(sourceMap)),
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
