/** Options of QEMU's that have no meaning here, with what to do instead. */

interface Hint {
  readonly remedy: string;
  /** QEMU takes a value after it, which then is no problem of its own. */
  readonly hasValue?: true;
}

const DISK = { remedy: "name disks with --drive file=FILE", hasValue: true } as const;
const NO_SCREEN = { remedy: "the machine has no screen; leave it out", hasValue: true } as const;
const NO_HOST_CPU = "guest code is compiled to WebAssembly, never run by the host's CPU; leave it out";

export const QEMU_HINTS: Readonly<Record<string, Hint>> = {
  hda: DISK,
  hdb: DISK,
  hdc: DISK,
  hdd: DISK,
  blockdev: DISK,
  sd: DISK,
  mtdblock: DISK,
  pflash: { remedy: "there is no flash; give the firmware with --bios FILE", hasValue: true },
  cdrom: { remedy: "name it with --drive file=FILE,readonly=on", hasValue: true },
  qmp: { remedy: "the monitor speaks QEMU's HMP only: --monitor=unix:PATH", hasValue: true },
  L: { remedy: "there is no folder of firmware; give the file with --bios FILE", hasValue: true },
  k: { remedy: "the machine has no keyboard but its consoles; leave it out", hasValue: true },
  action: {
    remedy: "a machine that is off ends the command, and --no-reboot ends it at a reset; leave it out",
    hasValue: true,
  },
  sandbox: { remedy: "guest code is compiled to WebAssembly, which has no system calls; leave it out", hasValue: true },
  watchdog: { remedy: "the machine has no watchdog; leave it out", hasValue: true },
  "watchdog-action": { remedy: "the machine has no watchdog; leave it out", hasValue: true },
  dumpdtb: { remedy: "use --machine dumpdtb=FILE", hasValue: true },
  loadvm: {
    remedy: "begin in a saved state with --from, such as --from booted.fsnap or --from boot.fold#booted",
    hasValue: true,
  },
  boot: { remedy: "the firmware decides what it boots from; leave it out", hasValue: true },
  "enable-kvm": { remedy: NO_HOST_CPU },
  vnc: NO_SCREEN,
  spice: NO_SCREEN,
  audiodev: { remedy: "the machine has no sound; leave it out", hasValue: true },
  usb: { remedy: "the machine has no USB; leave it out" },
  usbdevice: { remedy: "the machine has no USB; leave it out", hasValue: true },
  fsdev: { remedy: "there is no file sharing; put the files on a disk", hasValue: true },
  virtfs: { remedy: "there is no file sharing; put the files on a disk", hasValue: true },
  daemonize: { remedy: "end the line with & instead" },
  pidfile: { remedy: "the shell has it in $! after a &", hasValue: true },
  "no-shutdown": {
    remedy: "the command ends when the machine is off; leave it out, and look at the end with foldvm record and replay",
  },
  "no-acpi": { remedy: "the machine has no ACPI; leave it out" },
  d: {
    remedy: "record it, and ask the recording: foldvm replay FILE --monitor, or trace$ of the library",
    hasValue: true,
  },
  D: { remedy: "record it, and ask the recording", hasValue: true },
  trace: { remedy: "record it, and ask the recording: foldvm events FILE", hasValue: true },
  singlestep: { remedy: "each position can be reached afterwards: foldvm replay FILE --monitor" },
  semihosting: { remedy: "there is no semihosting; a guest ends with the test finisher at 0x100000" },
  fw_cfg: { remedy: "there is no fw_cfg; give the kernel its text with --append", hasValue: true },
};
