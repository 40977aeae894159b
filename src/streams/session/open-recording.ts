/** A recording from a file, or from bytes, with its images where they lie on this host. */
import { check } from "../../options/check.js";
import { call, either, exactly, image, list, maybe, text, value, whole } from "../../options/codecs.js";
import { OptionError } from "../../options/option-error.js";
import type { EngineFactory } from "../../machine/engine/engine.js";
import { findDrives } from "../host/disks/drives.js";
import { hostEngine } from "../host/host-engine.js";
import {
  bothImages,
  contentsOfImages,
  findImages,
  presentPath,
  type ImageRole,
  type ImageSource,
} from "../host/images.js";
import { openNames } from "./name-files.js";
import { appendToLogFile, openLogFile } from "../host/log-file.js";
import { stateIndexAt, stateIndexesIn, stateIndexFolder } from "../host/state-index-file.js";
import { Recording, type RecordingPlace } from "../past/recording.js";
import { LogError, openLog } from "../store/log/index.js";

export interface RecordingOptions {
  /** Images that are not where they were when they were recorded. */
  readonly images?: Readonly<Partial<Record<ImageRole, ImageSource | undefined>>>;
  /** Disk images that are not where they were, in any order: each disk takes those that have its digests. */
  readonly drives?: readonly ImageSource[] | undefined;
  /** Files with more names: ELF files, with debugging information or without, and a kernel's System.map. */
  readonly symbols?: readonly string[] | undefined;
  readonly engine?: EngineFactory;
  /** The memory for states that make a second question about the same recording fast: 512 MiB. */
  readonly keptBytes?: number | undefined;
  /**
   * Where its states are kept between processes: a file, or false for none. Default: the folder in
   * `FOLDVM_STATE_INDEXES`, or else in the user's cache folder. `indexRecording` makes one.
   */
  readonly index?: string | false | undefined;
  /** Told where a state index is there that can't be believed. The recording is asked without it. */
  readonly onIndexIgnored?: ((fault: IgnoredIndex) => void) | undefined;
}

export interface IgnoredIndex {
  readonly path: string;
  /** What is wrong with it. */
  readonly what: string;
}

/** Nothing runs yet, and no image is read. @throws {LogError} where it is damaged, or is no recording. */
export const openRecording = (source: string | Uint8Array, options: RecordingOptions = {}): Recording => {
  check("openRecording", exactly<{ readonly source: string | Uint8Array }>({ source: image }), { source });
  check("openRecording", OPTIONS, options);
  const recording = new Recording(typeof source === "string" ? inFile(source, options) : inMemory(source, options));
  const { images = {}, drives } = options;
  reopenings.set(recording, { source, options: { images, drives, index: false } });
  return recording;
};

/** How a recording was opened, as plain data: for another thread. It runs on the engine of the host there. */
export interface Reopening {
  readonly source: string | Uint8Array;
  readonly options: Pick<RecordingOptions, "images" | "drives" | "index">;
}

const reopenings = new WeakMap<Recording, Reopening>();

/** @throws {OptionError} where it was made by hand */
export function reopeningOf(recording: Recording): Reopening {
  const found = reopenings.get(recording);
  if (found !== undefined) return found;
  throw new OptionError("a recording that openRecording did not open can't be opened in another thread", {
    option: "recording",
    value: recording,
  });
}

export const reopen = ({ source, options }: Reopening): Recording => openRecording(source, options);

const OPTIONS = exactly<RecordingOptions>({
  images: maybe(
    exactly<NonNullable<RecordingOptions["images"]>>({
      ...{ bios: maybe(image), kernel: maybe(image), initrd: maybe(image), dtb: maybe(image) },
    }),
  ),
  drives: maybe(list(image)),
  symbols: maybe(list(text)),
  engine: maybe(call),
  keptBytes: maybe(whole),
  index: maybe(
    either(
      "a path, or false",
      text,
      value("false", (given) => given === false),
    ),
  ),
  onIndexIgnored: maybe(call),
});

const inFile = (path: string, options: RecordingOptions): RecordingPlace => ({
  ...onHost(options, path),
  path,
  openLog: () => openLogFile(path),
  append(log, add) {
    appendToLogFile(path, log, add);
  },
});

const inMemory = (bytes: Uint8Array, options: RecordingOptions): RecordingPlace => ({
  ...onHost(options),
  openLog: () => openLog(bytes),
  append() {
    throw new LogError("CANNOT_WRITE", "the recording was opened from bytes; open a file to add to it");
  },
});

const onHost = (
  { images = {}, drives = [], symbols = [], engine = hostEngine, keptBytes, ...options }: RecordingOptions,
  path?: string,
): Pick<RecordingPlace, "openParts" | "openNames" | "nameFiles" | "pathOf" | "engine" | "keptBytes" | "index"> => ({
  pathOf: (image) => presentPath(image, images, path),
  openParts(config, digests, carried) {
    const [found, { disks, contents }] = bothImages(
      () => findImages(digests, images, path, carried),
      () => findDrives(config, digests, drives, path, carried),
    );
    return { images: found, disks, contents: [...contentsOfImages(digests, found), ...contents] };
  },
  openNames: () => symbols.map((file) => openNames(file)),
  nameFiles: symbols,
  engine,
  keptBytes,
  index: indexPlace(options),
});

function indexPlace({
  index,
  onIndexIgnored,
}: Pick<RecordingOptions, "index" | "onIndexIgnored">): RecordingPlace["index"] {
  const folder = stateIndexFolder();
  if (index === false || (index === undefined && folder === undefined)) return undefined;
  const file = index === undefined ? stateIndexesIn(folder ?? "") : stateIndexAt(index);
  return {
    ...file,
    isNamed: index !== undefined,
    ignored: ({ what }, identity) => {
      onIndexIgnored?.({ path: file.pathOf(identity), what });
    },
  };
}
