/** `--machine dumpdtb=FILE`: the device tree that the guest would find, in place of a run. */
import { deviceTreeOf } from "../streams/session/device-tree.js";
import { writePieces } from "../streams/host/pieces-file.js";
import type { Stdio } from "../streams/host/stdio.js";
import { EXIT } from "./exit-codes.js";
import { bytes } from "./figures.js";
import type { StartingPoint } from "./starting-point.js";

/** As QEMU, it overwrites. Answers the exit code. @throws {LogError} CANNOT_WRITE, and what opening the machine does */
export function dumpDeviceTree(path: string, { open }: Pick<StartingPoint, "open">, { stderr }: Stdio): number {
  const opened = open();
  try {
    const blob = deviceTreeOf(opened);
    writePieces(path, [blob], true);
    stderr.write(`foldvm: device tree: ${path}, ${bytes(blob.length)}; nothing was run (--machine dumpdtb)\n`);
    return EXIT.done;
  } finally {
    opened.close();
  }
}
