/** A recording with all that its replay needs, as a page holds it. */
import { configuredDisks } from "../../machine/disk/disk-state.js";
import { fileSource } from "../host/file-source.js";
import { stampOfFile } from "../host/same-file.js";
import type { Recording } from "../past/recording.js";
import { nameFilesOf } from "../session/name-files.js";
import type { HostDisk } from "../store/host-disk.js";
import type { ImageContents } from "../store/image-contents.js";
import { PageExportError } from "./page-error.js";
import { sourceFilesOf, type SourceFile } from "./source-files.js";

/** Of one file among them. */
export const MAX_PAGE_FILE_BYTES = 256 * 2 ** 20;

/** Bytes, and what they are for. */
export interface PageFile {
  /**
   * Where a server has it, below the recording: `file`, `images/SHA256`, `disks/SLOT`, `index`, `symbols/NUMBER`,
   * `sources/NUMBER`.
   */
  readonly place: string;
  /** Recordings in whose files this is the same hold it once. */
  readonly shared?: string;
  /** For messages. */
  readonly what: string;
  readonly byteLength: number;
  /** Of a file that somebody may write anew: another where he did. */
  readonly stamp?: string;
  read(): Uint8Array;
}

export interface PageRecording {
  readonly name: string;
  readonly recording: PageFile;
  /** By SHA-256: those that it does not carry itself. */
  readonly images: Readonly<Record<string, PageFile>>;
  /** By virtio slot: what is on it, without format or backing files. */
  readonly disks: Readonly<Record<string, PageFile>>;
  /** Its states, where somebody has kept them. */
  readonly index: PageFile | undefined;
  /** What the user named for more names of its program. */
  readonly symbols: readonly PageFile[];
  /** What its programs were compiled from, as far as that is here, as their debugging information calls it. */
  readonly sources: readonly { readonly name: string; readonly file: PageFile }[];
}

/**
 * @throws {ImageError} where an image is missing or another, or a file has no names
 * @throws {PageExportError} where one is too large
 */
export function pageRecording(name: string, recording: Recording): PageRecording {
  const { log, disks, config, path } = recording;
  if (path === undefined) throw new PageExportError(`${name} is in no file: write it to one first`);
  const carried = log.contents;
  const boot = recording.imageDigests.filter(({ role, sha256 }) => !role.startsWith("drive") && !carried.has(sha256));
  const contents = new Map(recording.contents.map((image) => [image.sha256, image]));
  const images = boot.flatMap(({ role, path: at, sha256 }) => {
    const image = contents.get(sha256);
    return image === undefined ? [] : [[sha256, imageFile(`the ${role}, ${at}`, image)] as const];
  });
  const onDisks = configuredDisks(config).flatMap(({ slot }) => {
    const disk = disks.get(slot);
    return disk === undefined ? [] : [[String(slot), diskFile(slot, disk)] as const];
  });
  const read = (): Uint8Array => bytesOf(path).subarray(0, log.byteLength);
  return {
    name,
    recording: checked({ place: "file", what: path, byteLength: log.byteLength, read }),
    images: Object.fromEntries(images),
    disks: Object.fromEntries(onDisks),
    index: pageIndex(recording),
    symbols: pageSymbols(recording),
    sources: pageSources(recording),
  };
}

/** What the user named for more names of its program. @throws {ImageError} */
export const pageSymbols = ({ nameFiles }: Recording): PageRecording["symbols"] =>
  nameFiles.flatMap(nameFilesOf).map(symbolFile);

/** What its programs were compiled from. @throws {ImageError} */
export const pageSources = (recording: Recording): PageRecording["sources"] => sourceFilesOf(recording).map(sourceFile);

const imageFile = (what: string, image: ImageContents): PageFile => {
  const { sha256, byteLength } = image;
  const read = (): Uint8Array =>
    filled(byteLength, (target) => {
      image.read(0, target);
    });
  return checked({ place: `images/${sha256}`, shared: sha256, what, byteLength, read });
};

const diskFile = (slot: number, disk: HostDisk): PageFile => {
  const { byteLength } = disk;
  const read = (): Uint8Array =>
    filled(byteLength, (target) => {
      disk.read(0, target);
    });
  return checked({ place: `disks/${String(slot)}`, what: `the disk in slot ${String(slot)}`, byteLength, read });
};

const symbolFile = (path: string, number: number): PageFile =>
  checked({
    ...{ place: `symbols/${String(number)}`, shared: path, what: path },
    ...{ ...statOf(path), read: () => bytesOf(path) },
  });

const sourceFile = ({ name, path, byteLength }: SourceFile, number: number): PageRecording["sources"][number] => ({
  name,
  file: {
    ...{ place: `sources/${String(number)}`, shared: path, what: path },
    ...{ byteLength, read: () => bytesOf(path) },
  },
});

/** Its states, where somebody has kept them. Undefined also where they can't be believed, or a page can't hold them. */
export function pageIndex({ index }: Recording): PageFile | undefined {
  const opened = index.openOrIgnore();
  if (opened === undefined) return undefined;
  opened.close();
  const { path } = index;
  const stat = statOf(path);
  if (stat.byteLength > MAX_PAGE_FILE_BYTES) return undefined;
  return { place: "index", what: `the states in ${path}`, ...stat, read: () => bytesOf(path) };
}

function statOf(path: string): Pick<PageFile, "byteLength" | "stamp"> {
  const source = fileSource(path);
  source.close();
  return { byteLength: source.size, stamp: stampOfFile(path) };
}

function bytesOf(path: string): Uint8Array {
  const source = fileSource(path);
  try {
    return source.read(0, source.size);
  } finally {
    source.close();
  }
}

function filled(byteLength: number, read: (target: Uint8Array) => void): Uint8Array {
  const bytes = new Uint8Array(byteLength);
  read(bytes);
  return bytes;
}

function checked(file: PageFile): PageFile {
  if (file.byteLength <= MAX_PAGE_FILE_BYTES) return file;
  throw new PageExportError(
    `${file.what} has ${String(Math.ceil(file.byteLength / 2 ** 20))} MiB, and a page holds ` +
      `${String(MAX_PAGE_FILE_BYTES / 2 ** 20)} MiB of one file: look at it with foldvm query and foldvm replay --monitor`,
  );
}
