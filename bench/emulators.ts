/** The command lines of the two emulators for the same machine and the same guest. */
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

export interface Guest {
  readonly memoryMiB: number;
  /** A path, or `none`. */
  readonly bios: string;
  readonly kernel: string;
  readonly initrd?: string;
  readonly append?: string;
  /** One, unless said otherwise. */
  readonly harts?: number;
}

export interface Emulator {
  readonly record: (guest: Guest, log: string) => readonly string[];
  readonly run: (guest: Guest) => readonly string[];
  readonly replay: (guest: Guest, log: string) => readonly string[];
}

const CLI = fileURLToPath(new URL("../bin/foldvm.js", import.meta.url));

const machineFlags = (guest: Guest): readonly string[] => [
  ...["--memory", `${String(guest.memoryMiB)}M`, "--bios", guest.bios, "--kernel", guest.kernel],
  ...(guest.initrd === undefined ? [] : ["--initrd", guest.initrd]),
  ...(guest.append === undefined ? [] : ["--append", guest.append]),
  ...(guest.harts === undefined ? [] : ["--smp", String(guest.harts)]),
  ...["--shift", "0"],
];

export const foldvm: Emulator = {
  record: (guest, log) => [process.execPath, CLI, "record", "-o", log, ...machineFlags(guest)],
  run: (guest) => [process.execPath, CLI, "run", ...machineFlags(guest)],
  // The recording holds its machine.
  replay: (_guest, log) => [process.execPath, CLI, "replay", log],
};

export const huntCommand = (output: string): readonly string[] => [process.execPath, CLI, "hunt", "-o", output];

/** As `record`, its schedule and clock deviating as the seed says. */
export const recordWithChaos = (guest: Guest, log: string, seed: string): readonly string[] => [
  ...foldvm.record(guest, log),
  `--chaos=${seed}`,
];

export const infoCommand = (log: string): readonly string[] => [process.execPath, CLI, "info", log, "--json"];

export const scheduleCommand = (log: string): readonly string[] => [process.execPath, CLI, "schedule", log];

const qemuFlags = (guest: Guest): readonly string[] => [
  ...["qemu-system-riscv64", "-M", "virt", "-m", `${String(guest.memoryMiB)}M`],
  ...["-display", "none", "-monitor", "none", "-serial", "stdio", "-bios", guest.bios, "-kernel", guest.kernel],
  ...(guest.initrd === undefined ? [] : ["-initrd", guest.initrd]),
  ...(guest.append === undefined ? [] : ["-append", guest.append]),
  ...(guest.harts === undefined ? [] : ["-smp", String(guest.harts)]),
];

export const qemu: Emulator = {
  record: (guest, log) => [...qemuFlags(guest), "-icount", `shift=0,rr=record,rrfile=${log}`],
  run: (guest) => qemuFlags(guest),
  replay: (guest, log) => [...qemuFlags(guest), "-icount", `shift=0,rr=replay,rrfile=${log}`],
};

/**
 * Several harts in turn on one thread of the host, as ours: QEMU records one hart only. With `-icount` and several
 * harts, QEMU 7.2 hangs in OpenSBI: a hart that was interrupted never runs, and another one waits for it.
 */
export const qemuInTurn = (guest: Guest): readonly string[] => [...qemuFlags(guest), "-accel", "tcg,thread=single"];

export const hasFoldvm = (): boolean => existsSync(new URL("../dist/command/current", import.meta.url));

export const hasQemu = (): boolean =>
  (process.env["PATH"] ?? "").split(delimiter).some((folder) => isExecutable(join(folder, "qemu-system-riscv64")));

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};
