/** Where a recording lies that a page holds: in memory, with what its machine starts from. */
import { configuredDisks } from "../../src/machine/disk/disk-state.js";
import { WasmEngine } from "../../src/machine/engine/wasm-engine.js";
import { readSymbols } from "../../src/machine/symbol-table.js";
import type { Images } from "../../src/machine/initial-state.js";
import { dwarfNames } from "../../src/streams/past/names/dwarf/index.js";
import { KeptStates } from "../../src/streams/past/kept-states.js";
import type { NameSource } from "../../src/streams/past/names/name-source.js";
import type { IndexPlace } from "../../src/streams/past/recording-index.js";
import { endOf } from "../../src/streams/past/recording-info.js";
import { notAppended, type RecordingPlace } from "../../src/streams/past/recording.js";
import { memoryDisk } from "../../src/streams/store/host-disk.js";
import type { ImageContents } from "../../src/streams/store/image-contents.js";
import { bytesSource, openLog, type ImageDigest } from "../../src/streams/store/log/index.js";
import { distanceAfter } from "../../src/streams/store/state-spacing.js";
import { PageError } from "./cancelled.js";

/** From a state that is kept a moment is so far at most, as long as there is memory: some hundredths of a second. */
const INSNS_APART = 2_500_000;
/** Where the guest writes so much that copying it takes longer. */
const MOST_INSNS_APART = 10_000_000;
/** A long run has as many all over it, below `MAX_KEPT_STATES`: more of them would be thinned at its beginning. */
const STATES_OF_A_RUN = 900;

/** All that a recording needs, as bytes. */
export interface PageFiles {
  readonly name: string;
  /** As far as it has come, where it grows. */
  recording: Uint8Array;
  /** By SHA-256. */
  readonly images: ReadonlyMap<string, Uint8Array>;
  /** By virtio slot. */
  readonly disks: ReadonlyMap<number, Uint8Array>;
  readonly index: Uint8Array | undefined;
  readonly symbols: readonly { readonly name: string; readonly bytes: Uint8Array }[];
}

/**
 * Whoever put images into the page checked their digests. A replay with another one would differ from the log, and say
 * so.
 */
export function placeOf(files: PageFiles, keptBytes: number): RecordingPlace {
  let insns = 0;
  return {
    openLog() {
      const log = openLog(files.recording);
      insns = endOf(log).instructions;
      return log;
    },
    openParts(config, digests, carried) {
      const images = Object.fromEntries(
        digests.filter(({ role }) => isOfBoot(role)).map((digest) => [digest.role, imageOf(digest, files, carried)]),
      ) as Images;
      const disks = configuredDisks(config).map(({ slot }) => [slot, diskOf(slot, files)] as const);
      return { images, disks: new Map(disks), contents: [] };
    },
    openNames: () => namesGiven(files),
    append: notAppended,
    // It times nothing: a page compiles as a process does that has just begun.
    engine: (bus, options) => new WasmEngine(bus, { ...options, nowMs: () => performance.now() }),
    kept: new KeptStates(keptBytes, (pages) => distanceIn(insns, pages)),
    index: files.index && indexIn(files.index),
  };
}

/** From a state to the next, in a run of so many instructions, where so many pages were new. */
export const distanceIn = (insns: number, pages: number): number =>
  Math.max(INSNS_APART, Math.ceil(insns / STATES_OF_A_RUN), Math.min(distanceAfter(pages) / 2, MOST_INSNS_APART));

const isOfBoot = (role: string): boolean => !role.startsWith("drive");

function imageOf(
  { role, path, sha256 }: ImageDigest,
  { images }: PageFiles,
  carried: ReadonlyMap<string, ImageContents>,
): Uint8Array {
  const given = images.get(sha256);
  if (given !== undefined) return given;
  const inRecording = carried.get(sha256);
  if (inRecording === undefined) throw missing(`the ${role}, ${path}`);
  const bytes = new Uint8Array(inRecording.byteLength);
  inRecording.read(0, bytes);
  return bytes;
}

function diskOf(slot: number, { disks }: PageFiles): ReturnType<typeof memoryDisk> {
  const bytes = disks.get(slot);
  if (bytes === undefined) throw missing(`the disk in slot ${String(slot)}`);
  return memoryDisk(bytes);
}

const missing = (what: string): PageError =>
  new PageError(`${what} is not here: without it there are only the recording's events`);

/** Of the guest's program, beside those of its images. */
export const namesGiven = ({ symbols }: PageFiles): readonly NameSource[] =>
  symbols.map(({ name, bytes }) => dwarfNames(bytes, name) ?? { title: name, symbols: () => readSymbols(bytes, name) });

const indexIn = (bytes: Uint8Array): IndexPlace => ({
  pathOf: () => "the page",
  open: () => bytesSource(bytes),
  write: notAppended,
  remove: notAppended,
});
