// What a machine may be made of: a recording's header comes from anywhere, so each part that can grow has a bound.
import { isRight } from "fp-ts/lib/Either.js";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { MachineConfig, MAX_HARTS, MAX_MEMORY_BYTES, MAX_SHIFT } from "../../src/reducers/machine-config.js";
import { MAX_LAYERS, MAX_SECTORS, type BlkConfig } from "../../src/reducers/virtio/blk.js";
import { VIRTIO_SLOTS } from "../../src/reducers/virtio-mmio.js";

const machine = { memoryBytes: 1 << 20, harts: 1, shift: 0, append: null, rngSeed: "", virtio: [] } as const;
const drive = (part: Partial<BlkConfig>) => {
  const base = ["0".repeat(64)];
  const disk = { kind: "blk", format: "raw", base, sectors: 1, readOnly: false, serial: "", ...part };
  return { virtio: [disk] };
};
const layers = (count: number) => drive({ base: new Array<string>(count).fill("0".repeat(64)) });

for (const [what, within, beyond] of [
  ["memory", { memoryBytes: MAX_MEMORY_BYTES }, { memoryBytes: MAX_MEMORY_BYTES + 4096 }],
  ["harts", { harts: MAX_HARTS }, { harts: MAX_HARTS + 1 }],
  ["few harts", { harts: 1 }, { harts: 0 }],
  ["time an instruction takes", { shift: MAX_SHIFT }, { shift: MAX_SHIFT + 1 }],
  ["seed", { rngSeed: "00".repeat(512) }, { rngSeed: "00".repeat(513) }],
  ["slots", { virtio: new Array(VIRTIO_SLOTS).fill("rng") }, { virtio: new Array(VIRTIO_SLOTS + 1).fill("rng") }],
  ["sectors of a disk", drive({ sectors: MAX_SECTORS }), drive({ sectors: MAX_SECTORS + 1 })],
  ["images of a disk", layers(MAX_LAYERS), layers(MAX_LAYERS + 1)],
  ["serial number of a disk", drive({ serial: "x".repeat(20) }), drive({ serial: "x".repeat(21) })],
] as const) {
  test(`given the largest ${what} that a machine can have, then it is one; one beyond, then it is none`, () => {
    assert.ok(isRight(MachineConfig.decode({ ...machine, ...within })));
    assert.not(isRight(MachineConfig.decode({ ...machine, ...beyond })));
  });
}

test("given the least memory that a machine can have, then it is one; with less, or half a page more, it is none", () => {
  assert.ok(isRight(MachineConfig.decode({ ...machine, memoryBytes: 1 << 20 })));
  for (const memoryBytes of [(1 << 20) - 4096, (1 << 20) + 2048, 0, 3])
    assert.not(isRight(MachineConfig.decode({ ...machine, memoryBytes })));
});

test.run();
