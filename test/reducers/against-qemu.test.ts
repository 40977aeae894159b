import { test } from "uvu";
import * as assert from "uvu/assert";

import { given, observeOnQemu } from "../support/qemu-registers.js";
import { load, shown, store, type Observation, type RegisterAccess } from "../support/register-access.js";
import { seededRandom } from "../support/seeded-random.js";
import { platformBus } from "./platform-bus.js";

const UART = 0x1000_0000;
const PLIC = 0xc00_0000;
const CLINT = 0x200_0000;
const RTC = 0x10_1000;
const FINISHER = 0x10_0000;
const VIRTIO = 0x1000_1000;
/** MEIP and SEIP. */
const EXTERNAL = 0xa00n;
const WIDTHS = [1, 2, 4, 8] as const;
/** Long enough for four characters at the divisors used here, after which QEMU's UART indicates its timeout. */
const FOUR_CHARACTERS_MS = 3;

const compare = (
  accesses: readonly RegisterAccess[],
  seed: string,
  qemuArguments: readonly string[] = [],
  normalise = (observation: Observation, _: RegisterAccess): Observation => observation,
): void => {
  const bus = platformBus({ harts: 1, virtio: ["none", "rng", "console"] });
  const theirs = observeOnQemu(accesses, qemuArguments);
  accesses.forEach((access, index) => {
    const ours = bus.access(access);
    const qemu = theirs[index];
    assert.ok(qemu);
    const what = `${seed}, ${shown(access, index)}`;
    assert.equal(show(normalise(ours, access)), show(normalise(qemu, access)), what);
    // QEMU's PLIC keeps a source pending whose line has fallen: it may signal more, but nothing less.
    assert.equal(normalise(ours, access).mip & ~qemu.mip, 0n, what);
  });
};

const show = ({ value, trap, mip }: Observation): string =>
  `value 0x${value.toString(16)} trap ${String(trap)} mip 0x${(mip & ~EXTERNAL).toString(16)}`;

given(
  "given every device, when it is accessed at any offset and width, then the same accesses fault as in QEMU",
  () => {
    const ranges = [
      [FINISHER, 8],
      [FINISHER + 0xff8, 16],
      [RTC + 0x1c, 16],
      [CLINT, 16],
      [CLINT + 0x3ff8, 0x18],
      [CLINT + 0xbff0, 0x18],
      [PLIC, 8],
      [PLIC + 0x5f_fff8, 8],
      [UART, 0x10],
      [VIRTIO, 0x10],
      [VIRTIO + 0x1f8, 0x10],
    ] as const;
    const accesses = ranges.flatMap(([base, length]) =>
      Array.from({ length }, (_, offset) => base + offset).flatMap((address) =>
        WIDTHS.flatMap((width) => (address % width === 0 ? [load(address, width), store(address, width, 0)] : [])),
      ),
    );
    const runsByItself = ({ address }: RegisterAccess): boolean =>
      (address & ~7) === CLINT + 0xbff8 || (address & ~7) === RTC;
    compare(accesses, "offsets", [], (seen, access) => (runsByItself(access) ? { ...seen, value: 0n } : seen));
  },
);

for (const seed of [1, 2, 3]) {
  given(
    `given a UART, when registers are accessed at random (seed ${String(seed)}), then loads, interrupts and claims are QEMU's`,
    () => {
      const random = seededRandom(seed);
      const accesses: RegisterAccess[] = [
        store(PLIC + 4 * 10, 4, 1),
        store(PLIC + 0x2000, 4, 1 << 10),
        store(UART + 3, 1, 0x83),
        store(UART, 1, 3),
        store(UART + 1, 1, 0),
        store(UART + 3, 1, 3),
      ];
      let looped = false;
      let latch = false;
      for (let count = 0; count < 1200; count += 1) {
        const offset = [0, 0, 0, 0, 0, 1, 2, 2, 2, 3, 4, 5, 5, 6, 7][random(15)] ?? 0;
        if (random(2) === 0) {
          accesses.push(load(UART + offset, 1, offset === 0 && !latch ? FOUR_CHARACTERS_MS : 0));
        } else if (offset === 0) {
          accesses.push(store(UART, 1, latch ? 1 + random(4) : random(256), looped && !latch ? FOUR_CHARACTERS_MS : 0));
        } else if (offset === 1) {
          accesses.push(store(UART + 1, 1, latch ? 0 : random(256)));
        } else if (offset === 2) {
          // Mostly on and without a flush, so that the FIFO gets to fill and to overrun.
          accesses.push(store(UART + 2, 1, random(8) === 0 ? random(256) : (random(4) << 6) | 1));
        } else if (offset === 3) {
          latch = random(6) === 0;
          accesses.push(store(UART + 3, 1, (latch ? 0x80 : 0) | random(128)));
        } else if (offset === 4) {
          looped = random(4) !== 0;
          accesses.push(store(UART + 4, 1, (looped ? 0x10 : 0) | random(16) | (random(8) << 5)));
        } else {
          accesses.push(store(UART + offset, 1, random(256)));
        }
      }
      // A FIFO at its trigger level that has also timed out may be indicated as either.
      compare(accesses, `seed ${String(seed)}`, [], (seen, access) =>
        access.address === UART + 2 && access.value === undefined && (seen.value & 0x0fn) === 0x0cn
          ? { ...seen, value: seen.value & ~0x08n }
          : seen,
      );
    },
  );
}

given(
  "given a PLIC, when priorities, thresholds and enables are stored, then it keeps and signals what QEMU's does",
  () => {
    const random = seededRandom(7);
    const line = [store(UART + 1, 1, 2)];
    const accesses: RegisterAccess[] = [...line];
    const registers = [
      0, 4, 8, 40, 44, 380, 384, 388, 0x2000, 0x2004, 0x2008, 0x200c, 0x2080, 0x20_0000, 0x20_1000, 0x20_0008,
      0x20_2000,
    ];
    for (let count = 0; count < 800; count += 1) {
      const offset = registers[random(registers.length)] ?? 0;
      // QEMU stores a new enable without looking at the lines again; a store to a threshold does look.
      const value =
        offset === 0x2000 || offset === 0x2080
          ? random(2) << 10
          : offset < 0x1000 && random(2) === 0
            ? random(8)
            : random(2 ** 32);
      accesses.push(
        store(PLIC + offset, 4, value),
        store(PLIC + 0x20_1000, 4, random(3)),
        load(PLIC + offset, 4),
        load(PLIC + 0x1000, 4),
      );
    }
    compare(accesses, "seed 7", [], (seen, { address }) =>
      address < PLIC + 0x20_0000 ? { ...seen, mip: seen.mip & ~EXTERNAL } : seen,
    );
  },
);

given("given an interrupt, when it is claimed and completed, then it is masked in between as in QEMU", () => {
  const reassert = store(UART + 2, 1, 0);
  compare(
    [
      store(PLIC + 40, 4, 5),
      store(PLIC + 0x2080, 4, 1 << 10),
      store(UART + 1, 1, 2),
      load(PLIC + 0x1000, 4),
      load(PLIC + 0x20_0004, 4),
      load(PLIC + 0x20_1004, 4),
      load(PLIC + 0x20_1004, 4),
      store(PLIC + 0x20_1004, 4, 11),
      reassert,
      load(PLIC + 0x20_1004, 4),
      store(PLIC + 0x20_1004, 4, 10),
      reassert,
      load(PLIC + 0x20_1004, 4),
      load(UART + 2, 1),
      store(PLIC + 0x20_1004, 4, 10),
      load(PLIC + 0x20_1004, 4),
    ],
    "claim",
  );
});

given("given a CLINT, when mtimecmp, mtime and msip are stored by halves, then registers and lines are QEMU's", () => {
  const random = seededRandom(11);
  const accesses: RegisterAccess[] = [load(CLINT + 0x4000, 8)];
  const far = 0x7fff_0000_0000_0000n;
  for (let count = 0; count < 300; count += 1) {
    const pick = random(6);
    if (pick === 0) accesses.push(store(CLINT, 4, random(2 ** 32)), load(CLINT, 4));
    if (pick === 1) accesses.push(store(CLINT + 0x4000, 8, random(2) === 0 ? far : 1n));
    if (pick === 2) accesses.push(store(CLINT + 0x4004, 4, random(2) * 0x4000_0000));
    // A low half that is past at either high half, as both clocks are past a microsecond.
    if (pick === 3) accesses.push(store(CLINT + 0x4000, 4, 1));
    if (pick === 4) accesses.push(store(CLINT + 0xbffc, 4, random(2) * 0x2000_0000), load(CLINT + 0xbffc, 4));
    if (pick === 5)
      accesses.push(store(CLINT + 0x4008, 8, 5), load(CLINT + 0x4008, 8), store(CLINT + 4, 4, 1), load(CLINT + 4, 4));
    accesses.push(load(CLINT + 0x4000, 8), load(CLINT + 0x4000, 4), load(CLINT + 0x4004, 4));
  }
  compare(accesses, "seed 11");
});

given("given an RTC, when alarms are set in the past and the future, then status and interrupts are QEMU's", () => {
  const random = seededRandom(13);
  const accesses: RegisterAccess[] = [store(PLIC + 44, 4, 1), store(PLIC + 0x2000, 4, 1 << 11)];
  for (let count = 0; count < 300; count += 1) {
    const offset = [0x08, 0x08, 0x0c, 0x10, 0x14, 0x1c, 0x18, 0x20][random(8)] ?? 0;
    accesses.push(store(RTC + offset, 4, offset === 0x0c ? random(2) * 0x7000_0000 : random(2 ** 32)));
    for (const read of [0x08, 0x0c, 0x10, 0x14, 0x18, 0x1c, 0x20]) accesses.push(load(RTC + read, 4));
  }
  compare(accesses, "seed 13");
});

given(
  "given virtio slots with and without a device, when a driver looks and sets up a queue, then it reads what QEMU gives",
  () => {
    const rng = ["-device", "virtio-rng-device,bus=virtio-mmio-bus.1"];
    const none = VIRTIO;
    const slot = VIRTIO + 0x1000;
    const identity = [0x00, 0x04, 0x08, 0x0c, 0x34, 0x44, 0x60, 0x70, 0xb0, 0xb4, 0xfc];
    const accesses = [
      ...identity.flatMap((offset) =>
        WIDTHS.flatMap((width) =>
          offset % width === 0 ? [load(none + offset, width), load(slot + offset, width)] : [],
        ),
      ),
      store(none + 0x70, 4, 1),
      load(none + 0x70, 4),
      store(slot + 0x70, 4, 0),
      store(slot + 0x70, 4, 1),
      store(slot + 0x70, 4, 3),
      store(slot + 0x14, 4, 1),
      store(slot + 0x24, 4, 1),
      store(slot + 0x20, 4, 1),
      store(slot + 0x24, 4, 0),
      store(slot + 0x20, 4, 0x3000_0000),
      store(slot + 0x70, 4, 11),
      load(slot + 0x70, 4),
      store(slot + 0x30, 4, 1),
      load(slot + 0x34, 4),
      store(slot + 0x30, 4, 0),
      load(slot + 0x34, 4),
      store(slot + 0x38, 4, 8),
      store(slot + 0x80, 4, 0x8010_0000),
      store(slot + 0x90, 4, 0x8010_1000),
      store(slot + 0xa0, 4, 0x8010_2000),
      load(slot + 0x44, 4),
      store(slot + 0x44, 4, 1),
      load(slot + 0x44, 4),
      store(slot + 0x70, 4, 15),
      load(slot + 0x70, 4),
      store(slot + 0x50, 4, 0),
      store(slot + 0x50, 4, 1),
      load(slot + 0x60, 4),
      store(slot + 0x70, 1, 0),
      load(slot + 0x70, 4),
      store(slot + 0x70, 4, 0),
      load(slot + 0x70, 4),
      load(slot + 0x44, 4),
    ];
    compare(accesses, "virtio", rng);
  },
);

test.run();
