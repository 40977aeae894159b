/** The initial root file system of the Debian guest: a static busybox, its applets and a small `/init`. */
import { cpioNewc, type CpioEntry } from "./cpio-newc.js";
import type { KernelModule } from "./kernel-modules.js";

/** The text that `/init` prints before the first prompt, for whoever waits for it on the console. */
export const BANNER = "foldvm: Debian's kernel is up, busybox is yours";

/** What the shell shows when it waits for a command. */
export const PROMPT = "~ # ";

/**
 * An initramfs around `busybox`, the bytes of a static busybox for the guest; `modules` are loaded in their order
 * before there is a shell. The same input gives the same bytes.
 */
export const initramfs = (busybox: Uint8Array, modules: readonly KernelModule[] = []): Uint8Array =>
  cpioNewc(entries(busybox, modules));

/**
 * The applets a busybox binary holds, read from its own table of names (one NUL-terminated string after the other,
 * sorted, beginning with `[` and `[[`), since a riscv64 binary cannot be asked on another machine.
 */
export const appletNames = (busybox: Uint8Array): readonly string[] => {
  const binary = Buffer.from(busybox.buffer, busybox.byteOffset, busybox.byteLength);
  const start = binary.indexOf(APPLET_TABLE_START, 0, "latin1");
  if (start < 0) throw new Error("the busybox binary has no table of applet names: is it really busybox?");
  const names: string[] = [];
  for (let offset = start; ;) {
    const end = binary.indexOf(0, offset);
    if (end <= offset) return names;
    names.push(binary.toString("latin1", offset, end));
    offset = end + 1;
  }
};

const APPLET_TABLE_START = "[\0[[\0";

// The shell runs under cttyhack to have a controlling terminal: Ctrl-C and job control then work on the console.
// /init stays behind as process 1: the kernel panics when that one ends.
const initScript = (modules: readonly KernelModule[]): string => `#!/bin/sh
export PATH=/bin HOME=/root TERM=vt100 ENV=/etc/shrc
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
${modules.map(({ name }) => `insmod /lib/modules/${name}.ko\n`).join("")}cd /root
echo
echo "${BANNER}. Leave with: poweroff"
setsid cttyhack sh
busybox poweroff -f
`;

// busybox's own poweroff asks process 1 to shut down, and only -f does it at once. Its shell can prefer its applets to
// files in the PATH, so a function says it too.
const POWEROFF_SCRIPT = `#!/bin/sh
exec busybox poweroff -f
`;

// What udhcpc does with its lease.
const LEASE_SCRIPT = `#!/bin/sh
[ "$1" = bound ] || [ "$1" = renew ] || exit 0
ip addr replace "$ip/\${mask:-24}" dev "$interface"
[ -z "$router" ] || ip route replace default via "$router"
for server in $dns; do echo "nameserver $server"; done >/etc/resolv.conf
`;

const SHELL_RC = `PS1='\\w # '
poweroff() { busybox poweroff -f; }
`;

const entries = (busybox: Uint8Array, modules: readonly KernelModule[]): readonly CpioEntry[] => [
  ...["bin", "dev", "etc", "proc", "root", "sys", "tmp", "usr"].map(directory),
  { kind: "characterDevice", path: "dev/console", mode: 0o600, major: 5, minor: 1 },
  { kind: "characterDevice", path: "dev/null", mode: 0o666, major: 1, minor: 3 },
  { kind: "symlink", path: "sbin", target: "bin" },
  { kind: "symlink", path: "usr/bin", target: "../bin" },
  { kind: "symlink", path: "usr/sbin", target: "../bin" },
  script("init", initScript(modules)),
  script("etc/shrc", SHELL_RC),
  script("bin/poweroff", POWEROFF_SCRIPT),
  { kind: "file", path: "bin/busybox", mode: 0o755, bytes: busybox },
  ...appletNames(busybox)
    .filter((name) => name !== "busybox" && name !== "poweroff")
    .map((name): CpioEntry => ({ kind: "symlink", path: `bin/${name}`, target: "busybox" })),
  ...(modules.length === 0 ? [] : ["lib", "lib/modules", "etc/udhcpc"].map(directory)),
  ...(modules.length === 0 ? [] : [script("etc/udhcpc/default.script", LEASE_SCRIPT)]),
  ...modules.map(({ name, bytes }): CpioEntry => ({
    kind: "file",
    path: `lib/modules/${name}.ko`,
    mode: 0o644,
    bytes,
  })),
];

const directory = (path: string): CpioEntry => ({ kind: "directory", path, mode: 0o755 });

const script = (path: string, text: string): CpioEntry => {
  return { kind: "file", path, mode: 0o755, bytes: new TextEncoder().encode(text) };
};
