/** The physical memory map of QEMU 7.2's `virt` machine, with the PLIC source of each device that has one. */

export interface Region {
  /** The first physical address. */
  readonly base: number;
  readonly sizeBytes: number;
}

export interface DeviceRegion extends Region {
  /** The PLIC source that the device's interrupt line is wired to. */
  readonly irq: number;
}

const VIRTIO_MMIO_SLOTS = 8;
const VIRTIO_MMIO_BASE = 0x1000_1000;
const VIRTIO_MMIO_STRIDE = 0x1000;

/** A transport a slot; the slots' sources follow each other from 1. */
const virtioMmio = (slot: number): DeviceRegion => ({
  base: VIRTIO_MMIO_BASE + slot * VIRTIO_MMIO_STRIDE,
  sizeBytes: VIRTIO_MMIO_STRIDE,
  irq: 1 + slot,
});

/** Sources 1 to 96: `riscv,ndev` in the device tree. Source 0 means "no interrupt" (PLIC 1.0.0, section 6). */
export const PLIC_SOURCES = 96;

/** The oscillator of the UART, which the divisor latch divides by 16 times the baud rate. */
export const UART_CLOCK_HZ = 3_686_400;

/** The rate at which mtime counts: the device tree's `timebase-frequency`. */
export const TIMEBASE_HZ = 10_000_000;

// prettier-ignore
export const MEMORY_MAP = {
  mrom:        { base: 0x0000_1000, sizeBytes:      0xf000 },
  finisher:    { base: 0x0010_0000, sizeBytes:      0x1000 },
  goldfishRtc: { base: 0x0010_1000, sizeBytes:      0x1000, irq: 11 },
  clint:       { base: 0x0200_0000, sizeBytes:    0x1_0000 },
  // Room for 512 harts of two contexts each: 0x20_0000 + 1024 * 0x1000, however few harts there are.
  plic:        { base: 0x0c00_0000, sizeBytes:   0x60_0000 },
  uart16550:   { base: 0x1000_0000, sizeBytes:       0x100, irq: 10 },
  virtioMmio:  Array.from({ length: VIRTIO_MMIO_SLOTS }, (_, slot) => virtioMmio(slot)),
} as const satisfies Record<string, Region | DeviceRegion | readonly DeviceRegion[]>;

/** RAM has no fixed size: it grows up from here. */
export const DRAM_BASE = 0x8000_0000;

/** Where every hart starts: the first instruction of the reset code in the mask ROM. */
export const RESET_VECTOR = MEMORY_MAP.mrom.base;
