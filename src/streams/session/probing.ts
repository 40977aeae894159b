/** Who is told what the guest of an opened machine does: nobody, until a debugger sets it. */
import type { Probed } from "../../machine/engine/probes.js";
import type { MachineOptions } from "../../machine/machine.js";

export class Probing {
  /** In the middle of a run; it changes nothing. */
  told: (icount: number, probed: Probed) => void = () => undefined;
}

/** For a machine of which it is. */
export const probedBy = (probing: Probing | undefined): Pick<MachineOptions, "probed"> =>
  probing === undefined
    ? {}
    : {
        probed: (icount, probed) => {
          probing.told(icount, probed);
        },
      };
