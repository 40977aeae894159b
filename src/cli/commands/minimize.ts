/** `foldvm minimize`: the fewest and simplest inputs with which a recording still fails. */
import {
  fork,
  minimize as minimizeRecording,
  type BranchEnd,
  type Failing,
  type KeptInput,
  type Minimized,
} from "../../streams/past/branch/index.js";
import { lastLine } from "../../streams/session/hunt/last-line.js";
import { requireFree } from "../../streams/host/whole-file.js";
import { toJson } from "../../streams/store/log/index.js";
import { command } from "../command.js";
import { EXIT } from "../exit-codes.js";
import { failingArguments, FAILING_OPTIONS } from "../failing-arguments.js";
import { count, counted } from "../figures.js";
import { RECORDING_OPTIONS, recordingOptions } from "../machine-arguments.js";
import { readAll } from "../problems.js";
import { openOperand } from "../recording-operand.js";
import { writeInto } from "../recording-output.js";
import { STANDARD_STREAM } from "../standard-stream.js";
import { ProgressLine, stoppable } from "../stoppable.js";
import { sayWhereCut } from "../truncation.js";
import { integer, placeOption } from "../values.js";

/** Of what is kept, what people are shown. */
const SHOWN_INPUTS = 40;
const SHOWN_LETTERS = 100;

const OPTIONS = {
  output: { short: "o", value: "OUT", file: "written", help: "the best, a recording of its own; -: standard output" },
  force: { short: "f", help: "overwrite OUT" },
  ...FAILING_OPTIONS,
  at: { value: "WHERE", help: "inputs before it stay: an instruction count, /TEXT/, ... (start)" },
  "keep-times": { help: "leave inputs out, and leave the others as they are" },
  "max-trials": { value: "N", help: "end after so many futures, with the best so far (10,000)" },
  seed: { value: "TEXT", help: "what random bytes are made from that FILE has no answer for (branch)" },
  json: { help: "what came of it as one JSON object" },
  quiet: { short: "q", help: "no progress" },
  ...RECORDING_OPTIONS,
} as const;

export const minimize = command({
  name: "minimize",
  operand: "FILE",
  summary: "Finds the fewest and simplest inputs with which a recording still fails.",
  options: OPTIONS,
  notes:
    "Deviations of --chaos are inputs: what is left of them is the guilty switch. Ctrl-C ends it with the best so far.\n" +
    "What is left may fail for another reason that looks the same: it is said where its line is not FILE's.\n" +
    "Exit code 0: nothing more can go; 2: FILE does not fail in this sense.\n" +
    "Example: foldvm minimize fail.fold --fail-text FAIL -o small.fold\n",
  read(args) {
    const output = args.get("output");
    const read = readAll({
      fails: () => failingArguments(args),
      at: () => placeOption("--at", args.get("at")),
      maxTrials: () => (args.has("max-trials") ? integer("--max-trials", args.get("max-trials") ?? "") : undefined),
    });
    return (stdio) =>
      stoppable(stdio, async ({ signal, codeOf }) => {
        if (output !== undefined && output !== STANDARD_STREAM) requireFree(output, args.has("force"));
        const recording = await openOperand(args, stdio, recordingOptions(args));
        sayWhereCut(recording, stdio);
        const progress = new ProgressLine(stdio, args.has("quiet"));
        const found = await minimizeRecording(recording, {
          ...{ ...read, at: read.at(recording), seed: args.get("seed"), simplifies: !args.has("keep-times"), signal },
          tried: ({ trials, left, inputs }) => {
            progress.show(`${counted(trials, "trial")}, ${count(left)} of ${counted(inputs, "input")} left`);
          },
        }).finally(() => {
          progress.clear();
        });
        let end: BranchEnd | undefined;
        if (output !== undefined)
          await writeInto(output, stdio, args.has("force"), (sink) => {
            end = found.branch.record(sink);
          });
        const original = fork(recording, { at: read.at(recording) }).run();
        const lines = {
          found: failingLine((end ?? found.branch.run()).console, read.fails),
          original: failingLine(original.console, read.fails),
          isPattern: read.fails instanceof RegExp,
        };
        recording.close();
        const stdout = output === STANDARD_STREAM ? stdio.stderr : stdio.stdout;
        stdout.write(
          args.has("json") ? `${JSON.stringify(rowOf(found, lines, output))}\n` : describe(found, lines, output),
        );
        return codeOf(EXIT.done);
      });
  },
});

/** What is left may fail for another reason than FILE: who sees both lines can tell. */
interface FailingLines {
  readonly found: string;
  readonly original: string;
  /** What must be the same in both was said exactly. */
  readonly isPattern: boolean;
}

/** The first that shows the failure; of an exit code, the last one. */
function failingLine(console: string, fails: Failing | undefined): string {
  const shown = console.split(/[\r\n]+/).find((line) => {
    if (typeof fails === "string") return line.includes(fails);
    return fails instanceof RegExp && line.search(fails) >= 0;
  });
  return lastLine(shown ?? console, SHOWN_LETTERS);
}

const rowOf = (
  { trials, inputs, left, kept, isMinimal }: Minimized,
  lines: FailingLines,
  output: string | undefined,
): object => ({
  ...{ file: output ?? null, trials, inputs, left, minimal: isMinimal },
  ...{ failingLine: lines.found, originalLine: lines.original },
  kept: kept.map((input) => ({ ...jsonOf(input), hasOwnTime: input.hasOwnTime })),
});

/** The number of the parent's event, as all events of a branch's inputs have. */
const jsonOf = ({ hasOwnTime: _hasOwnTime, seq = 0, ...input }: KeptInput): ReturnType<typeof toJson> =>
  toJson({ ...input, seq });

function describe(
  { trials, inputs, left, kept, isMinimal }: Minimized,
  lines: FailingLines,
  output: string | undefined,
): string {
  const rows = kept.slice(0, SHOWN_INPUTS).map((input) => {
    const { seq, icount, ns: _ns, type, ...payload } = jsonOf(input);
    const when = input.hasOwnTime ? `at ${count(icount)}` : "at once, with the one before it";
    const fields = Object.entries(payload).map(([name, value]) => ` ${name} ${String(value)}`);
    return `  seq:${String(seq)}  ${type}${fields.join("")}  ${when}\n`;
  });
  const more = kept.length - rows.length;
  const verdict = isMinimal ? "none of them can go" : "ended before its end";
  return [
    `${count(left)} of ${counted(inputs, "input")} left after ${counted(trials, "trial")}; ${verdict}\n`,
    ...rows,
    ...(more === 0 ? [] : [`  and ${count(more)} more\n`]),
    `it fails with: ${lines.found}\n`,
    ...(lines.found === lines.original ? [] : [differently(lines)]),
    ...(output === undefined ? [] : [`written to ${output}\n`]),
  ].join("");
}

const differently = ({ original, isPattern }: FailingLines): string =>
  `another line than FILE's: ${original}\n` +
  (isPattern
    ? ""
    : "to keep to that failure: --fail-text with more of its line, or with a /PATTERN/ of what must stay\n");
