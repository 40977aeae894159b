import { test } from "uvu";

import { given } from "../../support/qemu-registers.js";
import { load, store, type RegisterAccess } from "../../support/register-access.js";
import { sameAsQemu } from "./qemu-walk.js";
import {
  clearRings,
  describe,
  EVENT_IDX,
  INDIRECT,
  INDIRECT_DESC,
  inspect,
  NEXT,
  notify,
  offer,
  register,
  REGISTERS,
  start,
  WRITE,
} from "./virtio-driver.js";
import { AREA, SLOT, virtioGuest } from "./virtio-guest.js";

const NUM = 4;
const TRANSMIT = 1;
const CONSOLE = [
  "-chardev",
  "null,id=c",
  "-device",
  "virtio-serial-device,id=s,bus=virtio-mmio-bus.1",
  "-device",
  "virtconsole,chardev=c,bus=s.0",
];
const RNG = ["-device", "virtio-rng-device,bus=virtio-mmio-bus.1"];

const compare = (kind: "rng" | "console", accesses: readonly RegisterAccess[]): void => {
  const guest = virtioGuest(kind);
  sameAsQemu({
    guest,
    accesses,
    qemuArguments: kind === "rng" ? RNG : CONSOLE,
    answer: (effect) => {
      if (effect.type !== "entropy/requested") return;
      const bytes = new Uint8Array(effect.length).fill(1);
      guest.input({ type: "virtioRng/entropyProvided", slot: effect.slot, bytes });
    },
  });
};

const buffer = (index: number): number => AREA.buffers + index * 64;

/** One chain on a queue that was just made ready. */
const single = (descriptors: readonly RegisterAccess[][], head = 0, features = 0, num = NUM): RegisterAccess[] => [
  ...clearRings(NUM),
  ...start(TRANSMIT, num, features),
  ...descriptors.flat(),
  ...offer(NUM, 0, [head]),
  notify(TRANSMIT),
  ...inspect(NUM),
];

given("given a console, when buffers are transmitted, then the used ring and the interrupts are QEMU's", () => {
  const rounds = Array.from({ length: 3 }, (_, round) => [
    ...describe(AREA.descriptors, 0, { address: buffer(0), length: 5, flags: NEXT, next: 2 }),
    ...describe(AREA.descriptors, 2, { address: buffer(1), length: 7 }),
    ...describe(AREA.descriptors, 1, { address: buffer(2), length: 64, flags: 0 }),
    ...offer(NUM, round * 2, [1, 0]),
    notify(TRANSMIT),
    ...inspect(NUM),
    register(REGISTERS.interruptAck, 1),
    ...inspect(NUM),
  ]).flat();
  compare("console", [...clearRings(NUM), ...start(TRANSMIT, NUM), ...rounds]);
});

given("given event indices, when they suppress or ask for an interrupt, then it comes as in QEMU", () => {
  const rounds = [0, 1, 5, 3, 2, 0, 9].map((usedEvent, round) => [
    ...describe(AREA.descriptors, 0, { address: buffer(0), length: 5 }),
    store(AREA.driver + 4 + NUM * 2, 2, usedEvent),
    ...offer(NUM, round, [0]),
    notify(TRANSMIT),
    ...inspect(NUM),
    register(REGISTERS.interruptAck, 3),
  ]);
  compare("console", [...clearRings(NUM), ...start(TRANSMIT, NUM, EVENT_IDX), ...rounds.flat()]);
});

given("given a driver that wants no interrupt, when its buffers are used, then there is none", () => {
  compare("console", [
    ...clearRings(NUM),
    ...start(TRANSMIT, NUM),
    ...describe(AREA.descriptors, 0, { address: buffer(0), length: 5 }),
    store(AREA.driver, 2, 1),
    ...offer(NUM, 0, [0]),
    notify(TRANSMIT),
    ...inspect(NUM),
  ]);
});

given("given indirect tables, good and bad, when they are transmitted, then the outcome is QEMU's", () => {
  const table = (length: number, flags = INDIRECT): RegisterAccess[] =>
    describe(AREA.descriptors, 0, { address: AREA.indirect, length, flags });
  const inside = [
    ...describe(AREA.indirect, 0, { address: buffer(0), length: 3, flags: NEXT, next: 1 }),
    ...describe(AREA.indirect, 1, { address: buffer(1), length: 4 }),
  ];
  compare("console", [
    ...single([table(32), inside], 0, INDIRECT_DESC),
    ...single([table(16), inside], 0, INDIRECT_DESC),
    ...single([table(33), inside], 0, INDIRECT_DESC),
    ...single([table(0), inside], 0, INDIRECT_DESC),
  ]);
});

given(
  "given broken chains, when they are transmitted, then the device needs a reset as QEMU's does, and works after it",
  () => {
    const good = describe(AREA.descriptors, 0, { address: buffer(0), length: 5 });
    compare("console", [
      // A head beyond the table.
      ...single([good], NUM),
      ...single([good], 0xffff),
      // A loop.
      ...single([describe(AREA.descriptors, 0, { address: buffer(0), length: 5, flags: NEXT, next: 0 })]),
      ...single([
        describe(AREA.descriptors, 0, { address: buffer(0), length: 5, flags: NEXT, next: 1 }),
        describe(AREA.descriptors, 1, { address: buffer(0), length: 5, flags: NEXT, next: 0 }),
      ]),
      // A next beyond the table.
      ...single([describe(AREA.descriptors, 0, { address: buffer(0), length: 5, flags: NEXT, next: NUM })]),
      // No bytes.
      ...single([describe(AREA.descriptors, 0, { address: buffer(0), length: 0 })]),
      // To read after to write.
      ...single([
        describe(AREA.descriptors, 0, { address: buffer(0), length: 5, flags: NEXT | WRITE, next: 1 }),
        describe(AREA.descriptors, 1, { address: buffer(0), length: 5 }),
      ]),
      // Nothing is done until the reset.
      ...offer(NUM, 0, [0]),
      notify(TRANSMIT),
      ...inspect(NUM),
      ...single([good]),
    ]);
  },
);

given(
  "given an entropy device, when buffers of many shapes are offered, then they are filled and returned as QEMU's are",
  () => {
    const WAIT_MS = 20;
    const filled = (index: number): RegisterAccess[] =>
      describe(AREA.descriptors, index, { address: buffer(index), length: 16 + index, flags: WRITE });
    compare("rng", [
      ...clearRings(NUM),
      ...start(0, NUM),
      ...filled(0),
      ...offer(NUM, 0, [0]),
      notify(0),
      ...inspect(NUM, WAIT_MS),
      register(REGISTERS.interruptAck, 1),
      ...describe(AREA.descriptors, 1, { address: buffer(1), length: 10, flags: WRITE | NEXT, next: 2 }),
      ...filled(2),
      ...offer(NUM, 1, [1]),
      notify(0),
      ...inspect(NUM, WAIT_MS),
      load(SLOT + REGISTERS.interruptStatus, 4),
    ]);
  },
);

given(
  "given more chains than the queue has descriptors, when it is notified, then the device needs a reset as QEMU's does",
  () => {
    compare("rng", [
      ...clearRings(NUM),
      ...start(0, NUM),
      ...describe(AREA.descriptors, 0, { address: buffer(0), length: 5, flags: WRITE }),
      store(AREA.driver + 2, 2, NUM + 1),
      notify(0),
      ...inspect(NUM, 5),
    ]);
  },
);

test.run();
