/** Puts what a guest has written into the image files that the user said so of, when its session has ended. */
import { check } from "../../options/check.js";
import { exactly, having } from "../../options/codecs.js";
import type { DiskState } from "../../machine/disk/disk-state.js";
import { DISK_PAGE_BYTES } from "../../machine/disk/disk-state.js";
import type { OpenedMachine } from "./machine-options.js";
import { writeAt } from "../host/write-at.js";
import { withFile } from "../host/disks/export.js";
import type { HostDisk } from "../store/host-disk.js";

const OPENED = exactly<{ readonly opened: OpenedMachine }>({
  opened: having("what openMachine returns", "machine", "disks", "writtenBack"),
});

/** From then on the images are others: no recording that began with them replays. @throws {ImageError} */
export function writeBack(opened: OpenedMachine): void {
  check("writeBack", OPENED, { opened });
  const { machine, disks, writtenBack } = opened;
  if (writtenBack.size === 0) return;
  for (const state of machine.state().disks) {
    const [path, disk] = [writtenBack.get(state.slot), disks.get(state.slot)];
    if (path !== undefined && disk !== undefined) writeOverlay(path, disk, state);
  }
}

function writeOverlay(path: string, disk: HostDisk, { overlay }: DiskState): void {
  const { byteLength } = disk;
  disk.requireUnchanged();
  withFile(path, "r+", (file) => {
    for (const index of overlay.indices()) {
      const offset = index * DISK_PAGE_BYTES;
      const bytes = overlay.page(index)?.bytes ?? ZEROS;
      writeAt(file, bytes.subarray(0, Math.min(DISK_PAGE_BYTES, byteLength - offset)), offset);
    }
  });
}

const ZEROS = new Uint8Array(DISK_PAGE_BYTES);
