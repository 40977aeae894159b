// U-Boot in supervisor mode over OpenSBI, typed at in random pieces at random host times, and replayed in new
// processes.
// test-time-limit-seconds: 900
import { test } from "uvu";

import { recordInNewProcess } from "../support/replay-process.js";
import { requires } from "../support/requires.js";
import { freshSeed, oneOf, seededRandom } from "../support/seeded-random.js";
import type { TypedRecording } from "../support/typed-recording.js";
import { replayTheSame } from "./same-again.js";

const COMMANDS = ["version", "bdinfo", "printenv", "crc32 80200000 4000", "dm tree", "nonsense", "", "echo x\x7fy"];

const recordingOf = (seed: number): TypedRecording => {
  const random = seededRandom(seed);
  return {
    seed,
    machine: {
      memory: oneOf(random, ["64M", "128M"]),
      bios: `/usr/lib/riscv64-linux-gnu/opensbi/generic/${oneOf(random, ["fw_jump.elf", "fw_dynamic.elf"])}`,
      kernel: "/usr/lib/u-boot/qemu-riscv64_smode/uboot.elf",
      virtio: oneOf(random, [[], ["rng"], ["console", "rng"]]),
      smp: oneOf(random, [1, 4]),
    },
    steps: [
      { awaits: "OpenSBI", types: " ", withinMs: 300 },
      { awaits: "autoboot", types: " " },
      ...Array.from({ length: 2 + random(4) }, () => ({
        awaits: "=> ",
        types: `${oneOf(random, COMMANDS)}\n${oneOf(random, COMMANDS)}\n`,
        withinMs: random(10),
      })),
      { awaits: "=> ", types: "\npoweroff\n" },
    ],
    sequence: { sleep: random(2) === 0, checkpointInsns: 2_000_000 },
  };
};

const firstSeed = freshSeed();

if (requires("U-Boot replays the same", ["opensbi", "u-boot"])) {
  test(`given 20 recordings of U-Boot (from seed ${String(firstSeed)}), then each replays the same in a new process`, async () => {
    await replayTheSame({
      firstSeed,
      runs: 20,
      leastHashes: 10,
      record: (seed, path) => recordInNewProcess(recordingOf(seed), path),
    });
  });
}

test.run();
