/** `foldvm hunt`: records runs that vary, until a bug shows, and keeps those where it does. */
import type { Output, Signal, Stdio } from "../../streams/host/stdio.js";
import { hunt as huntFor } from "../../streams/session/hunt/hunt.js";
import { HuntError } from "../../streams/session/hunt/hunt-error.js";
import type { HuntSummary } from "../../streams/session/hunt/hunt-summary.js";
import { DEFAULT_OUTPUT, DEFAULT_RUNS, KEEP, type HuntOptions } from "../../streams/session/hunt/hunt-options.js";
import type { HuntRun } from "../../streams/session/hunt/hunt-run.js";
import { lastLine } from "../../streams/session/hunt/last-line.js";
import { readScript } from "../../streams/session/script-file.js";
import type { Arguments } from "../arguments.js";
import { chaosArgument, CHAOS_OPTION } from "../chaos-arguments.js";
import { command } from "../command.js";
import { EXIT, exitCodeOf, SIGNAL_CODES } from "../exit-codes.js";
import { count, counted, likely } from "../figures.js";
import type { Outcome } from "../outcome.js";
import { paceOf } from "../machine-arguments.js";
import { readAll, UsageError } from "../problems.js";
import { checkOperands, SESSION_OPTIONS } from "../session-arguments.js";
import { startingPoint, START_OPTIONS } from "../starting-point.js";
import { integer, seconds } from "../values.js";

const DEFAULT_CHECKPOINT_INSNS = 2 ** 26;

/** Of the guest's last line, for people and for programs. */
const MAX_LINE_LETTERS = 60;
const MAX_ROW_LETTERS = 1000;

const OPTIONS = {
  runs: { value: "N", help: `how many runs (${String(DEFAULT_RUNS)})` },
  jobs: { value: "N", help: "how many at once (as many as there are processors)" },
  "until-fail": { help: "end with the first run that fails" },
  keep: { value: "failing|all|none", help: "which recordings are kept (failing); one that fails is verified" },
  output: {
    short: "o",
    value: "FILE",
    file: "written",
    help: `the recordings; {n} is the number of the run, {seed} its seed (${DEFAULT_OUTPUT})`,
  },
  force: { short: "f", help: "overwrite FILE" },
  embed: { help: "put the images into the recordings" },
  ...CHAOS_OPTION,
  ...START_OPTIONS,
  "expect-text": { value: "TEXT", help: "a run that ends without printing it has failed; one that prints it ends" },
  "fail-text": { value: "TEXT", help: "a run that prints it has failed" },
  timeout: { value: "SECONDS", help: "a run that takes longer has failed (60)" },
  "no-reboot": SESSION_OPTIONS["no-reboot"],
  script: SESSION_OPTIONS.script,
  json: { help: "each run as a JSON object on its line, and a summary last" },
  quiet: { short: "q", help: "no progress" },
} as const;

export const hunt = command({
  name: "hunt",
  summary: "Records runs whose schedule and clock vary by chance, and keeps those that fail.",
  hasOutcome: true,
  options: OPTIONS,
  notes:
    "A run fails where its guest's exit code is not 0, or an option says so. Exit code 0: one failed; 1: none did.\n" +
    "An idle guest's clock jumps ahead, unless --icount sleep=on. Run N of seed SEED is  --chaos SEED-N --seed SEED.\n" +
    "Example: foldvm hunt --runs 100 --smp 2 --bios none --kernel x.elf -o 'runs/{n}.fold'\n",
  read(args) {
    const options = huntOptions(args);
    return async (stdio) => {
      const stopped = new AbortController();
      let signal: Signal | undefined;
      // All are heard: who is in a hurry still gets the summary, and no recording by half.
      const stopListening = stdio.onSignal((heard) => {
        signal ??= heard;
        stopped.abort(heard);
      }, "each");
      // Nobody reads what is found, or there is no room for it.
      const outputEnded = (): void => {
        stopped.abort();
      };
      stdio.stdout.on("error", outputEnded);
      const teller = args.has("json") ? jsonTeller(stdio.stdout) : textTeller(stdio.stdout);
      const progress = new Progress(stdio, options.runs ?? DEFAULT_RUNS, args.has("quiet"));
      const ended = (summary: HuntSummary): number => {
        progress.clear();
        const code = codeOf(summary, signal);
        teller.summary(summary, { cause: signal ?? "done", code });
        if (signal !== undefined) stdio.stderr.write(`foldvm: ended by ${signal}\n`);
        return code;
      };
      try {
        const summary = await huntFor({
          ...options,
          machine: options.machine(),
          signal: stopped.signal,
          ended: (run) => {
            progress.clear();
            teller.run(run);
            progress.show(run);
          },
        });
        return ended(summary);
      } catch (error) {
        progress.clear();
        // Ctrl-C goes to a worker, too, that has not left this group of processes yet, and may be seen there first.
        await new Promise((resolve) => setImmediate(resolve));
        if (signal !== undefined && error instanceof HuntError && error.fault === "process")
          return ended(error.summary);
        // What the runs before came to is told in any case; the error follows.
        if (error instanceof HuntError)
          teller.summary(error.summary, { cause: error.fault, code: exitCodeOf(error.fault), message: error.message });
        throw error;
      } finally {
        progress.clear();
        stdio.stdout.off("error", outputEnded);
        // After a signal, another may come until the process has ended.
        if (signal === undefined) stopListening();
      }
    };
  },
});

function codeOf({ failed, verified }: HuntSummary, signal: Signal | undefined): number {
  if (verified === false) return EXIT.divergence;
  if (signal !== undefined) return SIGNAL_CODES[signal];
  return failed > 0 ? EXIT.done : EXIT.textFailed;
}

type ReadOptions = Omit<HuntOptions, "machine"> & { readonly machine: () => HuntOptions["machine"] };

function huntOptions(args: Arguments<typeof OPTIONS>): ReadOptions {
  const { start, pace, timeoutMs, ...read } = readAll({
    start: () => startingPoint(args),
    pace: () => paceOf(args),
    chaos: () => chaosArgument(args)?.options,
    runs: () => numberOf(args, "runs"),
    jobs: () => numberOf(args, "jobs"),
    keep: () => keepOf(args.get("keep")),
    expectText: () => args.get("expect-text"),
    failText: () => args.get("fail-text"),
    timeoutMs: () => (args.has("timeout") ? seconds("--timeout", args.get("timeout") ?? "") * 1000 : undefined),
    script: () => (args.has("script") ? readScript(args.get("script") ?? "").steps : undefined),
    operands: () => {
      checkOperands(args.operands);
    },
  });
  const { operands: _operands, ...options } = read;
  return {
    ...options,
    machine: start.machine,
    from: start.from,
    nics: start.devices.cards,
    sleep: /(^|,)sleep=on(,|$)/.test(args.get("icount") ?? "") && pace.sleep,
    align: pace.align,
    ...(timeoutMs === undefined ? {} : { timeoutMs: Math.ceil(timeoutMs) }),
    untilFail: args.has("until-fail"),
    output: args.get("output"),
    overwrite: args.has("force"),
    carriesImages: args.has("embed"),
    endsAtReset: args.has("no-reboot"),
    checkpointInsns: DEFAULT_CHECKPOINT_INSNS,
  };
}

function numberOf(args: Arguments<typeof OPTIONS>, name: "runs" | "jobs"): number | undefined {
  const text = args.get(name);
  return text === undefined ? undefined : integer(`--${name}`, text);
}

function keepOf(text: string | undefined): HuntOptions["keep"] {
  const keep = KEEP.find((word) => word === text);
  if (text !== undefined && keep === undefined) throw new UsageError(`--keep ${text}: use failing, all or none`);
  return keep;
}

interface Teller {
  readonly run: (run: HuntRun) => void;
  readonly summary: (summary: HuntSummary, end: HuntEnd) => void;
}

/** How the command ends, in the words of `--json`. */
type HuntEnd = Pick<Outcome, "cause" | "code" | "message">;

const jsonTeller = (stdout: Output): Teller => ({
  run({ number, console, ...run }) {
    const row = { run: number, ...run, console: lastLine(console, MAX_ROW_LETTERS) };
    stdout.write(`${JSON.stringify(row)}\n`);
  },
  summary(summary, end) {
    stdout.write(`${JSON.stringify({ ...summary, ...end })}\n`);
  },
});

const textTeller = (stdout: Output): Teller => ({
  run({ number, seed, failed, cause, code, guestCode, console, seconds: took, file, verified }) {
    const why = `${cause === "guest" ? "" : `${cause}, `}code ${String(guestCode ?? code)}`;
    const line = lastLine(console, MAX_LINE_LETTERS);
    const said = line === "" ? "" : `  ${JSON.stringify(line)}`;
    const kept = file === null ? "" : `  ${file}`;
    const differs = verified === false ? "  its replay DIFFERS: this is a fault in foldvm" : "";
    const verdict = failed ? "FAILED" : "passed";
    stdout.write(
      `run ${String(number)}  ${verdict}  ${why}  ${took.toFixed(2)} s  seed ${seed}${kept}${said}${differs}\n`,
    );
  },
  summary({ runs, failed, seed, files, verified, plainFailed, seconds: took, ...rate }) {
    const agree = verified === true ? ", verified where one failed" : "";
    const kept = files.length === 0 ? "" : `; kept ${counted(files.length, "recording")}${agree}`;
    // Without a run, nothing is known of a rate.
    const found = runs === 0 ? "no run ended" : `${count(failed)} of ${counted(runs, "run")} failed, ${likely(rate)}`;
    stdout.write(`${found}, in ${took.toFixed(1)} s; seed ${seed}${kept}\n`);
    if (plainFailed !== null) stdout.write(`${plainFailed ? PLAIN_FAILS : PLAIN_PASSES}\n`);
  },
});

const PLAIN_FAILS =
  "all runs failed, and a plain one, without chaos, fails too: it takes no race. See what  foldvm run  says of the " +
  "same machine; an option may be missing or wrong, such as --smp or --append";
const PLAIN_PASSES = "all runs failed, but a plain one, without chaos, passes";

/** One line that changes, for a terminal. */
class Progress {
  private ended = 0;
  private failed = 0;
  private isShown = false;

  constructor(
    private readonly stdio: Stdio,
    private readonly runs: number,
    private readonly isQuiet: boolean,
  ) {}

  show({ failed }: HuntRun): void {
    this.ended += 1;
    if (failed) this.failed += 1;
    if (this.isQuiet || this.stdio.stderr.isTTY !== true) return;
    this.isShown = true;
    this.stdio.stderr.write(
      `foldvm: ${count(this.ended)} of ${counted(this.runs, "run")}, ${count(this.failed)} failed`,
    );
  }

  clear(): void {
    if (this.isShown) this.stdio.stderr.write("\r\x1b[K");
    this.isShown = false;
  }
}
