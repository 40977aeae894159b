import { test } from "uvu";
import * as assert from "uvu/assert";

import { Disk } from "../../../src/machine/disk/disk.js";
import { DISK_PAGE_BYTES, initialDisks, type DiskState } from "../../../src/machine/disk/disk-state.js";
import { blkConfig, memoryImage, numberedSectors } from "../../support/memory-disk.js";
import { seededRandom } from "../../support/seeded-random.js";

const SECTORS = 2000;
const BASE = numberedSectors(SECTORS);

const fresh = (base = BASE): Disk => {
  const [state] = initialDisks({ virtio: ["none", blkConfig(base)] });
  assert.ok(state);
  return new Disk(memoryImage(base), state);
};
const bytesOf = (disk: Disk, offset: number, length: number): Uint8Array => {
  const bytes = new Uint8Array(length).fill(0xcc);
  disk.read(offset, bytes);
  return bytes;
};

test("given writes and zeros anywhere, when the disk is read anywhere, then it is as a plain array would be", () => {
  const random = seededRandom(7);
  const disk = fresh();
  const model = BASE.slice();
  for (let round = 0; round < 600; round += 1) {
    const offset = random(SECTORS) * 512;
    const length = Math.min(random(40) * 512, model.length - offset);
    if (random(3) === 0) {
      disk.zero(offset, length);
      model.fill(0, offset, offset + length);
    } else {
      const bytes = Uint8Array.from({ length }, () => random(256));
      disk.write(offset, bytes);
      model.set(bytes, offset);
    }
    const from = random(model.length);
    const count = random(20_000);
    const expected = new Uint8Array(count);
    expected.set(model.subarray(from, from + count));
    assert.equal(bytesOf(disk, from, count), expected);
  }
});

test("given a state that is held, when the disk is written to, then the state stays, and going back to it is exact", () => {
  const disk = fresh();
  disk.write(512, new Uint8Array(512).fill(1));
  const held = disk.state;
  disk.write(0, new Uint8Array(3 * DISK_PAGE_BYTES).fill(2));
  disk.zero(DISK_PAGE_BYTES * 5, DISK_PAGE_BYTES);
  const later = disk.state;
  disk.state = held;
  assert.equal(
    bytesOf(disk, 512, 1024),
    Uint8Array.from([...new Uint8Array(512).fill(1), ...BASE.subarray(1024, 1536)]),
  );
  assert.equal([...held.overlay.indices()], [0]);
  assert.equal([...later.overlay.indices()], [0, 1, 2, 5]);
  assert.equal([...later.overlay.difference(held.overlay)], [0, 1, 2, 5]);
});

test("given the same pages written in other orders, when digests are compared, then they tell contents, not histories", () => {
  const digest = (work: (disk: Disk) => void): bigint => {
    const disk = fresh();
    work(disk);
    return disk.state.overlay.digest;
  };
  const page = (value: number): Uint8Array => new Uint8Array(DISK_PAGE_BYTES).fill(value);
  const one = digest((disk) => {
    disk.write(0, page(1));
    disk.write(DISK_PAGE_BYTES, page(2));
  });
  const other = digest((disk) => {
    disk.write(DISK_PAGE_BYTES, page(9));
    disk.write(DISK_PAGE_BYTES, page(2));
    disk.write(0, page(1));
  });
  assert.is(one, other);
  const swapped = digest((disk) => {
    disk.write(0, page(2));
    disk.write(DISK_PAGE_BYTES, page(1));
  });
  assert.is.not(one, swapped);
  // Zeros over the image are not the image.
  assert.is.not(
    digest((disk) => {
      disk.zero(0, DISK_PAGE_BYTES);
    }),
    0n,
  );
  const written = digest((disk) => {
    disk.write(0, page(0));
  });
  const zeroed = digest((disk) => {
    disk.zero(0, DISK_PAGE_BYTES);
  });
  assert.is(written, zeroed);
});

test("given a disk of terabytes, when its ends are written, then that costs pages, not terabytes", () => {
  const config = blkConfig(new Uint8Array(512), { sectors: 2 ** 35 });
  const [state] = initialDisks({ virtio: [config] });
  const disk = new Disk(memoryImage(new Uint8Array(512)), state as DiskState);
  const last = 2 ** 44 - 4096;
  disk.write(last, new Uint8Array(4096).fill(7));
  disk.write(0, new Uint8Array(512).fill(6));
  assert.equal([...disk.state.overlay.indices()], [0, last / 4096]);
  assert.equal(bytesOf(disk, last + 4000, 96), new Uint8Array(96).fill(7));
});

test.run();
