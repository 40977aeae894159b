/** `foldvm export`: a recording as a file of another tool. */
import { concatenated } from "../../reducers/concatenated.js";
import type { Range } from "../../streams/past/query/index.js";
import type { Recording } from "../../streams/past/recording.js";
import { rows, type QuestionsByKind, type StreamRow } from "../../streams/rows/index.js";
import { writeComingPieces } from "../../streams/host/pieces-file.js";
import { requireFree } from "../../streams/host/whole-file.js";
import { writeAllBytes } from "../../streams/host/write-all.js";
import { untilStopped } from "../../streams/session/answered.js";
import { orList } from "../../options/nearest.js";
import type { Arguments } from "../arguments.js";
import { command } from "../command.js";
import { EXIT } from "../exit-codes.js";
import { EXPORT_FORMS, type ExportForm } from "../export-forms.js";
import { bytes, count, counted } from "../figures.js";
import { NAMED_RECORDING_OPTIONS, namedRecordingOptions } from "../machine-arguments.js";
import { readAll, UsageError } from "../problems.js";
import { openOperand } from "../recording-operand.js";
import { STANDARD_STREAM } from "../standard-stream.js";
import { ProgressLine, stoppable } from "../stoppable.js";
import { sayWhereCut } from "../truncation.js";
import { placeOption } from "../values.js";

type Form = keyof typeof EXPORT_FORMS;
const FORMS: Readonly<Record<Form, ExportForm>> = EXPORT_FORMS;
const NAMES = Object.keys(FORMS) as readonly Form[];

const formOption = (name: Form): { value: string; file: "written"; help: string } => ({
  value: "OUT",
  file: "written",
  help: FORMS[name].help,
});

const OPTIONS = {
  ...(Object.fromEntries(NAMES.map((name) => [name, formOption(name)])) as Record<Form, ReturnType<typeof formOption>>),
  from: { value: "WHERE", help: "where to begin: an instruction count, /TEXT/, ... (start)" },
  until: { value: "WHERE", help: "where to stop (end)" },
  of: { value: "NAME", help: "of what: see below (all)" },
  force: { short: "f", help: "overwrite OUT" },
  quiet: { short: "q", help: "say nothing" },
  ...NAMED_RECORDING_OPTIONS,
} as const;

export const exportCommand = command({
  name: "export",
  operand: "FILE",
  summary: "Writes a recording as a file of another tool.",
  options: OPTIONS,
  notes:
    "One form at a time. OUT must not exist yet; -: standard output.\n" +
    NAMES.flatMap((name) => {
      const { of } = FORMS[name];
      return of === undefined ? [] : [`--${name} --of: ${of}\n`];
    }).join("") +
    "Example: foldvm export boot.fold --asciicast boot.cast && asciinema play boot.cast\n",
  read(args) {
    const { chosen, from, until } = readAll({
      chosen: () => formOf(args),
      from: () => placeOption("--from", args.get("from")),
      until: () => placeOption("--until", args.get("until")),
    });
    const { name, output } = chosen;
    return (stdio) =>
      stoppable(stdio, async ({ signal, codeOf }) => {
        const isPiped = output === STANDARD_STREAM;
        if (!isPiped) requireFree(output, args.has("force"));
        const recording = await openOperand(args, stdio, namedRecordingOptions(args));
        const isQuiet = args.has("quiet");
        if (!isQuiet) sayWhereCut(recording, stdio);
        const line = new ProgressLine(stdio, isQuiet);
        const range = { from: from(recording), until: until(recording) };
        const exported = { recording, range, of: args.get("of"), rows: rowsOf(recording, range, { line, signal }) };
        try {
          const pieces = bytesOf(FORMS[name].write(exported));
          const byteLength = isPiped
            ? await writeAllBytes(stdio.stdout, pieces)
            : await writeComingPieces(output, pieces, args.has("force"), () => signal.aborted);
          line.clear();
          if (!isPiped && byteLength !== undefined && !isQuiet)
            stdio.stderr.write(`foldvm: ${name}: ${output}, ${bytes(byteLength)}\n`);
          return codeOf(EXIT.done);
        } finally {
          line.clear();
        }
      });
  },
});

function formOf(args: Arguments<typeof OPTIONS>): { readonly name: Form; readonly output: string } {
  const given = NAMES.filter((name) => args.has(name));
  const [name, second] = given;
  const output = name && args.get(name);
  const options = NAMES.map((one) => `--${one}`);
  if (name === undefined || output === undefined) throw new UsageError(`as what? Give ${orList(options)}`);
  if (second !== undefined) throw new UsageError(`--${name} and --${second}: one at a time`);
  if (args.has("of") && FORMS[name].of === undefined) throw new UsageError(`--of: --${name} takes none`);
  return { name, output };
}

interface Reading {
  readonly line: ProgressLine;
  readonly signal: AbortSignal;
}

/** The rows of a range, which end where a signal comes, and tell how far they are. */
const rowsOf =
  (recording: Recording, range: Range, { line, signal }: Reading) =>
  (questions: QuestionsByKind): AsyncIterable<StreamRow> => {
    const whole = counted(recording.info.instructions, "instruction");
    const asked = Object.entries(questions).map(([kind, query]) => [
      kind,
      query.withProgress(({ icount }) => {
        line.showNowAndThen(() => `at ${count(icount)} of ${whole}`);
      }),
    ]);
    const seqAt = (place: Range["until"]): number => recording.at(place).position.seq;
    return untilStopped(
      rows(recording, {
        questions: Object.fromEntries(asked) as QuestionsByKind,
        ...(range.from !== undefined && { fromSeq: seqAt(range.from) + 1 }),
        ...(range.until !== undefined && { untilSeq: seqAt(range.until) }),
      }),
      signal,
    );
  };

const PIECE_BYTES = 1 << 16;

/** In pieces that are worth a write of their own. */
async function* bytesOf(parts: AsyncIterable<string | Uint8Array>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let waiting: Uint8Array[] = [];
  let byteLength = 0;
  for await (const part of parts) {
    const piece = typeof part === "string" ? encoder.encode(part) : part;
    waiting.push(piece);
    byteLength += piece.length;
    if (byteLength < PIECE_BYTES) continue;
    yield concatenated(waiting);
    [waiting, byteLength] = [[], 0];
  }
  yield concatenated(waiting);
}
