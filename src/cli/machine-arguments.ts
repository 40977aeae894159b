/** The options that say which machine: QEMU's names, and what they mean for the library. */
import type { ImageRole } from "../streams/host/images.js";
import type { MachineOptions } from "../streams/session/machine-options.js";
import { driveOption } from "./drive-option.js";
import { UsageError, type Arguments } from "./arguments.js";
import { NETWORK_OPTIONS, nicArguments } from "./network-arguments.js";
import { integer } from "./values.js";

export const IMAGE_OPTIONS = {
  bios: { value: "FILE", help: "M-mode firmware, raw or ELF; none (default): the kernel runs in M mode" },
  kernel: { value: "FILE", help: "ELF, Linux Image or raw binary" },
  initrd: { value: "FILE", help: "the kernel's initial RAM disk" },
  dtb: { value: "FILE", help: "device tree, in place of the generated one" },
} as const;

/** Where what a recording needs is now, if it is not where it was. */
export const RECORDING_OPTIONS = {
  ...IMAGE_OPTIONS,
  drive: { value: "FILE", isRepeatable: true, help: "a disk image, or one that it is backed by; may be repeated" },
} as const;

export const MACHINE_OPTIONS = {
  memory: { short: "m", value: "SIZE", help: "guest RAM: MiB, or with K, M or G (128M)" },
  ...IMAGE_OPTIONS,
  append: { value: "TEXT", help: "the kernel's command line" },
  smp: { value: "N", help: "harts; 1 in this version" },
  shift: { value: "N", help: "an instruction takes 2^N ns of the guest's time (0)" },
  icount: { value: "shift=N,sleep=on|off", help: "the same, and whether an idle machine waits (on) or jumps ahead" },
  seed: { value: "TEXT", help: "what the guest's rng-seed is made from (chance)" },
  drive: {
    value: "file=FILE,...",
    isRepeatable: true,
    help: "a disk; format=raw|qcow2, readonly=on, serial=TEXT, writeback=on; may be repeated",
  },
  virtio: { value: "KIND,...", help: "devices of the virtio slots 0 to 7: rng, console or none" },
  ...NETWORK_OPTIONS,
} as const;

/** @throws {UsageError} */
export function machineOptions(args: Arguments<typeof MACHINE_OPTIONS>): MachineOptions {
  const shift = args.get("shift");
  const icount = icountOption(args.get("icount"));
  if (shift !== undefined && icount.shift !== undefined)
    throw new UsageError("--shift and --icount shift= say the same: give one");
  const smp = args.get("smp");
  return {
    memory: args.get("memory"),
    ...imageOptions(args),
    append: args.get("append"),
    smp: smp === undefined ? undefined : integer("--smp", smp),
    shift: shift === undefined ? icount.shift : integer("--shift", shift),
    seed: args.get("seed"),
    virtio: args.get("virtio")?.split(",").map(virtioKind),
    nics: nicArguments(args),
    drives: args.all("drive").map(driveOption),
  };
}

/** Whether an idle machine waits for its timers. */
export const isSleeping = (args: Arguments<typeof MACHINE_OPTIONS>): boolean => icountOption(args.get("icount")).sleep;

export const imageOptions = (args: Arguments<typeof IMAGE_OPTIONS>): Partial<Record<ImageRole, string>> =>
  Object.fromEntries(
    (Object.keys(IMAGE_OPTIONS) as ImageRole[]).flatMap((role) => {
      const path = args.get(role);
      return path === undefined ? [] : [[role, path]];
    }),
  );

export const recordingOptions = (
  args: Arguments<typeof RECORDING_OPTIONS>,
): { images: Partial<Record<ImageRole, string>>; drives: readonly string[] } => ({
  images: imageOptions(args),
  drives: args.all("drive").map((text) => text.replace(/^file=/, "")),
});

const VIRTIO_KINDS = ["none", "rng", "console"] as const;

function virtioKind(word: string): (typeof VIRTIO_KINDS)[number] {
  const kind = VIRTIO_KINDS.find((known) => known === word);
  if (kind === undefined)
    throw new UsageError(`--virtio ${word}: there is no such device; use ${VIRTIO_KINDS.join(", ")}`);
  return kind;
}

/** What QEMU has and this machine does not. */
const ICOUNT_HINTS: Readonly<Record<string, string>> = {
  "shift=auto": "an instruction takes the same time in every run; choose shift=0 to shift=10",
  "align=on": "a guest that computes runs as fast as it can; sleep=on keeps an idle one at the wall clock's pace",
  rr: "use foldvm record -o FILE and foldvm replay FILE",
  rrfile: "use foldvm record -o FILE and foldvm replay FILE",
  rrsnapshot: "use foldvm record -o FILE and foldvm replay FILE",
};

/** QEMU's -icount [shift=]N,sleep=on|off. */
function icountOption(text: string | undefined): { readonly shift: number | undefined; readonly sleep: boolean } {
  let shift: number | undefined;
  let sleep = true;
  for (const part of text?.split(",") ?? []) {
    const [name = "", value] = part.split("=");
    if (value !== "auto" && (value === undefined || name === "shift")) shift = integer("--icount shift", value ?? name);
    else if (ICOUNT_HINTS[part] !== undefined || ICOUNT_HINTS[name] !== undefined)
      throw new UsageError(`--icount ${part}: ${ICOUNT_HINTS[part] ?? ICOUNT_HINTS[name] ?? ""}`);
    else if (part === "align=off") continue;
    else if (name === "sleep" && (value === "on" || value === "off")) sleep = value === "on";
    else
      throw new UsageError(
        `--icount ${part}: use shift=N and sleep=on or sleep=off, such as --icount shift=0,sleep=off`,
      );
  }
  return { shift, sleep };
}
