import { isRight } from "fp-ts/lib/Either.js";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { initialPlatform, PlatformState } from "../../src/reducers/platform.js";
import { seededRandom } from "../support/seeded-random.js";
import { platformBus } from "./platform-bus.js";

const CONFIG = { harts: 2, virtio: ["rng", "none", "console"] } as const;
const BASES = [
  0x10_0000, 0x10_1000, 0x200_0000, 0x200_4000, 0x200_bff0, 0xc00_0000, 0xc00_2000, 0xc20_0000, 0x1000_0000,
  0x1000_1000, 0x1000_3000,
];

test("given any accesses a guest makes, when the platform is decoded, then its codec takes it and nothing throws", () => {
  const bus = platformBus(CONFIG);
  const random = seededRandom(1);
  for (let count = 0; count < 20_000; count += 1) {
    const width = ([1, 2, 4, 8] as const)[random(4)] ?? 4;
    const base = BASES[random(BASES.length)] ?? 0;
    const address = base + random(0x108) * (random(8) === 0 ? 1 : width);
    const value = (BigInt(random(2 ** 32)) << 32n) | BigInt(random(2 ** 32));
    bus.access(random(2) === 0 ? { address, width } : { address, width, value });
    if (count % 500 === 0) assert.ok(isRight(PlatformState.decode(bus.platform)), `after ${String(count)} accesses`);
  }
  assert.equal(PlatformState.encode(bus.platform), bus.platform);
});

test("given a damaged state, when it is decoded, then it is refused", () => {
  const platform = initialPlatform(CONFIG);
  assert.not(isRight(PlatformState.decode({ ...platform, uart16550: { ...platform.uart16550, ier: 256 } })));
  assert.not(isRight(PlatformState.decode({ ...platform, clint: { ...platform.clint, mtimecmp: [1] } })));
});

test.run();
