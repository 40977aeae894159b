// U-Boot in supervisor mode over OpenSBI, typed at in random pieces at random host times, and replayed in new processes.
// test-time-limit-seconds: 900
import { test } from "uvu";
import * as assert from "uvu/assert";

import { inLanes } from "../support/lanes.js";
import { recordInNewProcess } from "../support/replay-process.js";
import { requires } from "../support/requires.js";
import { freshSeed, oneOf, seededRandom } from "../support/seeded-random.js";
import type { TypedRecording } from "../support/typed-recording.js";
import { replaysTheSame } from "./same-again.js";

const RUNS = 20;
const LANES = 2;
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
    const consoles = new Set<string>();
    await inLanes(
      Array.from({ length: RUNS }, (_, run) => firstSeed + run),
      LANES,
      async (seed) => {
        const { consoleSha256 } = await replaysTheSame(
          `seed ${String(seed)}`,
          (path) => recordInNewProcess(recordingOf(seed), path),
          10,
        );
        consoles.add(consoleSha256);
      },
    );
    assert.ok(consoles.size > RUNS / 2, "the runs were too much alike");
  });
}

test.run();
