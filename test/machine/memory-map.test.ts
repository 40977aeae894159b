import { test } from "uvu";
import * as assert from "uvu/assert";

import { DRAM_BASE, MEMORY_MAP } from "../../src/machine/memory-map.js";
import type { Place } from "../../src/reducers/device.js";
import { SOURCES } from "../../src/reducers/plic.js";

const regions: readonly Place[] = Object.values(MEMORY_MAP).flat();

test("given the memory map, when its ranges are laid side by side, then none overlaps another or RAM", () => {
  const sorted = [...regions].sort((a, b) => a.base - b.base);
  for (const [index, region] of sorted.entries()) {
    assert.ok(region.base + region.sizeBytes <= (sorted[index + 1]?.base ?? DRAM_BASE), region.base.toString(16));
  }
});

test("given the devices with an interrupt, when their sources are compared, then each is the PLIC's and nobody else's", () => {
  const sources = regions.flatMap(({ source }) => (source === undefined ? [] : [source]));
  assert.equal(new Set(sources).size, sources.length);
  assert.ok(sources.every((source) => source >= 1 && source < SOURCES));
});

test("given the last virtio-mmio slot, when its place is asked for, then it is QEMU's", () => {
  assert.equal(MEMORY_MAP.virtio.at(-1), { base: 0x1000_8000, sizeBytes: 0x1000, source: 8 });
});

test.run();
