/** The mask ROM, where the harts start: QEMU 7.2's reset code (hw/riscv/boot.c) and its data for the firmware. */
import { MEMORY_MAP } from "../memory-map.js";

/** The code sets a0 = hart id, a1 = device tree, a2 = fw_dynamic info, and jumps to `startAddress`. */
export const resetRom = (startAddress: number, dtbAddress: number, nextAddress: number): Uint8Array => {
  const rom = new Uint8Array(MEMORY_MAP.mrom.sizeBytes);
  const view = new DataView(rom.buffer);
  RESET_CODE.forEach((instruction, index) => {
    view.setUint32(index * 4, instruction, true);
  });
  const doublewords = [
    startAddress,
    dtbAddress,
    // OpenSBI's struct fw_dynamic_info: magic, version, next_addr, next_mode, options, boot_hart.
    FW_DYNAMIC_MAGIC,
    FW_DYNAMIC_VERSION,
    nextAddress,
    FW_DYNAMIC_NEXT_MODE_S,
    0,
    0,
  ];
  doublewords.forEach((value, index) => {
    view.setBigUint64(RESET_CODE.length * 4 + index * 8, BigInt(value), true);
  });
  return rom;
};

// prettier-ignore
const RESET_CODE = [
  0x0000_0297, // auipc t0, 0
  0x0282_8613, // addi  a2, t0, 40    the fw_dynamic info
  0xf140_2573, // csrr  a0, mhartid
  0x0202_b583, // ld    a1, 32(t0)    the device tree
  0x0182_b283, // ld    t0, 24(t0)    the start address
  0x0002_8067, // jr    t0
];

/** "OSBI" */
const FW_DYNAMIC_MAGIC = 0x4942_534f;
const FW_DYNAMIC_VERSION = 2;
const FW_DYNAMIC_NEXT_MODE_S = 1;
