/** The options that say which machine: QEMU's names, and what they mean for the library. */
import type { ImageRole } from "../streams/host/images.js";
import { machineConfig, type MachineOptions } from "../streams/session/machine-options.js";
import { SYMBOLS_OPTION } from "./symbols-option.js";
import type { RecordingOptions } from "../streams/session/open-recording.js";
import type { Arguments, Option } from "./arguments.js";
import { DEVICE_OPTIONS, deviceArguments, type Devices } from "./device-arguments.js";
import { KeyValues } from "./key-values.js";
import { readAll, UsageError } from "./problems.js";
import { checkQemuArguments, QEMU_OPTIONS } from "./qemu-arguments.js";
import { hartCount } from "./smp-option.js";
import { integer } from "./values.js";

export const IMAGE_OPTIONS = {
  bios: {
    value: "FILE",
    file: "read",
    help: "M-mode firmware, raw or ELF; none (default): the kernel runs in M mode; default: OpenSBI",
  },
  kernel: { value: "FILE", file: "read", help: "ELF, Linux Image or raw binary" },
  initrd: { value: "FILE", file: "read", help: "the kernel's initial RAM disk" },
  dtb: { value: "FILE", file: "read", help: "device tree, in place of the generated one" },
} as const;

/** Where what a recording needs is now, if it is not where it was. */
export const RECORDING_OPTIONS = {
  bios: { value: "FILE", file: "read", help: "where the recorded firmware is now" },
  kernel: { value: "FILE", file: "read", help: "where the recorded kernel is now" },
  initrd: { value: "FILE", file: "read", help: "where the recorded initrd is now" },
  dtb: { value: "FILE", file: "read", help: "where the recorded device tree is now" },
  drive: {
    value: "FILE",
    file: "read",
    isRepeatable: true,
    help: "where a recorded disk image is now, or one that it is backed by; may be repeated",
  },
  index: {
    value: "FILE",
    file: "read",
    help: "its states from foldvm index (from the user's cache folder); off: none",
  },
} as const;

/** Of a recording whose guest's names are asked for. */
export const NAMED_RECORDING_OPTIONS = {
  ...SYMBOLS_OPTION,
  ...RECORDING_OPTIONS,
} as const;

export const MACHINE_OPTIONS = {
  memory: { short: "m", value: "SIZE", help: "guest RAM: MiB, or with K, M or G (128M)" },
  ...IMAGE_OPTIONS,
  append: { value: "TEXT", mayBeEmpty: true, help: "the kernel's command line" },
  smp: { value: "N", help: "harts, 1 to 8" },
  shift: { value: "N", help: "an instruction takes 2^N ns of the guest's time (0)" },
  icount: {
    value: "shift=N,sleep=on|off,align=on|off",
    help: "the same; whether an idle machine waits (on) or jumps ahead; whether its clock catches up with the host's (off)",
  },
  seed: { value: "TEXT", help: "what the guest's rng-seed is made from (chance)" },
  ...DEVICE_OPTIONS,
  ...QEMU_OPTIONS,
} as const;

export interface MachineArguments {
  readonly options: MachineOptions;
  readonly devices: Devices;
}

/** @throws {UsageError} */
export function machineArguments(args: Arguments<typeof MACHINE_OPTIONS>): MachineArguments {
  const { memory, smp, shift, seed, devices } = readAll({
    memory: () => checked("memory", memorySize(args.get("memory"))),
    smp: () => checked("smp", hartCount(args.get("smp"))),
    shift: () => checked("shift", shiftOf(args)),
    seed: () => checked("seed", args.get("seed")),
    devices: () => deviceArguments(args),
    qemu: () => {
      checkQemuArguments(args);
    },
  });
  const { virtio, nics, drives } = devices;
  const options = { memory, ...imageOptions(args), append: args.get("append"), smp, shift, seed, virtio, nics, drives };
  return { options, devices };
}

/** What can be known to be wrong is told with all the rest. @throws {OptionError} */
function checked<T>(name: "memory" | "smp" | "shift" | "seed", value: T): T {
  if (value !== undefined) machineConfig({ [name]: value });
  return value;
}

/** QEMU's -m: `256M`, or `size=256M`. */
function memorySize(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const values = new KeyValues("--memory", text, "size");
  values.choice("slots", ["0"]);
  values.finish("memory can't be plugged in later: give the size alone");
  return values.word;
}

function shiftOf(args: Arguments<typeof MACHINE_OPTIONS>): number | undefined {
  const shift = args.get("shift");
  const icount = icountOption(args.get("icount"));
  if (shift !== undefined && icount.shift !== undefined)
    throw new UsageError("--shift and --icount shift= say the same: give one");
  return shift === undefined ? icount.shift : integer("--shift", shift);
}

/** Whether an idle machine waits for its timers, and whether its clock catches up with the host's. */
export const paceOf = (
  args: Arguments<typeof MACHINE_OPTIONS>,
): { readonly sleep: boolean; readonly align: boolean } => {
  const { sleep, align } = icountOption(args.get("icount"));
  return { sleep, align };
};

const imageOptions = (args: Pick<Arguments<typeof IMAGE_OPTIONS>, "get">): Partial<Record<ImageRole, string>> =>
  Object.fromEntries(
    (Object.keys(IMAGE_OPTIONS) as ImageRole[]).flatMap((role) => {
      const path = args.get(role);
      return path === undefined ? [] : [[role, path]];
    }),
  );

export const recordingOptions = (
  args: Pick<Arguments<Readonly<Record<keyof typeof RECORDING_OPTIONS, Option>>>, "get" | "all">,
): Pick<RecordingOptions, "images" | "drives" | "index"> => ({
  images: imageOptions(args),
  drives: args.all("drive").map((text) => text.replace(/^file=/, "")),
  index: args.get("index") === "off" ? false : args.get("index"),
});

export const namedRecordingOptions = (
  args: Pick<Arguments<Readonly<Record<keyof typeof NAMED_RECORDING_OPTIONS, Option>>>, "get" | "all">,
): RecordingOptions => ({
  ...recordingOptions(args),
  symbols: args.get("symbols")?.split(","),
});

const AUTOMATIC = "an instruction takes the same time in every run; choose shift=0 to shift=10";

/** What QEMU has and this machine does not. */
const ICOUNT_HINTS: Readonly<Record<string, string>> = {
  auto: AUTOMATIC,
  "shift=auto": AUTOMATIC,
  rr: "use foldvm record -o FILE and foldvm replay FILE",
  rrfile: "use foldvm record -o FILE and foldvm replay FILE",
  rrsnapshot: "use foldvm record -o FILE and foldvm replay FILE",
};

interface Icount {
  readonly shift: number | undefined;
  readonly sleep: boolean;
  readonly align: boolean;
}

/** QEMU's -icount [shift=]N,sleep=on|off,align=on|off. */
function icountOption(text: string | undefined): Icount {
  let shift: number | undefined;
  let sleep = true;
  let align = false;
  for (const part of text?.split(",") ?? []) {
    const [name = "", value] = part.split("=");
    const hint = ICOUNT_HINTS[part] ?? ICOUNT_HINTS[name];
    if (hint !== undefined) throw new UsageError(`--icount ${part}: ${hint}`);
    if (value === undefined || name === "shift") shift = integer("--icount shift", value ?? name);
    else if (name === "align" && (value === "on" || value === "off")) align = value === "on";
    else if (name === "sleep" && (value === "on" || value === "off")) sleep = value === "on";
    else
      throw new UsageError(
        `--icount ${part}: use shift=N and sleep=on or sleep=off, such as --icount shift=0,sleep=off`,
      );
  }
  // As in QEMU: a clock that only jumps has no pace to keep.
  if (align && !sleep) throw new UsageError("--icount align=on,sleep=off: the two contradict; leave one out");
  return { shift, sleep, align };
}
