/** What a recording is, for a page that has just opened it. */
import type { Parent, Summary } from "../protocol.js";
import { kindOf } from "./event-index.js";
import type { Opened } from "./opened.js";

/** Instructions; about two seconds of a browser's. */
const NEAR_INSNS = 100_000_000;

export function summaryOf(opened: Opened, number: number, all: readonly Opened[]): Summary {
  const { recording, events, start, end, source, files } = opened;
  const { info, config, log } = recording;
  return {
    recording: number,
    name: source.name,
    digest: info.digest,
    harts: config.harts,
    memoryBytes: config.memoryBytes,
    machine: machineRows(opened),
    start,
    end,
    isEndNear: source.live !== undefined || isEndNear(opened),
    events: info.events,
    types: events.types.map((type, at) => ({ type, kind: kindOf(type), count: events.counts[at] ?? 0 })),
    isComplete: info.complete,
    isLive: source.live !== undefined,
    cause: info.cause,
    guestCode: info.guestCode,
    endHash: info.stateHash,
    images: info.images.map(({ role, path, sha256, size, embedded }) => ({
      role,
      name: baseName(path),
      sha256,
      size,
      isHere: embedded || files.images.has(sha256) || role.startsWith("drive"),
    })),
    snapshots: log.snapshots.map(({ name, seq, icount }) => ({ name, ...events.instantAt({ seq, icount }) })),
    parent: parentOf(opened, all),
  };
}

/** From its start, or from a state that is there. What a replay of it lacks, the first moment says. */
function isEndNear({ recording, start, end }: Opened): boolean {
  if (end.icount - start.icount <= NEAR_INSNS) return true;
  try {
    return end.icount - recording.nearestTo(undefined).position.icount <= NEAR_INSNS;
  } catch {
    return false;
  }
}

function parentOf({ recording }: Opened, all: readonly Opened[]): Parent | null {
  const { parent } = recording.info;
  if (parent === null) return null;
  const { digest, path, seq, icount, changes } = parent;
  const index = all.findIndex((other) => other.recording.info.digest === digest);
  return { recording: index < 0 ? null : index, name: baseName(path), digest, seq, icount, changes };
}

function machineRows({ recording: { config } }: Opened): Summary["machine"] {
  const virtio = config.virtio.map((device) => (typeof device === "object" ? device.kind : device));
  return [
    { name: "harts", text: String(config.harts) },
    { name: "memory", text: `${String(config.memoryBytes / 2 ** 20)} MiB` },
    { name: "ns an instruction", text: String(2 ** config.shift) },
    { name: "append", text: config.append ?? "none" },
    { name: "virtio", text: virtio.every((kind) => kind === "none") ? "none" : virtio.join(", ") },
  ];
}

const baseName = (path: string): string => path.replace(/^.*[/\\]/, "");
