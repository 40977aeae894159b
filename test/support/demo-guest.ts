/** The embedded guest, as the tests of streams record it: no package is needed for it. */
import type { MachineOptions } from "../../src/streams/session/machine-options.js";
import { guestElf } from "./guest-build.js";

export const DEMO_ELF = guestElf("demo");

export const demoOptions: MachineOptions = {
  memory: "8M",
  bios: "none",
  kernel: DEMO_ELF,
  seed: "demo",
};

export const LETTERS = "abcdefghijklmnopqrstuvwx";
