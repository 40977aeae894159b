// qcow2 images that qemu-img makes, of many kinds, against what qemu-img says that they hold.
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
  closeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { openDrive } from "../../../../src/streams/host/disks/drives.js";
import { requires } from "../../../support/requires.js";
import { seededRandom } from "../../../support/seeded-random.js";

const MIB = 1 << 20;
const random = seededRandom(5);
const folder = mkdtempSync(join(tmpdir(), "foldvm-qcow2-"));
const at = (name: string): string => join(folder, name);
const qemuImg = (...words: readonly string[]): string =>
  execFileSync("qemu-img", words, { cwd: folder, encoding: "utf8" });

/** Data of all sorts: noise, what compresses, holes; no whole number of clusters. */
const raw = (sizeBytes: number): Uint8Array => {
  const bytes = new Uint8Array(sizeBytes);
  for (let start = 0; start < sizeBytes; start += 50_000) {
    const kind = random(4);
    if (kind === 0) continue;
    const end = Math.min(start + 50_000, sizeBytes);
    for (let index = start; index < end; index += 1) bytes[index] = kind === 1 ? random(256) : index >> 8;
  }
  return bytes;
};

/** All of it, and pieces at any place. */
const check = (name: string): void => {
  qemuImg("convert", "-O", "raw", name, "expected.raw");
  const expected = new Uint8Array(readFileSync(at("expected.raw")));
  const { disk, config } = openDrive({ file: at(name) }, 0);
  assert.is(config.format, "qcow2");
  assert.is(disk.byteLength, expected.length);
  const all = new Uint8Array(expected.length);
  disk.read(0, all);
  assert.ok(Buffer.from(all).equals(expected), `${name} as a whole`);
  for (let round = 0; round < 100; round += 1) {
    const offset = random(expected.length);
    const piece = new Uint8Array(Math.min(1 + random(200_000), expected.length - offset));
    disk.read(offset, piece);
    assert.ok(
      Buffer.from(piece).equals(expected.subarray(offset, offset + piece.length)),
      `${name} at ${String(offset)}`,
    );
  }
  disk.close();
};

const given = (name: string, run: () => void): void => {
  if (requires(name, ["qemu-img"])) test(name, run);
};

for (const options of ["compat=0.10", "compat=1.1", "cluster_size=512", "cluster_size=2M", "lazy_refcounts=on"]) {
  for (const compressed of [false, true]) {
    given(
      `given ${options}${compressed ? ", compressed" : ""}, when it is read, then it holds what qemu-img says`,
      () => {
        writeFileSync(at("source.raw"), raw(3 * MIB + 1536));
        qemuImg("convert", ...(compressed ? ["-c"] : []), "-O", "qcow2", "-o", options, "source.raw", "image.qcow2");
        check("image.qcow2");
      },
    );
  }
}

given("given zero clusters, preallocation and snapshots, when it is read, then it holds what qemu-img says", () => {
  writeFileSync(at("source.raw"), raw(2 * MIB));
  qemuImg("convert", "-O", "qcow2", "-o", "preallocation=metadata", "source.raw", "image.qcow2");
  qemuImg("snapshot", "-c", "before", "image.qcow2");
  execFileSync("qemu-io", ["-c", "write -z 64k 192k", "-c", "write -P 7 300k 100k", at("image.qcow2")]);
  check("image.qcow2");
});

given(
  "given images backed by others, raw and qcow2, smaller and larger, when it is read, then it holds what qemu-img says",
  () => {
    writeFileSync(at("base.raw"), raw(MIB + 512));
    qemuImg("create", "-f", "qcow2", "-b", "base.raw", "-F", "raw", "middle.qcow2", "2M");
    execFileSync("qemu-io", ["-c", "write -P 3 100k 300k", "-c", "write -z 512k 64k", at("middle.qcow2")]);
    qemuImg("create", "-f", "qcow2", "-b", "middle.qcow2", "-F", "qcow2", "top.qcow2", "3M");
    execFileSync("qemu-io", ["-c", "write -P 9 1500k 900k", at("top.qcow2")]);
    check("middle.qcow2");
    check("top.qcow2");
    const { config, digests } = openDrive({ file: at("top.qcow2") }, 2);
    assert.equal(
      digests.map(({ role }) => role),
      ["drive2", "drive2.backing1", "drive2.backing2"],
    );
    assert.equal(
      config.base,
      digests.map(({ sha256 }) => sha256),
    );
  },
);

given("given what this reader can't do, when it is opened, then the message says what it is and what to do", () => {
  writeFileSync(at("source.raw"), raw(MIB));
  const refused = (message: RegExp, ...words: readonly string[]): void => {
    qemuImg("convert", "-O", "qcow2", ...words, "source.raw", "refused.qcow2");
    assert.throws(() => openDrive({ file: at("refused.qcow2") }, 0), message);
  };
  refused(/another method than zlib.*qemu-img convert/, "-c", "-o", "compression_type=zstd");
  refused(/extended_l2.*qemu-img convert/, "-o", "extended_l2=on");
  refused(/another file.*qemu-img convert/, "-o", "data_file=data.raw");
  qemuImg("convert", "-O", "vmdk", "source.raw", "image.vmdk");
  assert.throws(() => openDrive({ file: at("image.vmdk"), format: "qcow2" }, 0), /does not begin as one/);
  assert.is(openDrive({ file: at("image.vmdk") }, 0).config.format, "raw");
  qemuImg("create", "-f", "qcow2", "-b", "gone.raw", "-F", "raw", "-u", "orphan.qcow2", "1M");
  assert.throws(() => openDrive({ file: at("orphan.qcow2") }, 0), /gone.raw/);
});

given(
  "given headers that are changed at any byte, when it is opened and read, then it ends in an error of ours or in bytes",
  () => {
    writeFileSync(at("source.raw"), raw(256 * 1024));
    qemuImg("convert", "-c", "-O", "qcow2", "source.raw", "image.qcow2");
    for (let round = 0; round < 300; round += 1) {
      copyFileSync(at("image.qcow2"), at("damaged.qcow2"));
      const file = openSync(at("damaged.qcow2"), "r+");
      // The header, and the tables behind it.
      writeSync(file, Uint8Array.of(random(256)), 0, 1, random(2) === 0 ? random(112) : random(0x5_0000));
      closeSync(file);
      try {
        const { disk } = openDrive({ file: at("damaged.qcow2"), format: "qcow2" }, 0);
        disk.read(0, new Uint8Array(Math.min(disk.byteLength, MIB)));
        disk.close();
      } catch (error) {
        assert.ok(error instanceof Error && /^(ImageError|DiskReadError)$/.test(error.name), String(error));
      }
    }
  },
);

test.after(() => {
  rmSync(folder, { recursive: true });
});

test.run();
