// qcow2 images made by hand: what no tool makes, and each bound of a header with one beyond it.
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { DiskReadError } from "../../../../src/machine/disk/disk-image.js";
import { MAX_INFLATED, MAX_TABLES, Qcow2Image } from "../../../../src/streams/host/disks/qcow2.js";
import { openDrive } from "../../../../src/streams/host/disks/drives.js";
import { ImageError } from "../../../../src/streams/host/images.js";
import { memoryDisk } from "../../../../src/streams/store/host-disk.js";
import { withTemporaryFolder } from "../../../support/temporary-folder.js";

const CLUSTER = 1 << 16;
const HEADER_BYTES = 104;
const L1_AT = CLUSTER;
const L2_AT = 2 * CLUSTER;
const DATA_AT = 3 * CLUSTER;
const COMPRESSED = 1n << 62n;

interface Parts {
  readonly sizeBytes: bigint;
  /** Of the first L2 table. */
  readonly entries?: readonly bigint[];
  readonly data?: Uint8Array;
  readonly backingFile?: string;
  /** Header fields by offset: 32 bits, or 64 where it is a bigint. */
  readonly fields?: Readonly<Record<number, number | bigint>>;
  readonly extensions?: Uint8Array;
}

const qcow2 = ({ sizeBytes, entries = [], data, backingFile = "", fields = {}, extensions }: Parts): Uint8Array => {
  const bytes = new Uint8Array(DATA_AT + (data?.length ?? 0));
  const view = new DataView(bytes.buffer);
  const nameAt = CLUSTER / 2;
  const header = {
    ...{ 0: 0x5146_49fb, 4: 3, 8: backingFile === "" ? 0n : BigInt(nameAt), 16: backingFile.length, 20: 16 },
    ...{ 24: sizeBytes, 36: 1, 40: BigInt(L1_AT), 100: HEADER_BYTES },
    ...fields,
  };
  for (const [offset, value] of Object.entries(header)) {
    if (typeof value === "bigint") view.setBigUint64(Number(offset), value);
    else view.setUint32(Number(offset), value);
  }
  if (extensions !== undefined) bytes.set(extensions, HEADER_BYTES);
  bytes.set(new TextEncoder().encode(backingFile), nameAt);
  if (entries.length > 0) view.setBigUint64(L1_AT, BigInt(L2_AT));
  entries.forEach((entry, index) => {
    view.setBigUint64(L2_AT + index * 8, entry);
  });
  if (data !== undefined) bytes.set(data, DATA_AT);
  return bytes;
};

const contentOf = (file: string | Uint8Array, offset: number, length: number): Uint8Array => {
  const { disk } = openDrive({ file }, 0);
  const bytes = new Uint8Array(length).fill(0xaa);
  disk.read(offset, bytes);
  disk.close();
  return bytes;
};

const isAll = (bytes: Uint8Array, value: number): boolean => bytes.every((byte) => byte === value);

const SHRUNK_BYTES = 70_144;
/** Two clusters of data, of which the disk ends within the second: what an image keeps that was shrunk. */
const shrunk = qcow2({
  sizeBytes: BigInt(SHRUNK_BYTES),
  entries: [BigInt(DATA_AT), BigInt(DATA_AT + CLUSTER)],
  data: new Uint8Array(2 * CLUSTER).fill(0xff),
});

// Negative control, tried once: red where `read` of qcow2.ts does not stop at the disk's end.
test("given a backing image that ends within a cluster, when the longer disk over it is read, then there are zeros behind that end", () =>
  withTemporaryFolder((folder) => {
    const [base, top] = [join(folder, "base"), join(folder, "top")];
    writeFileSync(base, shrunk);
    writeFileSync(top, qcow2({ sizeBytes: BigInt(2 * CLUSTER), backingFile: "base" }));
    const bytes = contentOf(top, 0, 2 * CLUSTER);
    assert.ok(isAll(bytes.subarray(0, SHRUNK_BYTES), 0xff));
    assert.ok(isAll(bytes.subarray(SHRUNK_BYTES), 0));
  }));

test("given a disk, when it is read across its end and behind it, then what is not there is zeros", () => {
  const bytes = contentOf(shrunk, SHRUNK_BYTES - 1, 3);
  assert.equal([...bytes], [0xff, 0, 0]);
  assert.ok(isAll(contentOf(shrunk, SHRUNK_BYTES, CLUSTER), 0));
  assert.ok(isAll(contentOf(shrunk, 10 * CLUSTER, 5), 0));
  const { disk } = openDrive({ file: shrunk }, 0);
  assert.is(disk.prepare(SHRUNK_BYTES + 1, 1), undefined);
});

const refused = (parts: Partial<Parts>, message: RegExp): void => {
  assert.throws(
    () => openDrive({ file: qcow2({ sizeBytes: BigInt(CLUSTER), ...parts }) }, 0),
    (fault: unknown) => fault instanceof ImageError && message.test(fault.message),
    String(message),
  );
};

const taken = (parts: Partial<Parts>): void => {
  openDrive({ file: qcow2({ sizeBytes: BigInt(CLUSTER), ...parts }) }, 0);
};

/** What one entry of the L1 table is for. */
const L1_SPAN = BigInt(CLUSTER) * BigInt(CLUSTER / 8);

test("given a header at each of its bounds, when it is opened, then it is taken; one beyond is refused by name", () => {
  refused({ fields: { 4: 1 } }, /version 1/);
  refused({ fields: { 4: 4 } }, /version 4/);
  refused({ fields: { 20: 8 } }, /2\^8 bytes/);
  refused({ fields: { 20: 22 } }, /2\^22 bytes/);
  refused({ fields: { 32: 1 } }, /encrypted/);
  refused({ fields: { 100: HEADER_BYTES - 1 } }, /cut short/);
  taken({ sizeBytes: L1_SPAN });
  refused({ sizeBytes: L1_SPAN + 1n }, /has 1 entries, and needs 2/);
  refused({ sizeBytes: 0xffff_ffff_ffff_ffffn }, /has 1 entries, and needs/);
  // To the last byte of the file, and one byte further.
  taken({ fields: { 40: BigInt(DATA_AT - 8) } });
  refused({ fields: { 40: BigInt(DATA_AT - 7) } }, /L1 table lies behind its end/);
  refused({ fields: { 36: 1 << 22 } }, /L1 table lies behind its end/);
  refused({ fields: { 36: (1 << 22) + 1 } }, /has 4194305 entries/);
  refused({ fields: { 40: 0xffff_ffff_ffff_fff8n } }, /L1 table lies behind its end/);
  refused({ fields: { 8: BigInt(DATA_AT - 1023), 16: 1024 } }, /backing file is too long/);
  refused({ fields: { 8: BigInt(DATA_AT - 1022), 16: 1023 } }, /backing file lies behind its end/);
});

test("given a disk of 16 TiB, when it is opened, then it is taken, and one sector more is refused", () => {
  const ofSize = (sizeBytes: bigint): Uint8Array => {
    const bits = 21n;
    const l1Entries = (sizeBytes + (1n << (2n * bits - 3n)) - 1n) >> (2n * bits - 3n);
    return qcow2({ sizeBytes, fields: { 20: Number(bits), 36: Number(l1Entries) } });
  };
  const largest = 16n << 40n;
  assert.is(openDrive({ file: ofSize(largest) }, 0).disk.byteLength, Number(largest));
  assert.throws(() => openDrive({ file: ofSize(largest + 512n) }, 0), /the largest has 16 TiB/);
});

/** An extension with names of features: `number` of them, of which the last is that of incompatible feature 50. */
const featureNames = (number: number): Uint8Array => {
  const bytes = new Uint8Array(8 + number * 48 + 8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x6803_f857);
  view.setUint32(4, number * 48);
  for (let index = 0; index < number; index += 1) bytes[8 + index * 48] = 1;
  const last = 8 + (number - 1) * 48;
  bytes.set([0, 50, ...new TextEncoder().encode("warp drive")], last);
  return bytes;
};

test("given names of features, when there are more than features can be, then no more are read", () => {
  const fields = { 72: 1n << 50n };
  refused({ fields, extensions: featureNames(192) }, /feature 50 \(warp drive\)/);
  refused({ fields, extensions: featureNames(193) }, /feature 50,/);
});

test("given more extensions than are looked at, when it is opened, then the 64th counts and the next does not", () =>
  withTemporaryFolder((folder) => {
    const extensions = (number: number): Uint8Array => {
      const bytes = new Uint8Array((number + 1) * 16);
      const view = new DataView(bytes.buffer);
      for (let index = 0; index < number; index += 1) {
        view.setUint32(index * 16, 0x1234_5678);
        view.setUint32(index * 16 + 4, 8);
      }
      view.setUint32(number * 16, 0xe279_2aca);
      view.setUint32(number * 16 + 4, 3);
      bytes.set(new TextEncoder().encode("vdi"), number * 16 + 8);
      return bytes;
    };
    const base = join(folder, "base");
    writeFileSync(base, new Uint8Array(512));
    const backed = (number: number): Uint8Array =>
      qcow2({ sizeBytes: 512n, backingFile: base, extensions: extensions(number) });
    assert.throws(() => openDrive({ file: backed(63) }, 0), /format vdi/);
    openDrive({ file: backed(64) }, 0).disk.close();
  }));

const compressed = (stored: Uint8Array): Uint8Array => {
  const sectors = BigInt(Math.ceil(stored.length / 512));
  const entry = COMPRESSED | ((sectors - 1n) << 54n) | BigInt(DATA_AT);
  return qcow2({ sizeBytes: BigInt(CLUSTER), entries: [entry], data: stored });
};

test("given a compressed cluster, when it holds a byte more or less than a cluster, then it is damaged, and no more of it is unpacked", () => {
  const of = (length: number): Uint8Array => compressed(deflateRawSync(new Uint8Array(length).fill(7)));
  assert.ok(isAll(contentOf(of(CLUSTER), 0, CLUSTER), 7));
  for (const length of [CLUSTER - 1, CLUSTER + 1, 1 << 26])
    assert.throws(
      () => contentOf(of(length), 0, 1),
      (fault: unknown) => fault instanceof DiskReadError && /compressed cluster at byte 196608/.test(fault.message),
    );
});

// Negative control, tried once: red without `closingOnFailure` around the layers.
test("given images that can't be used, when they are opened, then no file of theirs stays open", () =>
  withTemporaryFolder((folder) => {
    const write = (name: string, bytes: Uint8Array): string => {
      const path = join(folder, name);
      writeFileSync(path, bytes);
      return path;
    };
    write("base", shrunk);
    const over = (backingFile: string, more: Partial<Parts> = {}): Uint8Array =>
      qcow2({ sizeBytes: BigInt(CLUSTER), backingFile, ...more });
    const bad = [
      write("itself", over("itself")),
      write("orphan", over("gone")),
      write("remote", over("nbd:somewhere")),
      write("encrypted", over("base", { fields: { 32: 1 } })),
      write("cut", shrunk.subarray(0, L1_AT + 4)),
      write("damaged-below", over("cut")),
      write("large", over("base", { sizeBytes: 17n << 40n, fields: { 36: 1 << 22 } })),
    ];
    // The depth that is allowed, and one more.
    write("layer15", shrunk);
    for (let depth = 14; depth >= 0; depth -= 1) write(`layer${String(depth)}`, over(`layer${String(depth + 1)}`));
    bad.push(write("layer-1", over("layer0")));
    const openFiles = (): number => readdirSync("/proc/self/fd").length;
    const before = openFiles();
    openDrive({ file: join(folder, "layer0") }, 0).disk.close();
    for (const file of bad) {
      assert.throws(
        () => openDrive({ file }, 0),
        (fault: unknown) => fault instanceof ImageError && fault.message.includes(folder),
        file,
      );
      assert.is(openFiles(), before, file);
    }
  }));

/** An image of small clusters, each behind a table of its own and compressed; what of the file is read. */
const ofManyTables = (tables: number) => {
  const clusterBytes = 512;
  const tableEntries = clusterBytes / 8;
  const l1At = clusterBytes;
  const tablesAt = l1At + Math.ceil((tables * 8) / clusterBytes) * clusterBytes;
  const dataAt = tablesAt + tables * clusterBytes;
  const bytes = new Uint8Array(dataAt + tables * clusterBytes);
  const view = new DataView(bytes.buffer);
  for (let table = 0; table < tables; table += 1) {
    view.setBigUint64(l1At + table * 8, BigInt(tablesAt + table * clusterBytes));
    view.setBigUint64(tablesAt + table * clusterBytes, COMPRESSED | BigInt(dataAt + table * clusterBytes));
    bytes.set(deflateRawSync(new Uint8Array(clusterBytes).fill(table)), dataAt + table * clusterBytes);
  }
  const file = memoryDisk(bytes);
  const reads: string[] = [];
  const disk = new Qcow2Image(
    "many.qcow2",
    {
      ...file,
      read: (offset, target) => {
        if (offset >= tablesAt) reads.push(offset < dataAt ? "table" : "cluster");
        file.read(offset, target);
      },
    },
    {
      ...{ clusterBits: 9, sizeBytes: tables * tableEntries * clusterBytes, l1Entries: tables, l1Offset: l1At },
      ...{ backingFile: undefined, backingFormat: undefined },
    },
    undefined,
  );
  return (table: number): readonly string[] => {
    reads.length = 0;
    const target = new Uint8Array(1);
    disk.read(table * tableEntries * clusterBytes, target);
    assert.is(target[0], table);
    return [...reads];
  };
};

test("given as many tables and unpacked clusters as are kept, when one more is read, then the longest unused is read anew", () => {
  assert.is(MAX_TABLES, MAX_INFLATED, "one image shows both");
  const readsFor = ofManyTables(MAX_TABLES + 1);
  for (let table = 0; table < MAX_TABLES; table += 1) assert.equal(readsFor(table), ["table", "cluster"]);
  assert.equal(readsFor(0), [], "all are kept");
  assert.equal(readsFor(MAX_TABLES), ["table", "cluster"]);
  assert.equal(readsFor(0), [], "it was used again");
  assert.equal(readsFor(1), ["table", "cluster"], "the longest unused is gone");
});

test.run();
