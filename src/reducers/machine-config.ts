/** What a machine is made of, besides its images: all of it JSON, as a recording's header holds it. */
import * as t from "io-ts";

import { Count, Text } from "./scalars.js";

const VirtioSlot = t.union([t.literal("none"), t.literal("rng"), t.literal("console")]);

export const MachineConfig = t.readonly(
  t.exact(
    t.type({
      memoryBytes: Count,
      harts: Count,
      /** An instruction takes 2^shift ns of virtual time. */
      shift: Count,
      /** The kernel's command line. */
      append: t.union([Text, t.null]),
      /** /chosen/rng-seed in hexadecimal: chance that the guest is given, so an input. */
      rngSeed: Text,
      virtio: t.readonlyArray(VirtioSlot),
    }),
  ),
);
export type MachineConfig = t.TypeOf<typeof MachineConfig>;
