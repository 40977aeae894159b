/** How far a replay is: one line that changes, on a terminal; a file would keep them all. */
import type { Stdio } from "../streams/host/stdio.js";
import { counted } from "./figures.js";

export interface ProgressMeter {
  readonly show: (position: { readonly icount: number }) => void;
  readonly clear: () => void;
}

export const progressMeter = ({ stderr }: Stdio, instructions: number, isQuiet: boolean): ProgressMeter =>
  isQuiet || stderr.isTTY !== true
    ? { show: () => undefined, clear: () => undefined }
    : {
        show({ icount }) {
          const percent = ((100 * icount) / Math.max(instructions, 1)).toFixed(0);
          stderr.write(`\rfoldvm: ${percent} % of ${counted(instructions, "instruction")}`);
        },
        clear() {
          stderr.write("\r\x1b[K");
        },
      };
