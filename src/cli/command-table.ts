/** The commands by name. The one that is called is loaded, and no other: each brings much along. */
import { THREAD_COMMAND } from "../streams/session/query-pool/protocol.js";
import { WORKER_COMMAND } from "../streams/session/hunt/protocol.js";
import type { Command } from "./command.js";

type Table = Readonly<Record<string, () => Promise<Command>>>;

/** Those that people call, in the order of the help. */
const SHOWN: Table = {
  run: async () => (await import("./commands/run.js")).run,
  record: async () => (await import("./commands/record.js")).record,
  replay: async () => (await import("./commands/replay.js")).replay,
  info: async () => (await import("./commands/info.js")).info,
  index: async () => (await import("./commands/index-recording.js")).index,
  snapshots: async () => (await import("./commands/snapshots.js")).snapshots,
  events: async () => (await import("./commands/events.js")).events,
  schedule: async () => (await import("./commands/schedule.js")).schedule,
  verify: async () => (await import("./commands/verify.js")).verify,
  profile: async () => (await import("./commands/profile.js")).profile,
  query: async () => (await import("./commands/query.js")).query,
  diff: async () => (await import("./commands/diff.js")).diffCommand,
  whence: async () => (await import("./commands/whence.js")).whence,
  core: async () => (await import("./commands/core.js")).core,
  fork: async () => (await import("./commands/fork.js")).fork,
  minimize: async () => (await import("./commands/minimize.js")).minimize,
  causality: async () => (await import("./commands/causality.js")).causality,
  mcp: async () => (await import("./commands/mcp.js")).mcp,
  serve: async () => (await import("./commands/serve.js")).serve,
  dap: async () => (await import("./commands/dap.js")).dap,
  export: async () => (await import("./commands/export.js")).exportCommand,
  view: async () => (await import("./commands/view.js")).view,
  pack: async () => (await import("./commands/pack.js")).pack,
  "export-disk": async () => (await import("./commands/export-disk.js")).exportDisk,
  hunt: async () => (await import("./commands/hunt.js")).hunt,
  demo: async () => (await import("./commands/demo.js")).demo,
};

/** Those that the command itself calls. */
const INTERNAL: Table = {
  [WORKER_COMMAND]: async () => (await import("./commands/hunt-worker.js")).huntWorker,
  [THREAD_COMMAND]: async () => (await import("./commands/query-worker.js")).queryWorker,
};

export const COMMAND_NAMES: readonly string[] = Object.keys(SHOWN);

export const shownCommands = (): Promise<readonly Command[]> => Promise.all(Object.values(SHOWN).map((load) => load()));

export async function commandOf(name: string): Promise<Command | undefined> {
  const load = [SHOWN, INTERNAL].find((table) => Object.hasOwn(table, name))?.[name];
  return load?.();
}
