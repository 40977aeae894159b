/**
 * The initramfs of the Debian guest with a disk: it loads the modules, waits for the disk, and hands over to what is on
 * it.
 */
import { cpioNewc, type CpioEntry } from "./cpio-newc.js";
import { INIT } from "./root-file-system.js";
import type { KernelModule } from "./kernel-modules.js";

/** The same input gives the same bytes. */
export const diskInitramfs = (busybox: Uint8Array, modules: readonly KernelModule[]): Uint8Array =>
  cpioNewc([
    ...["bin", "dev", "modules", "proc", "root", "sys"].map(directory),
    { kind: "characterDevice", path: "dev/console", mode: 0o600, major: 5, minor: 1 },
    file("bin/busybox", busybox),
    ...modules.map(({ name, bytes }) => file(`modules/${name}.ko`, bytes)),
    file("init", new TextEncoder().encode(initScript(modules.map(({ name }) => name)))),
  ]);

/** A module that this kernel can't use is no reason to stop: the disk says whether all is there. */
const initScript = (modules: readonly string[]): string => `#!/bin/busybox sh
busybox mount -t proc proc /proc
busybox mount -t sysfs sys /sys
busybox mount -t devtmpfs dev /dev
${modules.map((name) => `busybox insmod /modules/${name}.ko`).join("\n")}
while [ ! -b /dev/vda ]; do busybox sleep 0.05; done
busybox mount -t ext4 /dev/vda /root || exec busybox sh
busybox mount --move /dev /root/dev
busybox umount /sys /proc
exec busybox switch_root /root ${INIT}
`;

const directory = (path: string): CpioEntry => ({ kind: "directory", path, mode: 0o755 });
const file = (path: string, bytes: Uint8Array): CpioEntry => ({ kind: "file", path, mode: 0o755, bytes });
