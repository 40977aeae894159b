// One recording of Debian's boot on every setting of the engine, with its caches kept and with them dropped at random:
// the same hash at every checkpoint. Seen red: with regions that give back one instruction too few where they hand one
// over.
// test-time-limit-seconds: 1800
import { lastValueFrom } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import type { DebianImages } from "../../scripts/debian/debian-images.js";
import { debianMachine, KERNEL_COMMAND_LINE } from "../../scripts/debian/debian-machine.js";
import { consoleBackend } from "../../src/streams/live/backends/console.js";
import { entropy } from "../../src/streams/live/backends/entropy.js";
import { hostClock } from "../../src/streams/live/backends/host-clock.js";
import { memorySink } from "../../src/streams/store/log/index.js";
import { openMachine } from "../../src/streams/session/machine-options.js";
import { record } from "../../src/streams/live/recorder.js";
import { openRecording } from "../../src/streams/session/open-recording.js";
import { replay } from "../../src/streams/past/replayer.js";
import { run } from "../../src/streams/live/run.js";
import { ENGINE_SETTINGS, machineOn } from "../support/engine-settings.js";
import { freshSeed, seededRandom } from "../support/seeded-random.js";
import { requiresDebian } from "../support/debian.js";
import { FlushedMachine } from "../support/flushed-machine.js";

const NAME = "Debian on every setting of the engine";
const seed = freshSeed();
/** Into the kernel's start, with paging, interrupts, its own patching of code, and user space begun. */
const INSNS = Number(process.env["FOLDVM_ENGINE_INSNS"] ?? 240_000_000);
const CHECKPOINT_INSNS = 2 ** 22;

/** The boot up to the icount, with a hash of the state every so often. */
async function recordBoot(images: DebianImages, harts: number): Promise<Uint8Array> {
  const { machine, header } = openMachine({
    ...debianMachine(images),
    ...{ memory: "128M", append: KERNEL_COMMAND_LINE, seed: "engines", smp: harts },
  });
  const sink = memorySink();
  const events$ = run(machine, [consoleBackend({ write: () => undefined }), entropy(), hostClock()], {
    ...{ sleep: false, checkpointInsns: CHECKPOINT_INSNS, untilIcount: INSNS },
  });
  await lastValueFrom(events$.pipe(record(machine, sink, header)));
  return sink.bytes();
}

const images = await requiresDebian(NAME);

if (images !== undefined) {
  for (const harts of [1, 4]) {
    test(`given a recording of Debian's boot with harts: ${String(harts)}, when replayed on each setting (seed ${String(seed)}), then its hashes are the same`, async () => {
      const recording = openRecording(await recordBoot(images, harts));
      assert.is(recording.info.instructions, INSNS);
      const { retired } = recording.at().schedule;
      for (const [hart, insns] of retired.entries())
        assert.ok(harts === 1 || insns > INSNS / 100, `hart ${String(hart)} was not at work`);
      for (const [index, setting] of ENGINE_SETTINGS.entries()) {
        const { name, options, share = 1 } = setting;
        const machine = recording.openMachine(machineOn(setting, seededRandom(seed + index)));
        // The fold compares the hash of each checkpoint, and throws where one differs.
        if (share === 1) replay(machine, recording.log);
        else replay(machine, recording.log, Math.floor(INSNS * share));
        const { hashesTaken, engine } = machine.statistics();
        assert.ok(
          hashesTaken >= Math.floor((INSNS * share) / CHECKPOINT_INSNS),
          `${name}: ${String(hashesTaken)} hashes`,
        );
        const inRegions = (engine?.regionInsns ?? 0) / machine.position.icount;
        console.log(`    ${name}: ${String(hashesTaken)} hashes, ${(100 * inRegions).toFixed(0)} % in regions`);
        assert.is(options.compileThreshold === Infinity, inRegions === 0, name);
        if (machine instanceof FlushedMachine) assert.ok(machine.flushes > 100, name);
      }
    });
  }
}

test.run();
