/**
 * Virtqueues that no driver would set up, through the whole machine: descriptors anywhere, in loops, over each other.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { MEMORY_MAP } from "../../../src/machine/memory-map.js";
import { INTERRUPT_CONFIGURATION, STATUS_NEEDS_RESET } from "../../../src/reducers/virtio/virtio.js";
import type { Effect } from "../../../src/reducers/effect.js";
import type { MachineEvent } from "../../../src/reducers/events.js";
import { Program } from "../../support/assemble.js";
import { descriptor, INDIRECT, NEXT, WRITE } from "../../support/descriptor.js";
import { CODE, DATA, endure, RAM, RAM_BYTES, RAM_END, seeded, type Outcome } from "./hostile-guest.js";

const [RNG, CONSOLE] = [0, 1];
const NEEDS_RESET = STATUS_NEEDS_RESET;

interface Queue {
  readonly slot: number;
  readonly queue: number;
  readonly num: number;
  readonly descriptors?: bigint;
  readonly driver?: bigint;
  readonly device?: bigint;
  /** Of the features' low half. */
  readonly features?: number;
}

/** Sets the queue up as a driver does, notifies it and waits. */
function driver({ slot, queue, num, features = 0, ...areas }: Queue, notifications = 1): Program {
  const { descriptors = DATA, driver: available = DATA + 0x4000n, device = DATA + 0x6000n } = areas;
  const base = BigInt(MEMORY_MAP.virtio[slot]?.base ?? 0);
  const program = new Program().li(10, base);
  const set = (offset: number, value: bigint): void => {
    program.li(11, value & 0xffff_ffffn).i("sw", { rs1: 10, rs2: 11, imm: offset });
  };
  const set64 = (offset: number, value: bigint): void => {
    set(offset, value);
    set(offset + 4, value >> 32n);
  };
  set(0x70, 3n);
  set(0x24, 1n);
  set(0x20, 1n);
  set(0x24, 0n);
  set(0x20, BigInt(features >>> 0));
  set(0x70, 11n);
  set(0x30, BigInt(queue));
  set(0x38, BigInt(num));
  set64(0x80, descriptors);
  set64(0x90, available);
  set64(0xa0, device);
  set(0x44, 1n);
  set(0x70, 15n);
  for (let count = 0; count < notifications; count += 1) set(0x50, BigInt(queue));
  return program.i("wfi");
}

const availableRing = (index: number, ...heads: number[]): Uint8Array => {
  const halves = [0, index, ...heads];
  const bytes = new Uint8Array(halves.length * 2);
  const view = new DataView(bytes.buffer);
  halves.forEach((half, at) => {
    view.setUint16(at * 2, half, true);
  });
  return bytes;
};

const joined = (parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

const answer = (effect: Effect): readonly MachineEvent[] =>
  effect.type === "entropy/requested"
    ? [
        {
          type: "virtioRng/entropyProvided",
          slot: effect.slot,
          bytes: new Uint8Array(effect.length).fill(0x5b),
        },
      ]
    : [];

function run(queue: Queue, memory: (readonly [bigint, Uint8Array])[], notifications = 1): Outcome {
  return endure(
    { program: driver(queue, notifications), memory, virtio: ["rng", "console"] },
    {
      insns: 20_000,
      events: 3000,
      answer,
      input: [{ type: "virtioConsole/bytesReceived", slot: CONSOLE, bytes: new Uint8Array(200).fill(7) }],
    },
  );
}

function breaks(queue: Queue, memory: (readonly [bigint, Uint8Array])[], what: string): void {
  const { state, stop } = run(queue, memory);
  assert.is(stop, "idle", what);
  const slot = state.platform.virtio[queue.slot];
  assert.is((slot?.status ?? 0) & NEEDS_RESET, NEEDS_RESET, `${what}: DEVICE_NEEDS_RESET`);
  assert.is((slot?.interruptStatus ?? 0) & INTERRUPT_CONFIGURATION, INTERRUPT_CONFIGURATION, `${what}: told`);
}

const transmit: Queue = { slot: CONSOLE, queue: 1, num: 8 };
const receive: Queue = { slot: CONSOLE, queue: 0, num: 8 };
const entropy: Queue = { slot: RNG, queue: 0, num: 8 };
const AVAILABLE = DATA + 0x4000n;

const oneChain = (...descriptors: Uint8Array[]): (readonly [bigint, Uint8Array])[] => [
  [DATA, joined(descriptors)],
  [AVAILABLE, availableRing(1, 0)],
];

test("given a sane chain, when it is transmitted, then the bytes arrive: what follows does not break for another reason", () => {
  const { effects, state } = run(transmit, [
    ...oneChain(descriptor(DATA + 0x3000n, 3)),
    [DATA + 0x3000n, Uint8Array.of(72, 105, 10)],
  ]);
  const sent = effects.flatMap((effect) => (effect.type === "console/transmitted" ? [...effect.bytes] : []));
  assert.equal(sent, [72, 105, 10]);
  assert.is((state.platform.virtio[CONSOLE]?.status ?? 0) & NEEDS_RESET, 0);
});

test("given buffers that are not in RAM, or not all of them, then the device needs a reset", () => {
  const places = [
    0n,
    RAM_END,
    RAM_END - 1n,
    RAM - 1n,
    1n << 63n,
    (1n << 64n) - 1n,
    (1n << 64n) - 4n,
    0x1000_0000n,
    0x1000n,
  ];
  for (const place of places) {
    breaks(transmit, oneChain(descriptor(place, 16)), `transmit from 0x${place.toString(16)}`);
    breaks(receive, oneChain(descriptor(place, 16, WRITE)), `receive to 0x${place.toString(16)}`);
    breaks(entropy, oneChain(descriptor(place, 16, WRITE)), `entropy to 0x${place.toString(16)}`);
  }
  breaks(transmit, oneChain(descriptor(RAM, RAM_BYTES + 1)), "one byte more than RAM");
  breaks(transmit, oneChain(descriptor(RAM, 0xffff_ffff)), "the longest length");
  breaks(transmit, oneChain(descriptor(DATA, 0)), "no bytes");
});

test("given rings and tables that are not in RAM, then the device needs a reset", () => {
  for (const place of [0n, RAM_END, RAM_END - 8n, 0x1000_0000n, 1n << 56n, (1n << 64n) - 16n]) {
    for (const area of ["descriptors", "driver", "device"] as const) {
      breaks({ ...transmit, [area]: place }, oneChain(descriptor(DATA, 16)), `${area} at 0x${place.toString(16)}`);
    }
  }
});

test("given queue sizes of no meaning, then the device needs a reset", () => {
  for (const num of [0, 3, 7, 1025, 2048, 0x1_0000, 0xffff_ffff]) {
    breaks({ ...transmit, num }, oneChain(descriptor(DATA, 16)), `a queue of ${String(num)}`);
  }
});

test("given chains that loop or lead out of the table, then the device needs a reset", () => {
  breaks(transmit, oneChain(descriptor(DATA, 1, NEXT, 0)), "a descriptor that follows itself");
  breaks(transmit, oneChain(descriptor(DATA, 1, NEXT, 1), descriptor(DATA, 1, NEXT, 0)), "a loop of two");
  breaks(transmit, oneChain(descriptor(DATA, 1, NEXT, 8)), "a next behind the table");
  breaks(
    transmit,
    [
      [DATA, descriptor(DATA, 1)],
      [AVAILABLE, availableRing(1, 0xffff)],
    ],
    "a head behind the table",
  );
  breaks(
    transmit,
    [
      [DATA, descriptor(DATA, 1)],
      [AVAILABLE, availableRing(9, 0)],
    ],
    "more chains than there are",
  );
  breaks(
    transmit,
    oneChain(descriptor(DATA, 1, WRITE | NEXT, 1), descriptor(DATA, 1)),
    "one to read behind one to write",
  );
});

test("given indirect tables that loop, nest, are cut short or lie nowhere, then the device needs a reset", () => {
  const indirect = { ...transmit, features: 1 << 28 };
  const at = DATA + 0x3000n;
  breaks(indirect, oneChain(descriptor(DATA, 16, INDIRECT)), "a table that is itself");
  breaks(indirect, oneChain(descriptor(at, 15, INDIRECT)), "a table of 15 bytes");
  breaks(indirect, oneChain(descriptor(at, 0, INDIRECT)), "a table of no bytes");
  breaks(indirect, oneChain(descriptor(RAM_END - 16n, 32, INDIRECT)), "a table that ends outside RAM");
  breaks(
    indirect,
    [...oneChain(descriptor(at, 16, INDIRECT)), [at, descriptor(DATA, 1, NEXT, 0)]],
    "a loop in a table",
  );
  breaks(indirect, oneChain(descriptor(at, 0xffff_fff0, INDIRECT)), "a table of 4 GiB");
});

test("given rings that lie over each other, their buffers and the code, then what was asked is done or the device needs a reset", () => {
  const places = [DATA, DATA + 2n, DATA + 4n, DATA + 8n, DATA + 14n, AVAILABLE, AVAILABLE - 2n, AVAILABLE + 2n, CODE];
  for (const features of [0, 1 << 29]) {
    for (const device of places) {
      for (const queue of [transmit, receive, entropy]) {
        const flags = queue === transmit ? 0 : WRITE;
        const memory = [
          [DATA, joined(Array.from({ length: 8 }, () => descriptor(DATA, 0x5000, flags)))],
          [AVAILABLE, availableRing(8, 0, 1, 2, 3, 4, 5, 6, 7)],
        ] as const;
        const { stop, events } = run({ ...queue, device, features }, [...memory]);
        assert.ok(events.length < 3000, `device area at 0x${device.toString(16)}: no end`);
        assert.ok(stop !== "due");
      }
    }
  }
});

test("given a notification of every queue there might be, then those that are not there are ignored", () => {
  const program = driver({ ...transmit }).i("addi");
  for (const index of [2n, 3n, 0xffffn, 0xffff_ffffn]) program.li(11, index).i("sw", { rs1: 10, rs2: 11, imm: 0x50 });
  endure({ program: program.i("wfi"), virtio: ["rng", "console"] });
});

test("given a queue of the longest chains, when it is notified, then it is served in bounded time", () => {
  const num = 1024;
  const descriptors = joined(
    Array.from({ length: num }, (_, index) => descriptor(DATA, 1, index < num - 1 ? NEXT : 0, index + 1)),
  );
  const heads = new Array<number>(num).fill(0);
  const startMs = performance.now();
  const areas = { descriptors: RAM + 0x2_0000n, driver: RAM + 0x3_0000n, device: RAM + 0x4_0000n };
  endure(
    {
      program: driver({ slot: CONSOLE, queue: 1, num, ...areas }),
      memory: [
        [areas.descriptors, descriptors],
        [areas.driver, availableRing(64, ...heads)],
      ],
      virtio: ["rng", "console"],
    },
    { insns: 1000 },
  );
  assert.ok(performance.now() - startMs < 5000, "64 chains of 1024 descriptors, six times over");
});

test("given virtqueues of random bytes, when they are notified, then it ends, and only RAM has changed", () => {
  for (let seed = 1n; seed <= 30n; seed += 1n) {
    const next = seeded(seed);
    const bytes = Uint8Array.from({ length: 0x8000 }, () => Number(next() & 0xffn & next()));
    const queue = [transmit, receive, entropy][Number(seed % 3n)] ?? transmit;
    const near = (): bigint => DATA + (next() % 0x4000n);
    const wild = { descriptors: near(), driver: near(), device: near(), features: Number(next() % 4n) << 28 };
    // Addresses are mostly of RAM, lengths mostly small, the index small.
    const view = new DataView(bytes.buffer);
    for (let at = Number(wild.descriptors - DATA); at + 16 < 0x8000; at += 16) {
      if (next() % 4n === 0n) continue;
      view.setBigUint64(at, DATA + (next() % 0x8000n), true);
      view.setUint32(at + 8, Number(next() % 64n), true);
      view.setUint16(at + 12, Number(next() % 8n), true);
      view.setUint16(at + 14, Number(next() % 9n), true);
    }
    view.setUint16(Number(wild.driver - DATA) + 2, Number(next() % 9n), true);
    const { events } = run({ ...queue, ...wild }, [[DATA, bytes]], 3);
    assert.ok(events.length < 3000, `seed ${String(seed)}: no end`);
  }
});

test.run();
