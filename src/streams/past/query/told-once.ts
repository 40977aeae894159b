/** Each arrival at an instruction is told once. */
import type { Machine } from "../../../machine/machine.js";
import type { Told } from "../../../machine/probing.js";

/** An instruction that waits for the host's answer starts again, and arrives twice where it retires once. */
export function toldOnce(machine: Machine, tell: Told): Told {
  let arrived = { icount: -1, hart: -1, address: -1 };
  return (icount, probed) => {
    if (probed.type === "instruction/reached") {
      const { address } = probed;
      const { hart } = machine;
      if (arrived.icount === icount && arrived.address === address && arrived.hart === hart) return;
      arrived = { icount, hart, address };
    }
    tell(icount, probed);
  };
}
