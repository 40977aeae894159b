/** `foldvm fork`: another future of a recording, as a recording of its own. */
import type { Branch, BranchEnd } from "../../streams/past/branch/index.js";
import { fork as forkRecording, isRecordedKernel } from "../../streams/session/fork.js";
import { openRecording } from "../../streams/session/open-recording.js";
import type { Stdio } from "../../streams/host/stdio.js";
import { paced } from "../../streams/past/paced.js";
import type { Recording } from "../../streams/past/recording.js";
import { requireFree } from "../../streams/host/whole-file.js";
import type { Arguments } from "../arguments.js";
import { chaosArgument, CHAOS_OPTION } from "../chaos-arguments.js";
import { command } from "../command.js";
import { editArguments, EDIT_OPTIONS } from "../edit-arguments.js";
import { EXIT } from "../exit-codes.js";
import { bytes, counted, place } from "../figures.js";
import { NAMED_RECORDING_OPTIONS, namedRecordingOptions } from "../machine-arguments.js";
import { requireImagesKept } from "../overwritten-input.js";
import { readAll, UsageError } from "../problems.js";
import { fileOf, sourceOf } from "../recording-operand.js";
import { writeInto } from "../recording-output.js";
import { STANDARD_STREAM } from "../standard-stream.js";
import { breakable, ProgressLine } from "../stoppable.js";
import { sayWhereCut } from "../truncation.js";
import { integer, placeOption } from "../values.js";
import { watchedSteps } from "../watched-steps.js";

const OPTIONS = {
  output: { short: "o", value: "OUT", file: "written", help: "the branch, a recording of its own; -: standard output" },
  force: { short: "f", help: "overwrite OUT" },
  at: { value: "WHERE", help: "where it leaves FILE: an instruction count, /TEXT/, ... (start)" },
  ...EDIT_OPTIONS,
  ...CHAOS_OPTION,
  insns: { value: "N", help: "at most so many instructions after --at (twice what FILE has left, and 1,000,000)" },
  seed: { value: "TEXT", help: "what random bytes are made from that FILE has no answer for (branch)" },
  json: { help: "what came of it as one JSON object" },
  quiet: { short: "q", help: "say nothing" },
  ...NAMED_RECORDING_OPTIONS,
  kernel: { value: "FILE", file: "read", help: "another kernel, from reset on; or where the recorded one is now" },
} as const;

export const fork = command({
  name: "fork",
  operand: "FILE",
  summary: "Makes another future of a recording: other inputs, another memory, another kernel.",
  options: OPTIONS,
  notes:
    "Inputs are named by their event's number: foldvm events FILE. Up to the first change the branch is FILE itself.\n" +
    "foldvm info shows what a branch was made from, and the branches beside a recording.\n" +
    "Example: foldvm fork logs/race-fails.fold --at 5000000 --drop seq:35 -o other.fold\n",
  read(args) {
    const output = args.get("output");
    if (output === undefined) throw new UsageError("where to? Name the branch's recording with -o OUT");
    const read = readAll({
      at: () => placeOption("--at", args.get("at")),
      edits: () => editArguments(args),
      chaos: () => chaosArgument(args)?.options,
      insns: () => (args.has("insns") ? integer("--insns", args.get("insns") ?? "") : undefined),
    });
    return (stdio) =>
      breakable(stdio, async (signal) => {
        if (output !== STANDARD_STREAM) requireFree(output, args.has("force"));
        const { recording, kernel } = await opened(args, stdio);
        if (!args.has("quiet")) sayWhereCut(recording, stdio);
        requireImagesKept(args, recording.info.images, fileOf(args));
        const { edits, chaos, insns } = read;
        const line = new ProgressLine(stdio, args.has("quiet"));
        const at = read.at(recording);
        // The state is kept, so that the fork is there at once.
        if (at !== undefined) await paced(watchedSteps(recording.stepsTo(at), line, signal));
        const told = [...edits.changes, ...(kernel === undefined ? [] : [`kernel ${kernel}`])];
        const branch = forkRecording(recording, {
          ...{ at, chaos, insns, kernel, seed: args.get("seed"), patch: edits.patches },
          edit: edits.editsOf(recording),
          changes: chaos === undefined ? told : [...told, `chaos ${chaos.seed}`],
        });
        let end: BranchEnd | undefined;
        const size = await writeInto(output, stdio, args.has("force"), async (sink) => {
          end = await paced(watchedSteps(branch.recordSteps(sink), line, signal));
        });
        recording.close();
        if (end === undefined) throw new Error("a branch was written without an end");
        const { parent } = branch.header;
        const row = { file: output, bytes: size, leaves: { seq: parent?.seq, icount: parent?.icount }, ...plain(end) };
        const json = output === STANDARD_STREAM ? stdio.stderr : stdio.stdout;
        if (args.has("json")) json.write(`${JSON.stringify(row)}\n`);
        else if (!args.has("quiet"))
          stdio.stderr.write(`foldvm: ${output}: ${describe(end, branch, recording.log.lastSeq)}; ${bytes(size)}\n`);
        return EXIT.done;
      });
  },
});

/** `--kernel` names another one, unless it is the recorded one. */
async function opened(
  args: Arguments<typeof OPTIONS>,
  stdio: Stdio,
): Promise<{ readonly recording: Recording; readonly kernel: string | undefined }> {
  const source = await sourceOf(args, stdio);
  const options = namedRecordingOptions(args);
  const file = args.get("kernel");
  const plainly = openRecording(source, { ...options, images: { ...options.images, kernel: undefined } });
  if (file === undefined || !isRecordedKernel(plainly.log.header, file)) return { recording: plainly, kernel: file };
  plainly.close();
  return { recording: openRecording(source, options), kernel: undefined };
}

/** For JSON: 64-bit values are decimal strings. */
const plain = ({ console: _console, ns, ...end }: BranchEnd): object => ({ ...end, ns: String(ns) });

function describe(end: BranchEnd, branch: Branch, lastSeq: number): string {
  const code = end.guestCode === null ? "" : `, code ${String(end.guestCode)}`;
  const same = whySame(end, branch, lastSeq);
  return `${same}${counted(end.instructions, "instruction")} after the fork, ended at ${place(end)}: ${end.cause}${code}`;
}

/** Empty: it is not. */
function whySame({ seq, icount }: BranchEnd, { differs, header: { parent } }: Branch, lastSeq: number): string {
  if (!differs) return "the same as FILE, since nothing is otherwise; ";
  // Where its machine is off before an input comes, the events that end FILE still end it.
  const isEarly = icount === parent?.icount && seq <= lastSeq;
  return isEarly ? "as FILE so far: it ended before anything could be otherwise; " : "";
}
