/** `foldvm causality`: the share of futures that fail, by the place from which on they may differ. */
import { causality as causalityOf, type CausalityRow } from "../../streams/past/branch/index.js";
import { chaosArgument, CHAOS_OPTION } from "../chaos-arguments.js";
import { command } from "../command.js";
import { EXIT } from "../exit-codes.js";
import { jobsOf } from "../jobs-argument.js";
import { failingArguments, FAILING_OPTIONS } from "../failing-arguments.js";
import { count, counted, likely, place } from "../figures.js";
import { RECORDING_OPTIONS, recordingOptions } from "../machine-arguments.js";
import { workers } from "../../streams/session/query-pool/workers.js";
import { readAll } from "../problems.js";
import { openOperand } from "../recording-operand.js";
import { ProgressLine, stoppable } from "../stoppable.js";
import { sayWhereCut } from "../truncation.js";
import { integer, placeOption } from "../values.js";

const OPTIONS = {
  ...FAILING_OPTIONS,
  positions: { value: "N", help: "at how many places futures begin, evenly (16)" },
  runs: { value: "N", help: "futures a place (20)" },
  from: { value: "WHERE", help: "the first place: an instruction count, /TEXT/, ... (start)" },
  ...CHAOS_OPTION,
  jobs: { value: "N", help: "threads that run futures at the same time (1)" },
  json: { help: "each place as a JSON object on its line, and a summary last" },
  quiet: { short: "q", help: "no progress" },
  ...RECORDING_OPTIONS,
} as const;

export const causality = command({
  name: "causality",
  operand: "FILE",
  summary: "Tells how many futures of a recording fail, by where they begin: where did it become inevitable?",
  options: OPTIONS,
  notes:
    "Futures differ by what --chaos varies after their place. The interval is Wilson's, with 95 %.\n" +
    "Example: foldvm causality fail.fold --fail-text FAIL --positions 20 --runs 50\n",
  read(args) {
    const number = (name: "positions" | "runs"): number | undefined =>
      args.has(name) ? integer(`--${name}`, args.get(name) ?? "") : undefined;
    const read = readAll({
      fails: () => failingArguments(args),
      from: () => placeOption("--from", args.get("from")),
      positions: () => number("positions"),
      runs: () => number("runs"),
      chaos: () => chaosArgument(args)?.options,
      jobs: () => jobsOf(args.get("jobs")),
    });
    return (stdio) =>
      stoppable(stdio, async ({ signal, codeOf }) => {
        const recording = await openOperand(args, stdio, recordingOptions(args));
        sayWhereCut(recording, stdio);
        const progress = new ProgressLine(stdio, args.has("quiet"));
        const { jobs, ...asked } = read;
        const pool = jobs > 1 ? workers(jobs) : undefined;
        const { instructions } = recording.info;
        const isJson = args.has("json");
        const { inevitableFrom, rows, isWhole } = await causalityOf(recording, {
          ...{ ...asked, from: asked.from(recording), on: pool, signal },
          tried: ({ icount, tried, futures }) => {
            progress.showNowAndThen(() =>
              tried === 0
                ? `at ${count(icount)} of ${counted(instructions, "instruction")}`
                : `${count(tried)} of ${counted(futures, "future")}`,
            );
          },
          found: (row) => {
            progress.clear();
            stdio.stdout.write(isJson ? `${JSON.stringify(plain(row))}\n` : line(row));
          },
        }).finally(() => {
          progress.clear();
          pool?.close();
        });
        recording.close();
        const summary = {
          places: rows.length,
          inevitableFrom: inevitableFrom && plain(inevitableFrom),
          whole: isWhole,
        };
        stdio.stdout.write(isJson ? `${JSON.stringify(summary)}\n` : `${verdict(inevitableFrom)}\n`);
        return codeOf(EXIT.done);
      });
  },
});

const plain = ({ ns, ...row }: CausalityRow): object => ({ ...row, ns: String(ns) });

const line = (row: CausalityRow): string =>
  `${count(row.icount).padStart(15)}  seq ${count(row.seq)}  ${count(row.failed)} of ${count(row.runs)} failed, ${likely(row)}\n`;

const verdict = (from: CausalityRow | null): string =>
  from === null ? "it was never inevitable at these places" : `all futures failed from ${place(from)} on`;
