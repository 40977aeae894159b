/** Drives: images on the host that become disks of a machine. A recording finds them again by their digests. */
import { createHash } from "node:crypto";
import { dirname, resolve } from "node:path";

import { exactly, flag, image, maybe, oneOf, text, whole } from "../../../options/codecs.js";
import { configuredDisks } from "../../../machine/disk/disk-state.js";
import type { MachineConfig } from "../../../reducers/machine-config.js";
import { MAX_LAYERS, MAX_SECTORS, SECTOR_BYTES, SERIAL_BYTES, type BlkConfig } from "../../../reducers/virtio/blk.js";
import { findByDigest, ImageError, placesOf, type Candidate } from "../images.js";
import type { ImageContents } from "../../store/image-contents.js";
import type { ImageDigest } from "../../store/log/index.js";
import { carriedDisk, type CarriedImages } from "../carried-image.js";
import { closingOnFailure, memoryDisk, type HostDisk } from "../../store/host-disk.js";
import { ImageFile } from "./image-file.js";
import { isQcow2, readHeader } from "./qcow2-header.js";
import { Qcow2Image } from "./qcow2.js";

export type DriveFormat = BlkConfig["format"];

/** The names of QEMU's -drive. */
export interface DriveOptions {
  /** A path, or the bytes of a raw or qcow2 image. The image itself is never written to. */
  readonly file: string | Uint8Array;
  /** Default: qcow2 if the image begins as one, else raw. */
  readonly format?: DriveFormat | undefined;
  readonly readonly?: boolean | undefined;
  /** The virtio slot, 0 to 7. Default: the last free one, so that Linux finds drives in their order, as with QEMU. */
  readonly slot?: number | undefined;
  /** The disk's id for the guest, up to 20 bytes. */
  readonly serial?: string | undefined;
  /**
   * Writes the guest's changes into the file when the session ends. Raw images only. Default: the file stays as it is.
   */
  readonly writeback?: boolean | undefined;
}

export const DRIVE_OPTIONS = exactly<DriveOptions>({
  file: image,
  format: maybe(oneOf("raw", "qcow2")),
  readonly: maybe(flag),
  slot: maybe(whole),
  serial: maybe(text),
  writeback: maybe(flag),
});

export interface OpenedDrive {
  readonly config: BlkConfig;
  /** The file that the guest's changes go into, if that was asked for. */
  readonly writtenBackTo: string | undefined;
  readonly disk: HostDisk;
  /** The digest of the image, then those of its backing images. */
  readonly digests: readonly ImageDigest[];
  /** The contents of the same files. */
  readonly contents: readonly ImageContents[];
}

export interface FoundDrives {
  /** By virtio slot. */
  readonly disks: ReadonlyMap<number, HostDisk>;
  /** The contents of all their files. */
  readonly contents: readonly ImageContents[];
}

/** @throws {ImageError} */
export const openDrive = (options: DriveOptions, number: number): OpenedDrive =>
  closingOnFailure((opened) => {
    const layers = openLayers(options.file, options.format);
    opened.push(layers[0].disk);
    return driveOf(options, number, layers);
  });

function driveOf(
  { file, readonly = false, serial = "", writeback = false }: DriveOptions,
  number: number,
  layers: readonly [Layer, ...Layer[]],
): OpenedDrive {
  const [top] = layers;
  const { byteLength } = top.disk;
  const sectors = Math.ceil(byteLength / SECTOR_BYTES);
  const name = nameOf(file);
  if (sectors > MAX_SECTORS)
    throw new ImageError(
      "IMAGE_UNSUPPORTED",
      `${name} is a disk of ${String(byteLength)} bytes; the largest has 16 TiB`,
    );
  if (new TextEncoder().encode(serial).length > SERIAL_BYTES)
    throw new ImageError(
      "IMAGE_UNSUPPORTED",
      `serial ${serial}: a disk's serial number has at most ${String(SERIAL_BYTES)} bytes`,
    );
  if (writeback && (top.format !== "raw" || readonly || typeof file !== "string"))
    throw new ImageError(
      "IMAGE_UNSUPPORTED",
      `${name} can't be written back to: only a raw image in a file can, unless it is read-only`,
    );
  return {
    writtenBackTo: writeback && typeof file === "string" ? file : undefined,
    config: {
      kind: "blk",
      format: top.format,
      base: layers.map(({ sha256 }) => sha256),
      sectors,
      readOnly: readonly,
      serial,
    },
    disk: top.disk,
    contents: layers.map(({ sha256, file: disk }) => contentsOf({ sha256, disk })),
    digests: layers.map(({ path, fileBytes, sha256 }, depth) => ({
      role: roleOf(number, depth),
      path,
      size: fileBytes,
      sha256,
    })),
  };
}

/**
 * The disks of a recorded machine, in the order of its drives. Each image is taken from the recording, from its
 * recorded path, from beside the recording, or from `given`, whichever has the digest.
 * @throws {ImageError}
 */
export function findDrives(
  config: MachineConfig,
  digests: readonly ImageDigest[],
  given: readonly (string | Uint8Array)[],
  recordingPath?: string,
  carried: CarriedImages = new Map(),
): FoundDrives {
  // The first drive is in the last slot.
  const found = [...configuredDisks(config)].reverse();
  return closingOnFailure((opened) => {
    const contents: ImageContents[] = [];
    const disks = found.map(({ slot, disk }, number) => {
      const files = disk.base.map((_, depth) => {
        const role = roleOf(number, depth);
        const digest = digests.find((one) => one.role === role);
        if (digest === undefined)
          throw new ImageError("IMAGE_MISSING", `the recording does not say what its ${role} is`);
        const file = carriedFile(digest, carried) ?? findFile(digest, given, recordingPath);
        opened.push(file.disk);
        return file;
      });
      contents.push(...files.map(contentsOf));
      return [slot, layered(files, disk.format)[0].disk] as const;
    });
    return { disks: new Map(disks), contents };
  });
}

function carriedFile({ role, path, sha256 }: ImageDigest, carried: CarriedImages): Source | undefined {
  const image = carried.get(sha256);
  return image === undefined ? undefined : { path, sha256, disk: carriedDisk(image, role) };
}

const contentsOf = ({ sha256, disk }: Pick<Source, "sha256" | "disk">): ImageContents => ({
  sha256,
  byteLength: disk.byteLength,
  read: (offset, target) => {
    disk.read(offset, target);
  },
});

/** Of disks that were found by their digests, those to write back. Each must be a raw image. @throws {ImageError} */
export function writtenBackTo(
  disks: ReadonlyMap<number, HostDisk>,
  drives: readonly DriveOptions[],
): ReadonlyMap<number, string> {
  const paths = drives.flatMap(({ file, writeback }) => (writeback === true ? [nameOf(file)] : []));
  const slots = paths.map((path) => {
    const of = [...disks].filter(([, disk]) => disk instanceof ImageFile && disk.path === path);
    const [[slot] = []] = of;
    if (slot === undefined || of.length > 1)
      throw new ImageError(
        "IMAGE_UNSUPPORTED",
        `${path} can't be written back to: only the raw image of one disk of the machine can`,
      );
    return [slot, path] as const;
  });
  return new Map(slots);
}

const roleOf = (number: number, depth: number): string =>
  `drive${String(number)}${depth === 0 ? "" : `.backing${String(depth)}`}`;

/** A file, or bytes that stand for one. */
interface Source {
  readonly path: string;
  readonly sha256: string;
  readonly disk: HostDisk;
}

interface Layer {
  readonly format: DriveFormat;
  readonly path: string;
  /** The size of the file. The disk in it may have another size. */
  readonly fileBytes: number;
  readonly sha256: string;
  readonly file: HostDisk;
  /** The disk in the file. */
  readonly disk: HostDisk;
}

const openSource = (file: string | Uint8Array): Source => {
  if (typeof file === "string") {
    const disk = new ImageFile(file);
    return { path: file, sha256: disk.sha256, disk };
  }
  return { path: "", sha256: createHash("sha256").update(file).digest("hex"), disk: memoryDisk(file) };
};

const nameOf = (file: string | Uint8Array): string =>
  typeof file === "string" && file !== "" ? file : "the given image";

/** The image and its backing images, as their headers name them. */
const openLayers = (file: string | Uint8Array, format: DriveFormat | undefined): readonly [Layer, ...Layer[]] =>
  closingOnFailure((opened) => openLayersInto(opened, file, format));

function openLayersInto(
  opened: HostDisk[],
  file: string | Uint8Array,
  format: DriveFormat | undefined,
): readonly [Layer, ...Layer[]] {
  const sources: Source[] = [];
  const formats: DriveFormat[] = [];
  let next: string | Uint8Array | undefined = file;
  let named: string | undefined = format;
  while (next !== undefined) {
    // A cycle of backing files gets here too.
    if (sources.length === MAX_LAYERS)
      throw new ImageError(
        "IMAGE_UNSUPPORTED",
        `${nameOf(file)} has more than ${String(MAX_LAYERS - 1)} backing files`,
      );
    const source = openSource(next);
    opened.push(source.disk);
    const kind = formatOf(source, named);
    sources.push(source);
    formats.push(kind);
    const header = kind === "raw" ? undefined : readHeader(source.disk, nameOf(next));
    named = header?.backingFormat;
    next = backingPath(source, header?.backingFile);
  }
  return layered(sources, formats[0] ?? "raw");
}

function backingPath({ path }: Source, backingFile: string | undefined): string | undefined {
  if (backingFile === undefined) return undefined;
  if (/^[a-z0-9]+:/i.test(backingFile))
    throw new ImageError("IMAGE_UNSUPPORTED", `${nameOf(path)} is backed by ${backingFile}, which is no file`);
  return path === "" ? backingFile : resolve(dirname(path), backingFile);
}

/** Stacks the images, the first on top. Each image falls through to the one below it. */
function layered(sources: readonly Source[], format: DriveFormat): readonly [Layer, ...Layer[]] {
  const [source, ...below] = sources;
  if (source === undefined) throw new Error("a drive without an image");
  const { path, sha256, disk: file } = source;
  const common = { format, path, sha256, file, fileBytes: file.byteLength };
  if (format === "raw") return [{ ...common, disk: file }];
  const name = nameOf(path);
  const header = readHeader(file, name);
  const [first] = below;
  const backing = first === undefined ? [] : layered(below, formatOf(first, header.backingFormat));
  return [{ ...common, disk: new Qcow2Image(name, file, header, backing[0]?.disk) }, ...backing];
}

function formatOf({ disk }: Source, named: string | undefined): DriveFormat {
  if (named === "raw" || named === "qcow2") return named;
  if (named !== undefined) {
    throw new ImageError(
      "IMAGE_UNSUPPORTED",
      `format ${named}: an image is raw or qcow2; convert it with qemu-img convert`,
    );
  }
  return isQcow2(disk) ? "qcow2" : "raw";
}

function findFile(
  digest: ImageDigest,
  given: readonly (string | Uint8Array)[],
  recordingPath: string | undefined,
): Source {
  const bytes = given.filter((one) => typeof one !== "string").map(openSource);
  const inMemory = bytes.find(({ sha256 }) => sha256 === digest.sha256);
  if (inMemory !== undefined) return inMemory;
  const paths = given.filter((one) => typeof one === "string");
  return findByDigest(
    digest,
    [...paths, ...placesOf(digest.path, recordingPath)],
    tryOpen,
    "the option drives (--drive FILE)",
  );
}

const tryOpen = (path: string): Candidate<Source> | undefined => {
  try {
    const source = openSource(path);
    return {
      sha256: source.sha256,
      value: source,
      close: () => {
        source.disk.close();
      },
    };
  } catch (fault) {
    if (fault instanceof ImageError) return undefined;
    throw fault;
  }
};
