// Debian's kernel and busybox through OpenSBI: booted, typed at in random pieces at random host times, and replayed in new processes.
// test-time-limit-seconds: 1800
import { test } from "uvu";
import * as assert from "uvu/assert";

import { cachedDebianImages, debianImages, type DebianImages } from "../../scripts/debian/debian-images.js";
import { PROMPT } from "../../scripts/debian/initramfs.js";
import { inLanes } from "../support/lanes.js";
import { recordInNewProcess } from "../support/replay-process.js";
import { skip } from "../support/requires.js";
import { freshSeed, oneOf, seededRandom } from "../support/seeded-random.js";
import type { TypedRecording } from "../support/typed-recording.js";
import { replaysTheSame } from "./same-again.js";

const NAME = "Debian replays the same";
const RUNS = 20;
const LANES = 2;
const COMMANDS = [
  "uname -a",
  "cat /proc/interrupts",
  "date",
  "ls -l /",
  "free",
  "dmesg | tail -3",
  "nonsense",
  "",
  "usleep 3000",
  "head -c 16 /dev/urandom | hexdump -C",
];

const recordingOf = ({ kernel, initrd, firmware }: DebianImages, seed: number): TypedRecording => {
  const random = seededRandom(seed);
  return {
    seed,
    machine: {
      memory: oneOf(random, ["128M", "256M"]),
      bios: firmware,
      kernel,
      initrd,
      append: "console=ttyS0 no4lvl no5lvl quiet",
      virtio: oneOf(random, [[], ["rng", "console"]]),
    },
    steps: [
      // Before there is a shell, for the driver to find or lose.
      { awaits: "OpenSBI", types: "\n\n\n", withinMs: 1500 },
      { awaits: PROMPT, types: "\n" },
      ...Array.from({ length: 1 + random(3) }, () => ({
        awaits: PROMPT,
        types: `${oneOf(random, COMMANDS)}\n${oneOf(random, COMMANDS)}\n`,
        withinMs: random(20),
      })),
      { awaits: PROMPT, types: "\npoweroff\n" },
    ],
    sequence: { sleep: random(2) === 0, checkpointInsns: 1 << 24 },
    timeLimitMs: 180_000,
  };
};

/** From the cache, else from Debian's archive where nothing may be skipped. */
const images = process.env["FOLDVM_REQUIRE_ALL"] === "1" ? await debianImages() : await cachedDebianImages();
const firstSeed = freshSeed();

if (images === undefined) {
  skip(NAME, "the Debian images are not in the cache (npm run debian fetches them)");
} else {
  test(`given 20 recordings of Debian (from seed ${String(firstSeed)}), then each replays the same in a new process`, async () => {
    const consoles = new Set<string>();
    await inLanes(
      Array.from({ length: RUNS }, (_, run) => firstSeed + run),
      LANES,
      async (seed) => {
        const { consoleSha256 } = await replaysTheSame(
          `seed ${String(seed)}`,
          (path) => recordInNewProcess(recordingOf(images, seed), path),
          30,
        );
        consoles.add(consoleSha256);
      },
    );
    assert.ok(consoles.size > RUNS / 2, "the runs were too much alike");
  });
}

test.run();
