import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { Disk } from "../../../src/machine/disk/disk.js";
import { initialDisks } from "../../../src/machine/disk/disk-state.js";
import { blkConfig, memoryImage, numberedSectors } from "../../support/memory-disk.js";
import { given } from "../../support/qemu-registers.js";
import { load, store, type RegisterAccess } from "../../support/register-access.js";
import { sameAsQemu } from "./qemu-walk.js";
import { clearRings, describe, inspect, NEXT, notify, offer, register, start, WRITE } from "./virtio-driver.js";
import { AREA, SLOT, virtioGuest } from "./virtio-guest.js";

const NUM = 16;
const SECTORS = 2049;
const BASE = numberedSectors(SECTORS);
const SERIAL = "a disk of ours";
/** Of the guest's time, which runs while the other one's threads do the work. */
const WAIT_MS = 200;
const CONFIG = SLOT + 0x100;

const T = { in: 0, out: 1, flush: 4, getId: 8, discard: 11, writeZeroes: 13 };

const compare = (accesses: readonly RegisterAccess[], readOnly = false): void => {
  const config = blkConfig(BASE, { serial: SERIAL, readOnly });
  const [state] = initialDisks({ virtio: [config] });
  assert.ok(state);
  const guest = virtioGuest(config, new Disk(memoryImage(BASE), state));
  withImage((file) => {
    const options = `if=none,id=d,format=raw,discard=unmap,read-only=${readOnly ? "on" : "off"}`;
    sameAsQemu({
      guest,
      accesses,
      qemuArguments: [
        ...["-drive", `file=${file},${options}`],
        ...["-device", `virtio-blk-device,drive=d,bus=virtio-mmio-bus.1,serial=${SERIAL}`],
      ],
      answer: (effect) => {
        if (effect.type === "disk/requested")
          guest.input({ type: "virtioBlk/requestCompleted", slot: effect.slot, id: effect.id, status: 0 });
      },
      // VIRTIO_F_RING_RESET, which is not offered here.
      taken: (value, { address }) => (address === SLOT + 0x10 ? value & ~(1n << 8n) : value),
    });
  });
};

const withImage = (work: (file: string) => void): void => {
  const folder = mkdtempSync(join(tmpdir(), "foldvm-blk-"));
  try {
    const file = join(folder, "disk.raw");
    writeFileSync(file, BASE);
    work(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const HEADER = AREA.buffers;
const STATUS = AREA.buffers + 0x40;
const DATA = AREA.buffers + 0x1000;

interface Part {
  readonly length: number;
  readonly writable?: boolean;
  /** Other than one after the other from DATA on. */
  readonly address?: number;
}

const header = (type: number, sector: number | bigint): RegisterAccess[] => [
  store(HEADER, 4, type),
  store(HEADER + 4, 4, 0),
  store(HEADER + 8, 8, sector),
];

/**
 * One request on a queue that was just made ready, then what it did: registers, status, and the first bytes of its
 * data.
 */
const request = (type: number, sector: number | bigint, parts: readonly Part[]): RegisterAccess[] => {
  let address = DATA;
  const chain = [
    { address: HEADER, length: 16, flags: NEXT },
    ...parts.map((part) => {
      const at = part.address ?? address;
      address += part.length;
      return { address: at, length: part.length, flags: NEXT | (part.writable === true ? WRITE : 0) };
    }),
    { address: STATUS, length: 1, flags: WRITE },
  ];
  return [
    ...clearRings(NUM),
    ...start(0, NUM),
    ...header(type, sector),
    store(STATUS, 1, 0xee),
    ...chain.flatMap((descriptor, index) => describe(AREA.descriptors, index, { ...descriptor, next: index + 1 })),
    ...offer(NUM, 0, [0]),
    notify(0),
    ...inspect(NUM, WAIT_MS),
    load(STATUS, 1),
    ...[0, 508, 512, 1020, 1024].map((offset) => load(DATA + offset, 4)),
    register(0x60 + 4, 3),
  ];
};

const fillData = (value: bigint, count = 192): RegisterAccess[] =>
  Array.from({ length: count }, (_, index) => store(DATA + index * 8, 8, value + BigInt(index)));
const range = (sector: number | bigint, sectors: number, flags = 0): RegisterAccess[] => [
  store(DATA, 8, sector),
  store(DATA + 8, 4, sectors),
  store(DATA + 12, 4, flags),
];
const READ_3 = [{ length: 1536, writable: true }];

for (const readOnly of [false, true]) {
  given(
    `given a disk, read-only ${String(readOnly)}, when its features and configuration are read, then they are QEMU's`,
    () => {
      compare(
        [
          register(0x14, 0),
          load(SLOT + 0x10, 4),
          register(0x14, 1),
          load(SLOT + 0x10, 4),
          load(SLOT + 8, 4),
          register(0x30, 0),
          load(SLOT + 0x34, 4),
          register(0x30, 1),
          load(SLOT + 0x34, 4),
          ...Array.from({ length: 20 }, (_, index) => load(CONFIG + index * 4, 4)),
          ...Array.from({ length: 60 }, (_, index) => load(CONFIG + index, 1)),
          ...Array.from({ length: 30 }, (_, index) => load(CONFIG + index * 2, 2)),
          ...Array.from({ length: 8 }, (_, index) => load(CONFIG + index * 8, 8)),
          load(SLOT + 0xfc, 4),
        ],
        readOnly,
      );
    },
  );
}

given("given the configuration's writeback byte, when it is written in any width, then it reads as QEMU's", () => {
  const written = [
    store(CONFIG + 32, 1, 0),
    store(CONFIG + 32, 1, 5),
    store(CONFIG + 32, 4, 0),
    store(CONFIG + 32, 2, 1),
    store(CONFIG + 0, 4, 7),
    store(CONFIG + 56, 4, 7),
  ];
  compare([...start(0, NUM, 1 << 11), ...written.flatMap((access) => [access, load(CONFIG + 32, 4), load(CONFIG, 4)])]);
});

given(
  "given reads and writes of many shapes, when they are requested, then data, status and used ring are QEMU's",
  () => {
    compare([
      ...request(T.in, 0, READ_3),
      ...request(T.in, 7, [
        { length: 100, writable: true },
        { length: 413, writable: true },
        { length: 1023, writable: true },
      ]),
      ...request(T.in, SECTORS - 3, READ_3),
      ...fillData(0x1122_3344_5566_7788n),
      ...request(T.out, 5, [{ length: 1536 }]),
      ...request(T.in, 4, READ_3),
      ...request(T.in, 6, READ_3),
      // Parts of sectors, gathered.
      ...fillData(0x99n),
      ...request(T.out, 100, [{ length: 1 }, { length: 511 }, { length: 300 }, { length: 212 }]),
      ...request(T.in, 100, READ_3),
      ...request(T.flush, 0, []),
      ...request(T.flush, 99_999_999, READ_3),
      ...request(T.in, 3, []),
    ]);
  },
);

given("given requests that can't be, when they are made, then they fail as in QEMU, and the next one works", () => {
  compare([
    // Beyond the end, by a little and by much.
    ...request(T.in, SECTORS - 2, READ_3),
    ...request(T.in, SECTORS, READ_3),
    ...request(T.in, 1n << 60n, READ_3),
    ...request(T.in, (1n << 64n) - 1n, READ_3),
    ...request(T.out, SECTORS - 2, [{ length: 1536 }]),
    // No whole sectors.
    ...request(T.in, 0, [{ length: 511, writable: true }]),
    ...request(T.out, 0, [{ length: 513 }]),
    // No such request. (The number of SCSI's, which virtio 1.2 reserves, QEMU answers otherwise where buffers are few.)
    ...request(6, 0, READ_3),
    ...request(99, 0, READ_3),
    ...request(0x8000_0000, 1, READ_3),
    ...request(T.in, 1, READ_3),
  ]);
});

given("given the disk's id, when it is asked for into buffers of many sizes, then it is QEMU's", () => {
  const clear = fillData(0n, 4).map((access) => ({ ...access, value: 0n }));
  compare([
    ...clear,
    ...request(T.getId, 0, [{ length: 20, writable: true }]),
    load(DATA + 8, 8),
    ...request(T.getId, 0, [{ length: 200, writable: true }]),
    load(DATA + 16, 8),
    ...clear,
    ...request(T.getId, 0, [{ length: 5, writable: true }]),
    load(DATA + 8, 8),
  ]);
});

given("given ranges to discard and to fill with zeros, when they are requested, then they read as in QEMU", () => {
  compare([
    ...range(8, 8),
    ...request(T.writeZeroes, 0, [{ length: 16 }]),
    ...request(T.in, 7, READ_3),
    ...request(T.in, 14, READ_3),
    ...range(33, 2, 1),
    ...request(T.writeZeroes, 0, [{ length: 16 }]),
    ...request(T.in, 32, READ_3),
    ...range(64, 64),
    ...request(T.discard, 0, [{ length: 16 }]),
    // What is discarded may be anything; on a file that can have holes QEMU makes it zeros too.
    ...request(T.in, 64, READ_3),
    ...request(T.in, 127, READ_3),
  ]);
});

given("given ranges that can't be, when they are requested, then they fail as in QEMU", () => {
  compare([
    ...range(SECTORS - 1, 2),
    ...request(T.writeZeroes, 0, [{ length: 16 }]),
    ...range(0, 0x40_0000),
    ...request(T.writeZeroes, 0, [{ length: 16 }]),
    ...range(0, 8, 2),
    ...request(T.writeZeroes, 0, [{ length: 16 }]),
    ...range(0, 8, 1),
    ...request(T.discard, 0, [{ length: 16 }]),
    ...range(0, 8),
    ...request(T.discard, 0, [{ length: 32 }]),
    ...range(0, 8),
    ...request(T.discard - 1, 0, [{ length: 16 }]),
    ...range(0, 0),
    ...request(T.writeZeroes, 0, [{ length: 16 }]),
    // Too short: the device needs a reset.
    ...request(T.discard, 0, [{ length: 15 }]),
    ...request(T.writeZeroes, 0, []),
    ...request(T.in, 0, READ_3),
  ]);
});

given(
  "given chains without a whole header or a status, when they are offered, then the device needs a reset as QEMU's does",
  () => {
    const single = (...descriptors: readonly RegisterAccess[][]): RegisterAccess[] => [
      ...clearRings(NUM),
      ...start(0, NUM),
      ...header(0, 0),
      ...descriptors.flat(),
      ...offer(NUM, 0, [0]),
      notify(0),
      ...inspect(NUM, WAIT_MS),
    ];
    compare([
      ...single(describe(AREA.descriptors, 0, { address: HEADER, length: 16 })),
      ...single(describe(AREA.descriptors, 0, { address: STATUS, length: 1, flags: WRITE })),
      ...single(
        describe(AREA.descriptors, 0, { address: HEADER, length: 15, flags: NEXT, next: 1 }),
        describe(AREA.descriptors, 1, { address: DATA, length: 513, flags: WRITE }),
      ),
      // Header in two parts, and the status behind the data in one buffer, as no older device could.
      ...single(
        describe(AREA.descriptors, 0, { address: HEADER, length: 7, flags: NEXT, next: 1 }),
        describe(AREA.descriptors, 1, { address: HEADER + 7, length: 9, flags: NEXT, next: 2 }),
        describe(AREA.descriptors, 2, { address: DATA, length: 513, flags: WRITE }),
      ),
      load(DATA + 508, 4),
      load(DATA + 512, 1),
    ]);
  },
);

given("given a read-only disk, when it is written to, then that fails as in QEMU, and reading works", () => {
  compare(
    [
      ...fillData(0x42n),
      ...request(T.out, 0, [{ length: 512 }]),
      ...range(0, 8),
      ...request(T.writeZeroes, 0, [{ length: 16 }]),
      ...range(0, 8),
      ...request(T.discard, 0, [{ length: 16 }]),
      ...request(T.flush, 0, []),
      ...request(T.in, 0, READ_3),
    ],
    true,
  );
});

given(
  "given several requests at once, when they are offered together, then they come back as QEMU's do, in the end",
  () => {
    const one = (index: number, sector: number): RegisterAccess[] => {
      const head = index * 3;
      const at = AREA.buffers + 0x100 * index;
      return [
        store(at, 8, 0),
        store(at + 8, 8, sector),
        ...describe(AREA.descriptors, head, { address: at, length: 16, flags: NEXT, next: head + 1 }),
        ...describe(AREA.descriptors, head + 1, {
          address: DATA + 512 * index,
          length: 512,
          flags: NEXT | WRITE,
          next: head + 2,
        }),
        ...describe(AREA.descriptors, head + 2, { address: at + 0x20, length: 1, flags: WRITE }),
      ];
    };
    compare([
      ...clearRings(NUM),
      ...start(0, NUM),
      ...one(0, 9),
      ...one(1, 2000),
      ...one(2, 33),
      ...offer(NUM, 0, [0, 3, 6]),
      notify(0),
      load(SLOT + 0x70, 4, WAIT_MS),
      load(AREA.device + 2, 2),
      ...[0, 1, 2].flatMap((index) => [
        load(DATA + 512 * index, 4),
        load(DATA + 512 * index + 508, 4),
        load(AREA.buffers + 0x100 * index + 0x20, 1),
      ]),
    ]);
  },
);

test.run();
