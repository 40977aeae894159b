/**
 * Drivers that keep no rule, with each kind of virtio device: descriptors anywhere, rings over each other, resets and
 * queues made ready anew in the middle of a request, answers that come late, twice, or to a device that was reset
 * meanwhile.
 *
 * FOLDVM_FUZZ_STEPS=1000000 makes a soak of it. A failure prints the shortest list of steps that fails, its seed and
 * its path.
 */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { Disk } from "../../../src/machine/disk/disk.js";
import { initialDisks } from "../../../src/machine/disk/disk-state.js";
import type { Effect } from "../../../src/reducers/effect.js";
import type { VirtioInput, VirtioSlot } from "../../../src/reducers/virtio/devices.js";
import { isQueueLive, QUEUE_NUM_MAX, VirtioState } from "../../../src/reducers/virtio/virtio.js";
import { blkConfig, memoryImage, numberedSectors } from "../../support/memory-disk.js";
import { load, store } from "../../support/register-access.js";
import { freshSeed } from "../../support/seeded-random.js";
import { describe, NEXT, notify, offer, register, start, WRITE, type Rings } from "../virtio/virtio-driver.js";
import { AREA, RAM, RAM_BYTES, virtioGuest, type VirtioGuest } from "../virtio/virtio-guest.js";

const STEPS = Number(process.env["FOLDVM_FUZZ_STEPS"] ?? 20_000);
const STEPS_A_RUN = 60;
const SECTORS = 64;
const MAC = "52:54:00:12:34:56";
/** Requests that a block device holds at once, and answers to them that wait for its bottom half. */
const MOST_HELD = 128;
/** What one step may ask of the world: each chain of each queue, once. */
const MOST_EFFECTS = 4 * QUEUE_NUM_MAX;

/** One a queue, and what each of them puts off once more. */
const MOST_BOTTOM_HALVES = 16;

const seed = freshSeed();
console.log(`    virtio fuzz: FOLDVM_SEED=${String(seed)}`);

interface Under {
  readonly guest: VirtioGuest;
  /** All that was asked, of which any may be answered at any time. */
  readonly asked: Effect[];
}

/** One thing that a driver, or the world, does. `toString` is for whoever reads a failure. */
interface Step {
  readonly run: (under: Under) => void;
  readonly toString: () => string;
}

const step = (words: string, run: Step["run"]): Step => ({ run, toString: () => words });

const address = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(...Object.values(AREA)).chain((area) => fc.nat(64).map((more) => area + more)),
  },
  { weight: 3, arbitrary: fc.nat(RAM_BYTES - 1).map((offset) => RAM + offset) },
  { weight: 1, arbitrary: fc.constantFrom(0, RAM - 1, RAM + RAM_BYTES - 1, RAM + RAM_BYTES, 0xffff_ffff, 2 ** 53 - 1) },
);
const length = fc.oneof(fc.nat(64), fc.constantFrom(0, 1, 12, 16, 511, 512, 4096, 65_535, RAM_BYTES, 0xffff_ffff));
const num = fc.constantFrom(0, 1, 2, 4, 8, 16, 1024, 3, 1025, 0xffff);
const queue = fc.nat(3);
const index = fc.oneof(
  { weight: 8, arbitrary: fc.nat(15) },
  { weight: 1, arbitrary: fc.constantFrom(16, 1023, 0xffff) },
);

/** The header of a block request, or bytes that a card or console takes for a frame, a command, or text. */
const content = fc.record({
  at: address,
  type: fc.constantFrom(0, 1, 4, 8, 11, 13, 99),
  sector: fc.constantFrom(0, 1, 63, 64, 2 ** 40),
});

/**
 * A chain as a driver that keeps the rules makes it, offered and told; what it is for may make no sense to the device.
 */
const chain = fc
  .record({
    queue: fc.constantFrom(0, 0, 0, 1, 1, 2),
    head: fc.nat(12),
    type: fc.constantFrom(0, 1, 4, 8, 11, 13),
    sector: fc.nat(SECTORS),
    shape: fc.constantFrom<[sizes: number[], firstWritten: number]>(
      // Requests of a disk: read, write, flush, discard; a frame out and room for one; a command; text.
      ...([
        [[16, 512, 1], 1],
        [[16, 512, 1], 2],
        [[16, 1], 1],
        [[16, 16, 1], 2],
        [[12, 60], 2],
        [[2000], 0],
        [[2, 6, 1], 2],
        [[9], 1],
      ] as [number[], number][]),
      [[16, 512, 1], 3],
    ),
  })
  .map((fields) =>
    step(`chain ${JSON.stringify(fields)}`, ({ guest }) => {
      const { head, type, sector } = fields;
      const [sizes, firstWritten] = fields.shape;
      const at = AREA.buffers + head * 0x1000;
      guest.access(store(at, 4, type));
      guest.access(store(at + 4, 4, 0));
      guest.access(store(at + 8, 8, sector));
      sizes.forEach((size, part) => {
        const flags = (part < sizes.length - 1 ? NEXT : 0) | (part >= firstWritten ? WRITE : 0);
        const place = { address: at + part * 0x400, length: size, flags, next: (head + part + 1) % 16 };
        for (const access of describe(AREA.descriptors, (head + part) % 16, place)) guest.access(access);
      });
      const offered = Number(guest.access(load(AREA.driver + 2, 2)).value);
      for (const access of offer(16, offered, [head])) guest.access(access);
      guest.access(notify(fields.queue));
    }),
  );

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 40, arbitrary: chain },
  {
    weight: 1,
    arbitrary: fc.record({ index: fc.nat(15), address, length, flags: fc.nat(7), next: index }).map((fields) =>
      step(`describe ${JSON.stringify(fields)}`, ({ guest }) => {
        for (const access of describe(AREA.descriptors, fields.index, fields)) guest.access(access);
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.array(index, { maxLength: 8 }).chain((heads) =>
      fc.oneof(fc.nat(8), fc.nat(0xffff)).map((idx) =>
        step(`available ${JSON.stringify({ heads, idx })}`, ({ guest }) => {
          heads.forEach((head, at) => guest.access(store(AREA.driver + 4 + at * 2, 2, head)));
          guest.access(store(AREA.driver + 2, 2, idx));
        }),
      ),
    ),
  },
  {
    weight: 1,
    arbitrary: content.map((fields) =>
      step(`content ${JSON.stringify(fields)}`, ({ guest }) => {
        if (fields.at < RAM || fields.at + 16 > RAM + RAM_BYTES) return;
        guest.access(store(fields.at, 4, fields.type));
        guest.access(store(fields.at + 8, 8, fields.sector));
      }),
    ),
  },
  { weight: 4, arbitrary: queue.map((at) => step(`notify ${String(at)}`, ({ guest }) => guest.access(notify(at)))) },
  { weight: 24, arbitrary: fc.constant(step("bottom halves", ({ guest }) => settle(guest))) },
  {
    weight: 2,
    arbitrary: fc
      .record({
        queue,
        num: fc.oneof({ weight: 8, arbitrary: fc.constant(16) }, { weight: 2, arbitrary: num }),
        features: fc.constantFrom(0, 1 << 28, 1 << 29, (1 << 28) | (1 << 29), -1),
        rings: fc.oneof(
          { weight: 5, arbitrary: fc.constant(AREA) },
          { weight: 1, arbitrary: fc.record({ descriptors: address, driver: address, device: address }) },
        ),
      })
      .map(({ queue: at, num: size, features, rings }) =>
        step(`start ${JSON.stringify({ at, size, features, rings })}`, ({ guest }) => {
          const ringsOf = (): Rings => rings;
          // A queue that begins anew finds an empty ring, as a driver that keeps that rule leaves it.
          guest.access(store(AREA.driver + 2, 2, 0));
          for (const access of start([...new Set([0, at])], size, features, ringsOf)) guest.access(access);
        }),
      ),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({
        offset: fc.constantFrom(
          0x14,
          0x20,
          0x24,
          0x30,
          0x38,
          0x44,
          0x50,
          0x64,
          0x70,
          0x80,
          0x84,
          0x90,
          0x94,
          0xa0,
          0xa4,
          0x100,
          0x104,
        ),
        value: fc.oneof(
          fc.nat(31),
          fc.constantFrom(0, 1, 15, 128, -1),
          address.map((at) => at >>> 0),
        ),
      })
      .map(({ offset, value }) =>
        step(`register ${JSON.stringify({ offset, value })}`, ({ guest }) =>
          guest.access(register(offset, value >>> 0)),
        ),
      ),
  },
  {
    weight: 16,
    arbitrary: fc
      .record({ which: fc.nat(200), status: fc.nat(3), isKept: fc.boolean() })
      .map(({ which, status, isKept }) =>
        step(`answer ${JSON.stringify({ which, status, isKept })}`, (under) => answer(under, which, status, isKept)),
      ),
  },
  {
    weight: 6,
    arbitrary: fc
      .nat(2000)
      .map((bytes) => step(`input of ${String(bytes)}`, ({ guest }) => input(guest, new Uint8Array(bytes).fill(0x5a)))),
  },
);

/** The host answers one of what it was asked; a bad host, twice. */
function answer({ guest, asked }: Under, which: number, status: number, isKept: boolean): void {
  const at = which % Math.max(asked.length, 1);
  const effect = asked[at];
  if (effect === undefined) return;
  if (!isKept) asked.splice(at, 1);
  if (effect.type === "disk/requested")
    send(guest, { type: "virtioBlk/requestCompleted", slot: 1, id: effect.id, status });
  if (effect.type === "entropy/requested")
    send(guest, { type: "virtioRng/entropyProvided", slot: 1, bytes: new Uint8Array(effect.length).fill(1) });
}

function input(guest: VirtioGuest, bytes: Uint8Array): void {
  if (guest.state.device.kind === "console") send(guest, { type: "virtioConsole/bytesReceived", slot: 1, bytes });
  if (guest.state.device.kind === "net") send(guest, { type: "virtioNet/frameReceived", slot: 1, frame: bytes });
}

/** What was answered is given back by then, once: it would be finished again by the next one. */
function settle(guest: VirtioGuest): void {
  let count = 0;
  while (guest.runBottomHalf()) assert.ok((count += 1) <= MOST_BOTTOM_HALVES, "bottom halves without end");
  const { state } = guest;
  if (state.device.kind === "blk" && isQueueLive(state, 0)) assert.is(state.device.answered.length, 0, "answers left");
}

/** As the sequencer does: what the device can't take now does not come. */
function send(guest: VirtioGuest, event: VirtioInput): void {
  if (guest.canTake(event)) guest.input(event);
}

function holds({ guest, asked }: Under, before: number): void {
  const { state } = guest;
  assert.ok(VirtioState.is(state), "a state that can be saved");
  assert.ok(asked.length - before <= MOST_EFFECTS, `${String(asked.length - before)} effects of one step`);
  if (state.device.kind !== "blk") return;
  assert.ok(state.device.inFlight.length <= MOST_HELD, `${String(state.device.inFlight.length)} requests in flight`);
  const ids = [...state.device.inFlight, ...state.device.answered.map(({ request }) => request)].map(({ id }) => id);
  assert.is(new Set(ids).size, ids.length, "a request that is twice there");
  assert.ok(state.device.answered.length <= MOST_HELD, `${String(state.device.answered.length)} answered requests`);
}

const image = numberedSectors(SECTORS);
const disk = (): Disk => {
  const [state] = initialDisks({ virtio: [blkConfig(image)] });
  assert.ok(state);
  return new Disk(memoryImage(image), state);
};

const DEVICES: Readonly<Record<string, () => VirtioGuest>> = {
  blk: () => virtioGuest(blkConfig(image), disk(), { putsOff: true }),
  net: () => virtioGuest({ kind: "net", mac: MAC }, undefined, { putsOff: true }),
  console: () => virtioGuest("console" satisfies VirtioSlot, undefined, { putsOff: true }),
  rng: () => virtioGuest("rng" satisfies VirtioSlot, undefined, { putsOff: true }),
};

for (const [name, create] of Object.entries(DEVICES)) {
  test(`given a ${name} device and a driver that keeps no rule, when it does anything, then its state stays sound and bounded`, () => {
    fc.assert(
      fc.property(fc.array(steps, { minLength: 1, maxLength: STEPS_A_RUN, size: "max" }), (list) => {
        const guest = create();
        const under: Under = { guest, asked: guest.effects };
        for (const access of start([0, 1], 16)) guest.access(access);
        for (const one of list) {
          const before = under.asked.length;
          one.run(under);
          holds(under, before);
        }
      }),
      { seed, numRuns: Math.ceil(STEPS / Object.keys(DEVICES).length / (STEPS_A_RUN / 2)) },
    );
  });
}

test.run();
