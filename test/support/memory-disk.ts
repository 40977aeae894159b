// A disk image in memory, and the configuration that makes it a device.
import { createHash } from "node:crypto";

import type { DiskImage } from "../../src/machine/disk/disk-image.js";
import type { BlkConfig } from "../../src/reducers/virtio/blk.js";

export const memoryImage = (bytes: Uint8Array): DiskImage => ({
  byteLength: bytes.length,
  read(offset, target) {
    target.fill(0);
    target.set(bytes.subarray(offset, offset + target.length));
  },
});

export const blkConfig = (bytes: Uint8Array, more: Partial<BlkConfig> = {}): BlkConfig => ({
  kind: "blk",
  format: "raw",
  base: [createHash("sha256").update(bytes).digest("hex")],
  sectors: Math.ceil(bytes.length / 512),
  readOnly: false,
  serial: "",
  ...more,
});

/** Every sector tells which it is. */
export const numberedSectors = (count: number): Uint8Array => {
  const bytes = new Uint8Array(count * 512);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < bytes.length; at += 4) view.setUint32(at, (Math.floor(at / 512) << 16) | (at % 512));
  return bytes;
};
