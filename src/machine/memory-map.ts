/** The physical memory map of QEMU 7.2's `virt` machine: where its devices, ROM and RAM are. */
import type { Region } from "../reducers/device.js";
import { DEVICES } from "../reducers/devices.js";

type Places = { readonly [Row in (typeof DEVICES)[number] as Row["name"]]: Row["place"] };

/** The mask ROM. */
export const MROM: Region = { base: 0x0000_1000, sizeBytes: 0xf000 };

/** Keyed by name. Each device gives its own place. */
export const MEMORY_MAP = {
  mrom: MROM,
  ...(Object.fromEntries(DEVICES.map(({ name, place }) => [name, place])) as unknown as Places),
};

/** RAM starts here. Its size varies. */
export const DRAM_BASE = 0x8000_0000;

/** Where every hart starts: the first instruction of the reset code in the mask ROM. */
export const RESET_VECTOR = MROM.base;
