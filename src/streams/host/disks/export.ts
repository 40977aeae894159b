/** Writes a disk as a raw image file: the image with the writes in a machine's state. */
import { check } from "../../../options/check.js";
import { exactly, flag, having, maybe, text } from "../../../options/codecs.js";
import { closeSync, fsyncSync, ftruncateSync, openSync } from "node:fs";

import { Disk } from "../../../machine/disk/disk.js";
import type { DiskImage } from "../../../machine/disk/disk-image.js";
import type { DiskState } from "../../../machine/disk/disk-state.js";
import { ImageError } from "../images.js";
import { writeWhole } from "../whole-file.js";
import { writeAt } from "../write-at.js";
import { reasonOf } from "../reason.js";

const PART_BYTES = 1 << 20;

const EXPORTED = exactly<{ readonly image: DiskImage; readonly state: DiskState; readonly path: string }>({
  image: having("a disk image", "byteLength", "read"),
  state: having("a disk of a state, as state.disks has them", "slot", "overlay"),
  path: text,
});

/**
 * Writes the whole disk into a file, with holes for zeros. The file is there once all of it is.
 * @throws {OptionError} @throws {LogError} RECORDING_EXISTS if the file exists and may not be overwritten. @throws
 * {ImageError} if the host
 * can't write it. @throws {DiskReadError}
 */
export function exportDisk(
  image: DiskImage,
  state: DiskState,
  path: string,
  options: { readonly overwrite?: boolean } = {},
): void {
  check("exportDisk", EXPORTED, { image, state, path });
  check("exportDisk", exactly<typeof options>({ overwrite: maybe(flag) }), options);
  const { overwrite = false } = options;
  const disk = new Disk(image, state);
  unlessHostFails(path, () => {
    writeWhole(path, overwrite, (file) => {
      writeDisk(file, disk, image.byteLength);
    });
  });
}

function writeDisk(file: number, disk: Disk, byteLength: number): void {
  ftruncateSync(file, byteLength);
  for (let at = 0; at < byteLength; at += PART_BYTES) {
    const part = new Uint8Array(Math.min(PART_BYTES, byteLength - at));
    disk.read(at, part);
    if (part.some((byte) => byte !== 0)) writeAt(file, part, at);
  }
}

/** @throws {ImageError} */
export function withFile(path: string, flags: string, work: (file: number) => void): void {
  unlessHostFails(path, () => {
    const file = openSync(path, flags);
    try {
      work(file);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  });
}

function unlessHostFails(path: string, work: () => void): void {
  try {
    work();
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).syscall === undefined) throw fault;
    throw new ImageError("IMAGE_UNWRITABLE", `can't write the disk image ${path}: ${reasonOf(fault)}`);
  }
}
