// Debian's kernel and busybox through OpenSBI: booted, typed at in random pieces at random host times, and replayed in
// new processes.
// test-time-limit-seconds: 1800
import { test } from "uvu";

import type { DebianImages } from "../../scripts/debian/debian-images.js";
import { debianMachine } from "../../scripts/debian/debian-machine.js";
import { PROMPT } from "../../scripts/debian/initramfs.js";
import { requiresDebian } from "../support/debian.js";
import { recordInNewProcess } from "../support/replay-process.js";
import { freshSeed, oneOf, seededRandom } from "../support/seeded-random.js";
import type { TypedRecording } from "../support/typed-recording.js";
import { replayTheSame } from "./same-again.js";

const NAME = "Debian replays the same";
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

const recordingOf = (images: DebianImages, seed: number): TypedRecording => {
  const random = seededRandom(seed);
  return {
    seed,
    machine: {
      ...debianMachine(images),
      memory: oneOf(random, ["128M", "256M"]),
      virtio: oneOf(random, [[], ["rng", "console"]]),
      smp: oneOf(random, [1, 1, 2, 4]),
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
    timeLimitMs: 900_000,
  };
};

const images = await requiresDebian(NAME);
const firstSeed = freshSeed();

if (images !== undefined) {
  test(`given 20 recordings of Debian (from seed ${String(firstSeed)}), then each replays the same in a new process`, async () => {
    await replayTheSame({
      firstSeed,
      runs: 20,
      leastHashes: 30,
      record: (seed, path) => recordInNewProcess(recordingOf(images, seed), path),
    });
  });
}

test.run();
