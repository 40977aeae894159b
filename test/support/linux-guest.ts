// Debian with its modules, recorded while it says all about itself: symbols and types into a disk, tasks and stacks on
// the console.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { DebianImages } from "../../scripts/debian/debian-images.js";
import { debianMachine } from "../../scripts/debian/debian-machine.js";
import { PROMPT } from "../../scripts/debian/initramfs.js";
import { exportDisk } from "../../src/streams/host/disks/export.js";
import { fileSink } from "../../src/streams/host/file-sink.js";
import type { Recording } from "../../src/streams/past/recording.js";
import { openRecording } from "../../src/streams/session/open-recording.js";
import { recordTyped } from "./typed-recording.js";

export interface LinuxGuest {
  readonly recording: Recording;
  /** All that the console has shown. */
  readonly console: string;
  /** A file that it wrote: `kallsyms`, `modules`, `btf.vmlinux`, `btf.ext4`. */
  readonly file: (name: string) => Buffer;
  readonly path: (name: string) => string;
}

export const MOMENTS = 20;
const DISK_BYTES = 32 << 20;

/** `$$` is the shell's own number: what it prints is who prints it. */
const COMMANDS = [
  "echo 0 > /proc/sys/kernel/kptr_restrict; mkdir /tmp/o; cat /proc/kallsyms > /tmp/o/kallsyms",
  "cd /tmp/o; for m in /sys/kernel/btf/*; do cat $m > btf.${m##*/}; done; cat /proc/modules > modules; cd",
  "tar cf /dev/vda -C /tmp/o . && sync",
  "sleep 1000 & sleep 1001 &",
  `for i in $(seq ${String(MOMENTS)}); do sh -c 'echo begin $$'; cat /proc/[0-9]*/stat; sh -c 'echo end $$'; sleep 0.0$i; done`,
  "echo l > /proc/sysrq-trigger; dmesg | tail -40",
];

export async function recordLinux(
  images: DebianImages,
  folder: string,
  { smp, seed }: { readonly smp: number; readonly seed: number },
): Promise<LinuxGuest> {
  const disk = join(folder, "disk.raw");
  const path = join(folder, "linux.fold");
  writeFileSync(disk, new Uint8Array(DISK_BYTES));
  const { console: shown } = await recordTyped(
    {
      seed,
      machine: {
        ...debianMachine({ ...images, initrd: images.initrdWithModules }),
        smp,
        drives: [{ file: disk, format: "raw" }],
      },
      steps: [
        ...COMMANDS.map((command) => ({ awaits: PROMPT, types: `${command}\n`, withinMs: 1 })),
        { awaits: PROMPT, types: "poweroff\n" },
      ],
      sequence: { sleep: false },
      timeLimitMs: 900_000,
    },
    fileSink(path),
  );
  const recording = openRecording(path);
  const written = unpackDisk(recording, folder);
  const file = (name: string): string => join(written, name);
  return { recording, console: shown, path: file, file: (name) => readFileSync(file(name)) };
}

function unpackDisk(recording: Recording, folder: string): string {
  const [[slot, image] = []] = recording.disks;
  const state = recording.at().disks.find((disk) => disk.slot === slot);
  if (image === undefined || state === undefined) throw new Error("the guest has no disk");
  const [tar, written] = [join(folder, "written.raw"), join(folder, "written")];
  exportDisk(image, state, tar);
  mkdirSync(written);
  execFileSync("tar", ["xf", tar, "-C", written]);
  return written;
}
