/** Small recordings of every kind of machine, for what is kept of their states. */
import { fileURLToPath } from "node:url";
import { lastValueFrom } from "rxjs";

import { disks } from "../../src/streams/live/backends/disks.js";
import { record } from "../../src/streams/live/recorder.js";
import { run } from "../../src/streams/live/run.js";
import type { Recording } from "../../src/streams/past/recording.js";
import { openMachine, type MachineOptions } from "../../src/streams/session/machine-options.js";
import { openRecording, type RecordingOptions } from "../../src/streams/session/open-recording.js";
import { memorySink } from "../../src/streams/store/log/index.js";
import { diskGuest, READ, WRITE_OUT } from "./disk-guest.js";
import { guestElf } from "./guest-build.js";
import { numberedSectors } from "./memory-disk.js";

export const goldenLog = (name: string): string => fileURLToPath(new URL(`../../logs/${name}.fold`, import.meta.url));

const NO_INDEX: RecordingOptions = { index: false };

export const golden = (name: string, options: RecordingOptions = NO_INDEX): Recording =>
  openRecording(goldenLog(name), options);

async function recorded(options: MachineOptions, untilIcount: number): Promise<Uint8Array> {
  const { machine, header, disks: images } = openMachine(options);
  const sink = memorySink();
  const events$ = run(machine, [disks(images)], { sleep: false, untilIcount });
  await lastValueFrom(events$.pipe(record(machine, sink, header)), { defaultValue: undefined });
  return sink.bytes();
}

/** Two harts that take turns. */
export async function withHarts(options: RecordingOptions = NO_INDEX): Promise<Recording> {
  const kernel = guestElf("harts");
  const bytes = await recorded({ memory: "8M", bios: "none", kernel, smp: 2, seed: "harts" }, 600_000);
  return openRecording(bytes, { images: { kernel }, ...options });
}

/** A disk that is written, and read again. */
export async function withDisk(options: RecordingOptions = NO_INDEX): Promise<Recording> {
  const image = numberedSectors(512);
  const kernel = diskGuest([
    [3, 70, 7].map((sector) => ({ type: READ, sector })),
    [70, 71, 300, 70].map((sector) => ({ type: WRITE_OUT, sector })),
    [70, 300].map((sector) => ({ type: READ, sector })),
    [{ type: WRITE_OUT, sector: 71 }],
  ]);
  const virtio = ["none", "none", "rng", "rng", "rng", "rng", "rng", "rng"] as const;
  const machine = { memory: "4M", kernel, seed: "disk", virtio, drives: [{ file: image }] };
  return openRecording(await recorded(machine, 1_000_000), { images: { kernel }, drives: [image], ...options });
}
