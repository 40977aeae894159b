// The embedded guest, recorded while random input arrives at random host times, and replayed in new processes.
import { test } from "uvu";

import { fileSink } from "../../src/streams/host/file-sink.js";
import { demoOptions, LETTERS } from "../support/demo-guest.js";
import { freshSeed, oneOf, seededRandom, type Random } from "../support/seeded-random.js";
import { recordTyped, type TypedRecording } from "../support/typed-recording.js";
import type { Step } from "../support/typist.js";
import { replayTheSame } from "./same-again.js";

const COMMANDS = [
  "help",
  "uptime",
  "stats",
  "crc",
  "primes 3000",
  "log",
  "nonsense",
  "upx\x7ftime",
  "",
  " log 3 ; stats",
];

/** A few commands without waiting for the prompt, sometimes a reset, and one of the ends that there are. */
const session = (random: Random): readonly Step[] => {
  const commands = (count: number): Step[] =>
    Array.from({ length: count }, () => ({ types: `${oneOf(random, COMMANDS)}\n`, withinMs: random(6) }));
  const reset: readonly Step[] =
    random(3) === 0 ? [{ types: "reset\n" }, { awaits: "foldvm demo firmware", types: "log\n" }] : [];
  const end: readonly Step[] = oneOf(random, [
    [{ types: "poweroff\n" }],
    [{ types: "panic 5\n" }],
    [{ types: "race\n" }, { awaits: "letters a to x", types: LETTERS, withinMs: 1 }],
  ]);
  return [
    { awaits: "demo> ", types: "uptime\n" },
    ...commands(1 + random(4)),
    ...reset,
    ...commands(random(3)),
    ...end,
  ];
};

const recordingOf = (seed: number): TypedRecording => {
  const random = seededRandom(seed);
  return {
    seed,
    machine: { ...demoOptions, shift: random(4) },
    steps: session(random),
    sequence: { sleep: random(2) === 0, checkpointInsns: 5_000 },
  };
};

const firstSeed = freshSeed();

test(`given 20 recordings under random input (from seed ${String(firstSeed)}), then each replays the same in a new process`, async () => {
  await replayTheSame({
    firstSeed,
    runs: 20,
    leastHashes: 1,
    record: async (seed, path) => (await recordTyped(recordingOf(seed), fileSink(path))).digest,
  });
});

test.run();
