/** `foldvm serve --live`: a machine that records, and is looked at over HTTP while it does. */
import type { Stdio } from "../streams/host/stdio.js";
import { TemporaryFolder } from "../streams/host/temporary-folder.js";
import type { LiveMachine } from "../streams/server/index.js";
import type { Arguments } from "./arguments.js";
import { readAll, UsageError } from "./problems.js";
import { RECORD_OPTIONS, recorded } from "./recorded.js";
import { requireFile, STANDARD_STREAM } from "./standard-stream.js";
import { nameFilesIn } from "./symbols-option.js";

const { index: _index, monitor: _monitor, mon: _mon, ...OPTIONS } = RECORD_OPTIONS;

/** Those of `record`, but for a monitor and what is kept behind its end: its standard streams are the server's. */
export const LIVE_OPTIONS = OPTIONS;

/** Begins the machine, serves it with `serve`, and ends it when that is over. Nothing runs yet. @throws {UsageError} */
export function liveServer(
  args: Arguments<typeof LIVE_OPTIONS>,
): (stdio: Stdio, serve: (machine: LiveMachine, failed: AbortSignal) => Promise<void>) => Promise<void> {
  requirePlaces(args);
  const folder = args.has("output") ? undefined : new TemporaryFolder();
  const path = args.get("output") ?? folder?.file("live.fold") ?? "";
  const run = recorded(recordedTo(args, path, folder !== undefined));
  return async (stdio, serve) => {
    folder?.make();
    const { LiveMachine } = await import("../streams/server/index.js");
    const machine = new LiveMachine(path, nameFilesIn(args.get("symbols")));
    try {
      const failed = new AbortController();
      const ended = run(machine.stdio(stdio), { follow: machine.follow }).then(
        () => {
          machine.over();
        },
        (fault: unknown) => {
          failed.abort(fault);
        },
      );
      await Promise.race([machine.begun, ended]);
      // One that has ended is looked at on; one that fails ends all.
      if (!failed.signal.aborted) await serve(machine, failed.signal);
      machine.quit();
      await ended;
      failed.signal.throwIfAborted();
    } finally {
      folder?.remove();
    }
  };
}

/** Standard input and output are the server's console. @throws {UsageError} */
function requirePlaces(args: Arguments<typeof LIVE_OPTIONS>): void {
  const why = "the standard streams are the server's with --live";
  readAll({
    output: () => {
      requireFile("-o", args.get("output"), why);
    },
    events: () => {
      requireFile("--events", args.get("events"), why);
    },
    schedule: () => {
      requireFile("--schedule", args.get("schedule"), why);
    },
    gdb: () => {
      if (args.get("gdb") === STANDARD_STREAM) throw new UsageError(`--gdb -: ${why}; name a port or unix:PATH`);
    },
  });
}

/** As `record` takes it. Of a recording that is nobody's, nothing is said. */
const recordedTo = (
  args: Arguments<typeof LIVE_OPTIONS>,
  path: string,
  isQuiet: boolean,
): Arguments<typeof RECORD_OPTIONS> => {
  const isKnown = (name: string): name is keyof typeof LIVE_OPTIONS => Object.hasOwn(LIVE_OPTIONS, name);
  return {
    ...args,
    get: (name) => (name === "output" ? path : isKnown(name) ? args.get(name) : undefined),
    all: (name) => (isKnown(name) ? args.all(name) : []),
    has: (name) => name === "output" || (isQuiet && name === "quiet") || (isKnown(name) && args.has(name)),
  };
};
