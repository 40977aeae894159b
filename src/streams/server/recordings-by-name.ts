/** Recordings by the names under which they are served. */
import { basename } from "node:path";

import { LIVE_NAME, type LiveMachine } from "./live/live-machine.js";
import type { Recording } from "../past/recording.js";
import type { RecordingsServed } from "./route.js";

/** `boot` of `runs/boot.fold`; another of that name is `boot-2`. */
export function byName(files: readonly { readonly path: string; readonly recording: Recording }[]): RecordingsServed {
  const named = new Map<string, Recording>();
  for (const { path, recording } of files) {
    const name = basename(path).replace(/\.fold$/, "");
    let free = name;
    for (let count = 2; named.has(free); count += 1) free = `${name}-${String(count)}`;
    named.set(free, recording);
  }
  return { names: () => [...named.keys()], get: (name) => named.get(name) };
}

/** What is recorded of a machine that runs. */
export const ofLive = (live: LiveMachine): RecordingsServed => ({
  names: () => [LIVE_NAME],
  get: (name, signal) => (name === LIVE_NAME ? live.past(signal) : undefined),
});
