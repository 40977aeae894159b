/** The machine that Debian is booted on, where nothing else is asked for. */
import type { DebianImages } from "./debian-images.js";

/** Sv39 only: the kernel would try Sv57 and Sv48 first, and find out by itself, but slower. */
export const KERNEL_COMMAND_LINE = "console=ttyS0 no4lvl no5lvl";

export const DEBIAN_MEMORY = "256M";

/** Names and meanings are those of the library's machine options. */
export interface DebianMachine {
  readonly memory: string;
  readonly bios: string;
  readonly kernel: string;
  readonly initrd: string;
  readonly append: string;
}

/** Without the kernel's own messages. */
export const debianMachine = ({
  firmware,
  kernel,
  initrd,
}: Pick<DebianImages, "firmware" | "kernel" | "initrd">): DebianMachine => ({
  memory: DEBIAN_MEMORY,
  bios: firmware,
  kernel,
  initrd,
  append: `${KERNEL_COMMAND_LINE} quiet`,
});
