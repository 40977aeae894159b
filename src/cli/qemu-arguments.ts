/** Options that QEMU's users write, and that can only say here what is so anyway. */
import type { Arguments } from "./arguments.js";
import { KeyValues } from "./key-values.js";
import { readEach, UsageError } from "./problems.js";

const only = (value?: string): { help: string; value?: string; isQemuOnly: true } => ({
  help: "",
  isQemuOnly: true,
  ...(value === undefined ? {} : { value }),
});

export const QEMU_OPTIONS = {
  machine: { ...only("virt"), short: "M", file: "written" },
  accel: only("tcg"),
  cpu: only("rv64"),
  nographic: only(),
  display: only("none"),
  vga: only("none"),
  parallel: only("none"),
  net: only("none"),
  "no-user-config": only(),
  name: only("TEXT"),
  uuid: only("UUID"),
  rtc: only("base=utc"),
  snapshot: only(),
  global: { ...only("DRIVER.PROPERTY=VALUE"), isRepeatable: true },
} as const;

type Name = keyof typeof QEMU_OPTIONS;

/** @throws {UsageError} where one says what is not so. */
export function checkQemuArguments(args: Arguments<typeof QEMU_OPTIONS>): void {
  const given = (Object.keys(CHECKS) as (keyof typeof CHECKS)[]).flatMap((name) =>
    args.all(name).map((text) => ({ name, text })),
  );
  readEach(given, ({ name, text }) => {
    CHECKS[name](text);
  });
}

const CHECKS = {
  machine: checkMachine,
  accel: (text) => {
    if (text.split(",")[0] === "tcg") return;
    throw new UsageError(`--accel ${text}: guest code is compiled to WebAssembly; leave it out`);
  },
  cpu: checkCpu,
  display: noneOnly("display", "the machine has no screen: its consoles are on the terminal"),
  vga: noneOnly("vga", "the machine has no screen"),
  parallel: noneOnly("parallel", "the machine has no parallel port"),
  net: noneOnly("net", "name a network card with --nic, such as --nic user"),
  rtc: (text) => {
    const values = new KeyValues("--rtc", text, "base");
    if (values.word !== "" && values.word !== "utc") throw new UsageError(`--rtc base=${values.word}: use base=utc`);
    values.choice("clock", ["host"]);
    values.choice("driftfix", ["none"]);
    values.finish("the real-time clock is the host's, in UTC; leave it out");
  },
  global: (text) => {
    // The devices are virtio 1.0's, and QEMU's are older ones by default.
    if (text === "virtio-mmio.force-legacy=false" || text === "virtio-mmio.force-legacy=off") return;
    throw new UsageError(`--global ${text}: of these only virtio-mmio.force-legacy=false; leave it out`);
  },
} as const satisfies Partial<Record<Name, (text: string) => void>>;

function noneOnly(name: Name, why: string): (text: string) => void {
  return (text) => {
    if (text !== "none") throw new UsageError(`--${name} ${text}: ${why}; use --${name} none, or leave it out`);
  };
}

/** QEMU's `-machine dumpdtb=FILE`: where the device tree goes, in place of a run. @throws {UsageError} */
export const deviceTreeOutput = (args: Arguments<typeof QEMU_OPTIONS>): string | undefined => {
  const text = args.get("machine");
  return text === undefined ? undefined : dumpOf(new KeyValues("--machine", text, "type"));
};

function dumpOf(values: KeyValues): string | undefined {
  const path = values.one("dumpdtb");
  if (path === "") throw new UsageError("--machine dumpdtb=: name the file that the device tree goes into");
  return path;
}

function checkMachine(text: string): void {
  const values = new KeyValues("--machine", text, "type");
  dumpOf(values);
  const type = values.word;
  if (type !== "virt" && type !== "")
    throw new UsageError(`--machine ${type}: there is one machine, QEMU's virt; use --machine virt, or leave it out`);
  values.choice("accel", ["tcg"]);
  for (const absent of ["acpi", "aclint", "usb", "graphics", "dump-guest-core", "mem-merge"])
    values.choice(absent, ["off"]);
  values.choice("aia", ["none"]);
  values.finish("this is QEMU's virt as it is without options; leave it out");
}

/** What RV64GC with three privileges and Sv39 is made of, in the words of QEMU's CPU properties. */
const EXTENSIONS: readonly string[] = [
  ...["i", "m", "a", "f", "d", "c", "g", "s", "u", "mmu", "pmp", "sv39"],
  ...["zicsr", "zifencei", "icsr", "ifencei", "Zicsr", "Zifencei", "counters", "Counters"],
];

function checkCpu(text: string): void {
  const [model = "", ...properties] = text.split(",");
  if (model !== "rv64")
    throw new UsageError(`--cpu ${model}: there is one hart, RV64GC; use --cpu rv64, or leave it out`);
  readEach(properties, (property) => {
    const [, name = property, value] = /^([^=]*)=(.*)$/.exec(property) ?? [];
    const isOn = value === "on" || value === "true";
    const isOff = value === "off" || value === "false";
    if (EXTENSIONS.includes(name) ? isOn : isOff) return;
    throw new UsageError(
      `--cpu rv64,${property}: the hart is RV64GC, no more and no less; leave that out, and build the guest for rv64gc`,
    );
  });
}
