/** Debian's kernel to its shell and power-off: booted, under work, and idle. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cpioNewc } from "../scripts/debian/cpio-newc.js";
import type { DebianImages } from "../scripts/debian/debian-images.js";
import { KERNEL_COMMAND_LINE } from "../scripts/debian/debian-machine.js";
import { PROMPT } from "../scripts/debian/initramfs.js";
import { foldvm, qemu, type Emulator, type Guest } from "./emulators.js";
import type { ConsoleStep } from "./measured-process.js";
import { figure, replayFigures } from "./program-rows.js";
import type { Medians, Row, Subject } from "./row.js";
import { ratio } from "./statistics.js";

const MEMORY_MIB = 256;
const POWEROFF = "poweroff\n";
const DOWN = "reboot: Power down";
const IDLE_SECONDS = 10;

/** Forks, a digest, compression, a walk through a tree: some seconds of supervisor and user code in turn. */
const WORK_SCRIPT = `#!/bin/sh
i=0
while [ $i -lt 300 ]; do /bin/busybox true; i=$((i+1)); done
for i in 1 2 3 4; do md5sum /bin/busybox; done
gzip -c /bin/busybox | wc -c
find / -xdev | wc -l
echo work is done
`;

/**
 * The initramfs with the script as a second archive behind it: what is typed must fit in the UART's FIFO of 16 bytes.
 */
export const initrdWithWork = (initrd: string, directory: string): string => {
  const bytes = new TextEncoder().encode(WORK_SCRIPT);
  const path = join(directory, "initramfs-work.cpio");
  const addition = cpioNewc([{ kind: "file", path: "bin/work", mode: 0o755, bytes }]);
  writeFileSync(path, Buffer.concat([readFileSync(initrd), addition]));
  return path;
};

export const debianGuest = (images: DebianImages): Guest => ({
  ...{ memoryMiB: MEMORY_MIB, bios: images.firmware, kernel: images.kernel, initrd: images.initrd },
  append: KERNEL_COMMAND_LINE,
});

/** From power-on to its shell, and off. */
export const BOOT: Pick<Subject, "console" | "expect"> = {
  console: [{ waitFor: PROMPT, send: POWEROFF }],
  expect: DOWN,
};

export const debianRows = (images: DebianImages, work: string): readonly Row[] => {
  const guest = debianGuest(images);
  return [
    bootRow(guest, work),
    workRow({ ...guest, initrd: initrdWithWork(images.initrd, work) }, work),
    idleRow(guest, work),
  ];
};

const sides: readonly (readonly [string, "foldvm" | "qemu", Emulator])[] = [
  ["ours", "foldvm", foldvm],
  ["QEMU", "qemu", qemu],
];

const recordings = (name: string, guest: Guest, work: string, console: readonly ConsoleStep[]): readonly Subject[] =>
  sides.map(([label, id, emulator]) => {
    const log = join(work, `${name}.${id}`);
    const command = emulator.record(guest, log);
    const countInstructions = id === "foldvm";
    return { name: `${label} record`, emulator: id, command, console, expect: DOWN, logPath: log, countInstructions };
  });

const bootRow = (guest: Guest, work: string): Row => {
  const { console = [] } = BOOT;
  const replays = sides.map(([label, id, emulator]): Subject => {
    const command = emulator.replay(guest, join(work, `debian.${id}`));
    return { name: `${label} replay`, emulator: id, command, expect: DOWN };
  });
  const runs = sides.map(([label, id, emulator]): Subject => {
    return { name: `${label} run`, emulator: id, command: emulator.run(guest), ...BOOT };
  });
  return {
    ...{ name: "debian", title: "Debian to its shell and off", kind: "guest" },
    subjects: [...recordings("debian", guest, work, console), ...replays, ...runs],
    figures: (medians) => {
      const [ours, theirs] = [medians("ours record"), medians("QEMU record")];
      const ramBytes = MEMORY_MIB * 1024 * 1024;
      const overhead = (one: Medians | undefined): number | undefined =>
        one?.peakRssBytes === undefined ? undefined : (one.peakRssBytes - ramBytes) / 1e6;
      return [
        ...speedFigures({ cpu: 1.1, wall: 1.3 })(medians),
        ...replayFigures(medians),
        figure("QEMU replay / ours, CPU", ratio(medians("QEMU replay")?.cpuMs, medians("ours replay")?.cpuMs), "x"),
        figure("log", ours?.logBytes, "B", [{ atMost: 60_000 }]),
        figure("QEMU log", theirs?.logBytes, "B"),
        figure("memory beside guest RAM, record", overhead(ours), "MB", [{ atMost: 250 }]),
        figure("memory beside guest RAM, replay", overhead(medians("ours replay")), "MB", [{ atMost: 250 }]),
      ];
    },
  };
};

type MediansOf = (subject: string) => Medians | undefined;

const speedFigures = (least: { readonly cpu: number; readonly wall: number }) => (medians: MediansOf) => {
  const [ours, theirs] = [medians("ours record"), medians("QEMU record")];
  return [
    figure("speed", ratio(ours?.instructions, ours === undefined ? undefined : ours.cpuMs * 1000), "MIPS"),
    figure("QEMU record / ours, CPU", ratio(theirs?.cpuMs, ours?.cpuMs), "x", [{ atLeast: least.cpu }]),
    figure("QEMU record / ours, wall", ratio(theirs?.wallMs, ours?.wallMs), "x", [{ atLeast: least.wall }]),
  ];
};

const workRow = (guest: Guest, work: string): Row => ({
  ...{ name: "debian-work", title: "Debian under work (forks, md5sum, gzip, find)", kind: "guest" },
  subjects: recordings("debian-work", guest, work, [
    { waitFor: PROMPT, send: "work\n" },
    { waitFor: "work is done" },
    { waitFor: PROMPT, send: POWEROFF },
  ]),
  figures: speedFigures({ cpu: 1.3, wall: 1.5 }),
});

/**
 * A recording's events are in its file so long after they happened at the latest: the boot's must be, before idling is
 * measured.
 */
const WRITTEN_MS = 8000;

/** The log's file is watched: what it grows by between two moments of an idle shell. */
const idleRow = (guest: Guest, work: string): Row => ({
  ...{ name: "debian-idle", title: `Debian idle at its prompt for ${String(IDLE_SECONDS)} s`, kind: "log" },
  subjects: recordings("debian-idle", guest, work, [
    { waitFor: PROMPT, delayMs: WRITTEN_MS, markLogBytes: "from" },
    { delayMs: IDLE_SECONDS * 1000, markLogBytes: "to", send: POWEROFF },
  ]),
  figures: (medians) => {
    const growth = (one: Medians | undefined): number | undefined => {
      const [from, to] = [one?.logMarks["from"], one?.logMarks["to"]];
      return from === undefined || to === undefined ? undefined : (to - from) / IDLE_SECONDS;
    };
    return [
      figure("log growth", growth(medians("ours record")), "B/s", [{ atMost: 100 }]),
      figure("QEMU log growth", growth(medians("QEMU record")), "B/s"),
    ];
  },
});
