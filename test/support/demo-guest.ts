/** The embedded guest, as the tests of streams record it: no package is needed for it. */
import { fileURLToPath } from "node:url";

import type { MachineOptions } from "../../src/streams/machine-options.js";

export const DEMO_ELF = fileURLToPath(new URL("../../guests/demo/demo.elf", import.meta.url));

export const demoOptions: MachineOptions = {
  memory: "8M",
  bios: "none",
  kernel: DEMO_ELF,
  seed: "demo",
};

export const LETTERS = "abcdefghijklmnopqrstuvwx";
