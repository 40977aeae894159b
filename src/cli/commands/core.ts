/** `foldvm core`: a moment of a recording as a core file, for crash, drgn and gdb. */
import { writePieces } from "../../streams/host/pieces-file.js";
import { writeAllBytes } from "../../streams/host/write-all.js";
import { requireFree } from "../../streams/host/whole-file.js";
import { toCore, type Core } from "../../streams/past/core/to-core.js";
import { paced } from "../../streams/past/paced.js";
import type { Arguments } from "../arguments.js";
import { command } from "../command.js";
import { EXIT } from "../exit-codes.js";
import { bytes, place } from "../figures.js";
import { RECORDING_OPTIONS, recordingOptions } from "../machine-arguments.js";
import { readAll, UsageError } from "../problems.js";
import { openOperand } from "../recording-operand.js";
import { STANDARD_STREAM } from "../standard-stream.js";
import { breakable, ProgressLine } from "../stoppable.js";
import { sayWhereCut } from "../truncation.js";
import { integer, placeOption } from "../values.js";
import { watchedSteps } from "../watched-steps.js";

const OPTIONS = {
  output: { short: "o", value: "FILE", file: "written", help: "the core; it must not exist yet; -: standard output" },
  force: { short: "f", help: "overwrite it" },
  at: { value: "WHERE", help: "when: an instruction count, end, /TEXT/, ... (end)" },
  hart: { value: "N", help: "virtual addresses as hart N has them (the one that executes)" },
  quiet: { short: "q", help: "say nothing" },
  ...RECORDING_OPTIONS,
} as const;

export const core = command({
  name: "core",
  operand: "FILE",
  summary: "Writes a moment of a recording as a core file, which crash, drgn and gdb open.",
  options: OPTIONS,
  notes: "Example: foldvm core boot.fold --at 900_000_000 -o vmcore && gdb-multiarch vmlinux vmcore\n",
  read(args) {
    const { output, at, hart } = readAll({
      output: () => outputOf(args),
      at: () => placeOption("--at", args.get("at")),
      hart: () => (args.has("hart") ? integer("--hart", args.get("hart") ?? "") : undefined),
    });
    return (stdio) =>
      breakable(stdio, async (signal) => {
        const isPiped = output === STANDARD_STREAM;
        if (!isPiped) requireFree(output, args.has("force"));
        const recording = await openOperand(args, stdio, recordingOptions(args));
        const isQuiet = args.has("quiet");
        if (!isQuiet) sayWhereCut(recording, stdio);
        const steps = recording.stepsTo(at(recording));
        const state = await paced(watchedSteps(steps, new ProgressLine(stdio, isQuiet), signal));
        const made = toCore(state, { hart });
        const byteLength = isPiped
          ? await writeAllBytes(stdio.stdout, made)
          : writePieces(output, made, args.has("force"));
        if (!made.isWhole)
          stdio.stderr.write(
            "foldvm: the page table maps more than a core can hold: some virtual addresses are left out\n",
          );
        if (!isQuiet)
          stdio.stderr.write(`foldvm: ${place(state.position)}: ${output}, ${bytes(byteLength)}; ${readersOf(made)}\n`);
        return EXIT.done;
      });
  },
});

function outputOf(args: Arguments<typeof OPTIONS>): string {
  const output = args.get("output");
  if (output === undefined) throw new UsageError("where to? Name the core with -o FILE");
  return output;
}

function readersOf({ vmcoreinfo }: Core): string {
  const release = /^OSRELEASE=(.*)$/m.exec(vmcoreinfo ?? "")?.[1];
  return release === undefined
    ? "for gdb: no Linux kernel is up in it, which crash and drgn would need"
    : `Linux ${release}, for crash, drgn and gdb with its vmlinux`;
}
