/** Whether a kernel was started as it can't run: without the firmware that it needs. */
import { beginningOf, kindOfFile } from "../host/file-kind.js";

/**
 * A warning for a machine without firmware whose kernel is one for supervisor mode: a Linux Image, or an ELF program
 * that starts where such firmware would jump to. Undefined: nothing speaks against it.
 */
export function missingFirmware(kernel: string): string | undefined {
  const kind = kindOfFile(kernel);
  if (kind === "linuxImage") return `${kernel} is a Linux kernel, ${REMEDY}`;
  if (kind === "elf" && entryOf(beginningOf(kernel)) === BEHIND_FIRMWARE)
    return `${kernel} starts at 0x${BEHIND_FIRMWARE.toString(16)}, as kernels for supervisor mode do, ${REMEDY}`;
  return undefined;
}

const REMEDY =
  "and there is no firmware under it: it runs in machine mode, where it will fail unless it was built for that; " +
  "give --bios default, or --bios FILE (Debian: opensbi)";

/** e_entry. */
const entryOf = (elf: Uint8Array): bigint =>
  elf.length < 32 ? 0n : new DataView(elf.buffer, elf.byteOffset).getBigUint64(24, true);

/** 2 MiB above the start of RAM. */
const BEHIND_FIRMWARE = 0x8020_0000n;
