// Who opens machines and recordings over and over has no more files open afterwards than before, whatever went wrong.
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { DiskReadError } from "../../../src/machine/disk/disk-image.js";
import { fileSink } from "../../../src/streams/host/file-sink.js";
import { openMachine, type MachineOptions } from "../../../src/streams/session/machine-options.js";
import { record } from "../../../src/streams/live/recorder.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { openWriter } from "../../../src/streams/store/log/index.js";
import { run } from "../../../src/streams/live/run.js";
import { openSavedMachine } from "../../../src/streams/session/saved-machine.js";
import { saveState } from "../../../src/streams/store/saved-state/index.js";
import { numberedSectors } from "../../support/memory-disk.js";
import { withTemporaryFolder } from "../../support/temporary-folder.js";
import { finishing } from "../../support/tiny-guests.js";

const ROUNDS = 20;

const openFiles = (): number => readdirSync("/proc/self/fd").length;

// Negative control, tried once: red without any one of `close` in a Recording, in an image that is not the recorded
// one, and where opening fails.
test(`given disks, when machines and recordings are opened and closed ${String(ROUNDS)} times, some in vain, then no descriptor is left`, () =>
  withTemporaryFolder((folder) => {
    const [first, second, wrong, log] = ["first", "second", "wrong", "a.fold"].map((name) => join(folder, name));
    writeFileSync(first!, numberedSectors(256));
    writeFileSync(second!, numberedSectors(65));
    writeFileSync(wrong!, numberedSectors(66));
    // Its zeros do not fit into the smallest machine.
    const kernel = new Uint8Array(3 << 19);
    kernel.set(finishing(0x5555n));
    const drives = [{ file: first! }, { file: second! }];
    const options: MachineOptions = { memory: "2M", kernel, drives, seed: "files" };
    const recorded = openMachine(options);
    run(recorded.machine, [])
      .pipe(record(recorded.machine, fileSink(log!), recorded.header))
      .subscribe();
    // One whose machine no version knows, and one whose images are there and do not start its machine.
    const [unknown, unbootable] = [join(folder, "unknown.fold"), join(folder, "unbootable.fold")];
    const { header } = recorded;
    const forge = (path: string, machine: unknown): void => {
      openWriter(fileSink(path), { ...header, machine }).abandon();
    };
    forge(unknown, { harts: "many" });
    forge(unbootable, { ...(header.machine as object), memoryBytes: 1 << 20 });
    const saved = saveState(recorded.machine.state(), recorded.header.images);
    recorded.close();

    const before = openFiles();
    const inVain = (open: () => unknown): void => {
      assert.throws(open);
    };
    for (let round = 0; round < ROUNDS; round += 1) {
      const opened = openMachine(options);
      const [image] = opened.disks.values();
      opened.close();
      opened.close();
      assert.throws(
        () => {
          // Its beginning is in memory, where the format was looked for.
          image?.read(1 << 16, new Uint8Array(1));
        },
        (fault: unknown) => fault instanceof DiskReadError,
      );
      const recording = openRecording(log!, { images: { kernel }, drives: [wrong!] });
      assert.is(recording.disks.size, 2);
      recording.close();
      // The rest is as good a proof where it is done less often.
      if (round % 10 > 0) continue;
      // The first of the found images is another one.
      openSavedMachine(saved, { machine: { kernel, drives: [{ file: wrong! }, ...drives] } }).close();
      inVain(() => openRecording(unknown));
      const broken = openRecording(unbootable, { images: { kernel } });
      inVain(() => broken.disks);
      inVain(() => broken.disks);
      broken.close();
      inVain(() => openMachine({ ...options, drives: [...drives, { file: join(folder, "none") }] }));
      inVain(() =>
        openMachine({ ...options, drives: [...drives, { file: first!, serial: "longer than twenty bytes" }] }),
      );
      inVain(() => openMachine({ ...options, drives: [...drives, { file: first!, format: "qcow2" }] }));
      inVain(() => openMachine({ ...options, kernel: new Uint8Array(1 << 22) }));
      inVain(() => openSavedMachine(saved.subarray(0, -9), { machine: { kernel, drives } }));
    }
    assert.is(openFiles(), before);
  }));

test.run();
