/** `foldvm diff`: in what two recordings, or two states, differ. */
import { hexOfBytes } from "../../reducers/hex.js";
import {
  diff,
  RecordingDiff,
  type Difference,
  type DiffOptions,
  type Parting,
  type StateDiff,
} from "../../streams/past/diff/index.js";
import { writeAll } from "../../streams/host/write-all.js";
import { comparedOperand, openCompared, type Compared, type ComparedOperand } from "../compared-operand.js";
import { command } from "../command.js";
import { EXIT } from "../exit-codes.js";
import { NAMED_RECORDING_OPTIONS, namedRecordingOptions } from "../machine-arguments.js";
import { count } from "../figures.js";
import { readAll, UsageError } from "../problems.js";
import { ProgressLine } from "../stoppable.js";
import { sayWhereCut } from "../truncation.js";
import { integer } from "../values.js";

export const diffCommand = command({
  name: "diff",
  operand: "A",
  more: { words: "B", most: 1 },
  summary: "Says in what two recordings or states differ, and where the guests part.",
  options: {
    ignore: { value: "WHAT,...", isRepeatable: true, help: "a register, a device, an event's type, a place in memory" },
    limit: { value: "N", help: "of recordings, so many partings (1); of states, so many rows (40)" },
    all: { help: "without a limit" },
    json: { help: "each row as a JSON object on its line; 64-bit values are decimal strings" },
    ...NAMED_RECORDING_OPTIONS,
  },
  notes:
    "A and B are recordings, or states: FILE@WHERE (an instruction count, end, /TEXT/, ...), a saved state,\n" +
    "FILE#NAME; @WHERE is in the file of A. Each next parting leaves out what differed before. --ignore takes names\n" +
    "that diff prints, and clock, schedule, registers, devices, disks, memory, clock/*.\n" +
    `Exit code ${String(EXIT.textFailed)}: they differ.\n` +
    "Example: foldvm diff a.fold b.fold --ignore clock/warped\n",
  read(args) {
    const [a, b] = args.operands;
    const read = readAll({
      operands: () => operandsOf(a, b),
      limit: () => limitOf(args.has("all"), args.get("limit")),
    });
    return async (stdio) => {
      const options = namedRecordingOptions(args);
      const sides = read.operands.map((operand) => openCompared(operand, options)) as [Compared, Compared];
      for (const { recording } of sides) if (recording !== undefined) sayWhereCut(recording, stdio);
      const ignore = args.all("ignore").flatMap((words) => words.split(","));
      const line = new ProgressLine(stdio, false);
      const answer = compared(sides, ignore, ({ icount }) => {
        line.showNowAndThen(() => `comparing, at instruction ${count(icount)}`);
      });
      const limit = read.limit ?? (answer instanceof RecordingDiff ? 1 : SHOWN_ROWS);
      try {
        const lines = args.has("json") ? jsonLines(answer, read.limit) : textLines(answer, limit);
        await writeAll(stdio.stdout, behind(line, lines));
        return answer.isSame ? EXIT.done : EXIT.textFailed;
      } finally {
        line.clear();
      }
    };
  },
});

const SHOWN_ROWS = 40;

/** @throws {UsageError} */
function operandsOf(a: string | undefined, b: string | undefined): readonly [ComparedOperand, ComparedOperand] {
  if (a === undefined || b === undefined) throw new UsageError("what with what? Write foldvm diff A B");
  const first = comparedOperand(a);
  return [first, comparedOperand(b, first)];
}

/** Undefined: the default. @throws {UsageError} */
function limitOf(isAll: boolean, limit: string | undefined): number | undefined {
  if (isAll && limit !== undefined) throw new UsageError("--all and --limit: one at a time");
  return isAll ? Infinity : limit === undefined ? undefined : integer("--limit", limit);
}

/** @throws {UsageError} */
function compared(
  [a, b]: readonly [Compared, Compared],
  ignore: readonly string[],
  progress: NonNullable<DiffOptions["progress"]>,
): RecordingDiff | StateDiff {
  if (a.state !== undefined && b.state !== undefined) return diff(a.state, b.state, { ignore });
  if (a.state === undefined && b.state === undefined && a.recording && b.recording)
    return diff(a.recording, b.recording, { ignore, progress });
  throw new UsageError("one is a recording and the other a state: name a place in the recording, as FILE@WHERE");
}

/** What is told stands where the progress was. */
function* behind(line: ProgressLine, lines: Iterable<string>): Generator<string> {
  for (const one of lines) {
    line.clear();
    yield one;
  }
}

function* textLines(answer: RecordingDiff | StateDiff, limit: number): Generator<string> {
  yield `${answer.textOf(limit)}\n`;
}

function* jsonLines(answer: RecordingDiff | StateDiff, limit: number | undefined): Generator<string> {
  if (answer instanceof RecordingDiff) yield* recordingLines(answer, limit ?? 1);
  else for (const row of limited<Difference>(answer, limit ?? Infinity)) yield line(row);
}

/** What a row is about is its `kind`. */
function* recordingLines(answer: RecordingDiff, limit: number): Generator<string> {
  for (const row of answer.header) yield line({ ...row, kind: "header" });
  if (answer.event !== undefined) yield line({ kind: "event", ...answer.event });
  for (const parting of limited<Parting>(answer, limit)) {
    const { seq, ns, hart, pc, function: name } = parting.a;
    yield line({ kind: "parting", seq, ns, hart, pc, function: name, ...parting });
  }
  if (answer.endings !== undefined) yield line({ kind: "endings", ...answer.endings });
}

function* limited<Row>(rows: Iterable<Row>, limit: number): Generator<Row> {
  if (limit === 0) return;
  let told = 0;
  for (const row of rows) {
    yield row;
    if ((told += 1) >= limit) return;
  }
}

const line = (row: object): string =>
  `${JSON.stringify(row, (_name, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value instanceof Uint8Array ? hexOfBytes(value) : value,
  )}\n`;
