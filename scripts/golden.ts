// Makes the golden logs that are not there yet: `npm run golden`. They are recorded in faked host time from fixed
// seeds, so that the same machine gives the same bytes. One that is there stays as it is: it must be readable for ever
// (logs/README.md).
import { copyFileSync, existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

import { ignoreElements, Subject, tap } from "rxjs";

import type { Backend } from "../src/streams/live/backend.js";
import { consoleBackend } from "../src/streams/live/backends/console.js";
import { entropy } from "../src/streams/live/backends/entropy.js";
import { hostClock } from "../src/streams/live/backends/host-clock.js";
import { powerSwitch } from "../src/streams/live/backends/power-switch.js";
import { edits, fork } from "../src/streams/past/branch/index.js";
import { pack } from "../src/streams/past/pack.js";
import { replay } from "../src/streams/past/replayer.js";
import { openRecording } from "../src/streams/session/open-recording.js";
import { memorySink } from "../src/streams/store/log/index.js";
import { openMachine, type MachineOptions } from "../src/streams/session/machine-options.js";
import { record } from "../src/streams/live/recorder.js";
import { run } from "../src/streams/live/run.js";
import { FakeHostTime } from "../test/support/fake-host-time.js";
import { seededRandom, type Random } from "../test/support/seeded-random.js";
import { readingTheTime } from "../test/support/tiny-guests.js";

const LETTERS = "abcdefghijklmnopqrstuvwx";
/** In what is typed: the host presses the reset button. */
const RESET = "\x12";
const MAX_SEED = 1000;
const MAX_TURNS = 100_000;
const WORK_MS = 8;

interface Golden {
  readonly name: string;
  readonly options: MachineOptions;
  /** Typed in pieces, a few turns of the host apart. */
  readonly types: string;
  /** The virtio console that is typed at; absent: the UART. */
  readonly slot?: number;
  /** Whether this run is the one that is wanted; else the next seed is tried. */
  readonly isWanted?: (console: string) => boolean;
  readonly checkpointInsns: number;
}

interface Recorded {
  readonly bytes: Uint8Array;
  readonly console: Buffer;
}

// Relative to logs/, where the recordings look for them.
const demo: MachineOptions = { memory: "4M", bios: "none", kernel: "../guests/demo/demo.elf", seed: "golden" };

const goldens: readonly Golden[] = [
  {
    name: "session",
    options: { ...demo, shift: 2, append: "uptime" },
    types: "help\nnonsemse\x7f\x7f\x7fnse\nstats\nreset\ncrc\npoweroff\n",
    checkpointInsns: 20_000,
  },
  {
    name: "race-passes",
    options: { ...demo, append: "race" },
    types: LETTERS,
    isWanted: (console) => console.includes("PASS: 24 bytes in order"),
    checkpointInsns: 1_000_000,
  },
  {
    name: "race-fails",
    options: { ...demo, append: "race" },
    types: LETTERS,
    isWanted: (console) => console.includes("FAIL: 24 bytes received, 23 delivered"),
    checkpointInsns: 1_000_000,
  },
  { name: "panic", options: demo, types: "panic 42\n", checkpointInsns: 5_000 },
  { name: "clock", options: { ...demo, kernel: "clock.bin" }, types: "", checkpointInsns: 10 },
  {
    name: "virtio",
    options: { ...demo, kernel: "../guests/virtio/virtio.elf", virtio: ["rng", "console", "none", "rng", "console"] },
    types: `A host\n${RESET}resets it; the second console\nechoes until q`,
    slot: 4,
    checkpointInsns: 1_000,
  },
];

const recordGolden = ({ name, options, types, slot, checkpointInsns }: Golden, random: Random): Recorded => {
  const { machine, header } = openMachine(options);
  const sink = memorySink();
  const time = new FakeHostTime(WORK_MS);
  const input$ = new Subject<Uint8Array>();
  const heard: Uint8Array[] = [];
  let ended = false;
  const reset$ = new Subject<void>();
  const typedAt = slot === undefined ? ({ port: "uart16550" } as const) : ({ port: "virtioConsole", slot } as const);
  const listener: Backend = (effects$) =>
    effects$.pipe(
      tap((effect) => {
        if (effect.type === "console/transmitted") heard.push(effect.bytes);
      }),
      ignoreElements(),
    );
  const chance = entropy((length) => Uint8Array.from({ length }, () => random(256)));
  run(machine, [consoleBackend({ ...typedAt, input$ }), listener, hostClock(time), chance, powerSwitch({ reset$ })], {
    checkpointInsns,
    time,
  })
    .pipe(record(machine, sink, header))
    .subscribe({ complete: () => (ended = true) });
  let untyped = types;
  for (let turns = 0; !ended; turns += 1) {
    if (turns > MAX_TURNS) throw new Error(`${name} does not end:\n${Buffer.concat(heard).toString("latin1")}`);
    if (untyped !== "" && random(3) === 0) {
      const [letter = ""] = untyped;
      if (letter === RESET) reset$.next();
      else input$.next(new TextEncoder().encode(letter));
      untyped = untyped.slice(1);
    }
    time.turn();
    time.pass(random(1000) / 1000);
  }
  return { bytes: sink.bytes(), console: Buffer.concat(heard) };
};

/** Made of recordings that are there by then, each in a format that came later: their files are written in `folder`. */
const derived: Readonly<Record<string, (path: string) => void>> = {
  // Version 2.
  snapshot(path) {
    copyFileSync("panic.fold", path);
    const recording = openRecording(path, { index: false });
    recording.saveSnapshot("half way", Math.floor(recording.info.instructions / 2));
    recording.close();
  },
  // Version 3.
  packed(path) {
    const sink = memorySink();
    pack(openRecording("session.fold", { index: false }), sink);
    writeFileSync(path, sink.bytes());
  },
  // Version 4: the letter before the one that meets the race comes later, and all arrive.
  branch(path) {
    const recording = openRecording("race-fails.fold", { index: false });
    const edit = edits(recording).delay(35, { insns: 30_000 });
    const sink = memorySink();
    fork(recording, { at: 8_000_000, edit, changes: ["the 19th letter comes later"] }).record(sink);
    writeFileSync(path, sink.bytes());
  },
};

const consoleOf = (path: string): Buffer => {
  const recording = openRecording(path, { index: false });
  const machine = recording.openMachine();
  const heard: Uint8Array[] = [];
  machine.listen((effect) => {
    if (effect.type === "console/transmitted") heard.push(effect.bytes);
  });
  replay(machine, recording.log);
  recording.close();
  return Buffer.concat(heard);
};

const isThere = (name: string): boolean => {
  const isKept = existsSync(join(folder, `${name}.fold`));
  if (isKept) process.stdout.write(`${name}.fold: kept\n`);
  return isKept;
};

const folder = process.argv[2] ?? join(import.meta.dirname, "../logs");
mkdirSync(folder, { recursive: true });
process.chdir(join(import.meta.dirname, "../logs"));
const CLOCK_READINGS = 4;
writeFileSync("clock.bin", readingTheTime(CLOCK_READINGS));
for (const golden of goldens) {
  const { name, isWanted = () => true } = golden;
  if (isThere(name)) continue;
  let found: Recorded | undefined;
  let seed = 0;
  while (found === undefined && seed < MAX_SEED) {
    seed += 1;
    const recorded = recordGolden(golden, seededRandom(seed));
    if (isWanted(recorded.console.toString("latin1"))) found = recorded;
  }
  if (found === undefined) throw new Error(`none of ${String(MAX_SEED)} runs was the wanted one for ${name}`);
  writeFileSync(join(folder, `${name}.fold`), found.bytes);
  writeFileSync(join(folder, `${name}.console.txt`), found.console);
  process.stdout.write(`${name}.fold: seed ${String(seed)}, ${String(found.bytes.length)} bytes\n`);
}
for (const [name, write] of Object.entries(derived)) {
  if (isThere(name)) continue;
  const path = join(folder, `${name}.fold`);
  write(path);
  writeFileSync(join(folder, `${name}.console.txt`), consoleOf(path));
  process.stdout.write(`${name}.fold: ${String(statSync(path).size)} bytes\n`);
}
