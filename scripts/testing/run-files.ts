// Runs test files in child processes, as many at a time as the machine has cores for, with a time limit a file.
import { fork, type ChildProcess } from "node:child_process";
import { TYPESCRIPT } from "../typescript/node-words.js";
import type { TestFile } from "./find-tests.js";
import { inLanes } from "./lanes.js";
import { add, report, seconds, type Counts } from "./result.js";
import { ANSWER, FAREWELL, type FileResult } from "./worker.js";

export interface Limits {
  concurrency: number;
  timeLimitSeconds: number;
  /** Print what passing files write, too. */
  verbose: boolean;
  /** Told of each file how long it took. */
  took: (path: string, seconds: number) => void;
}

const STILL_RUNNING_MS = 30_000;
/** A core file inherits the process of the one before until the process holds this much. */
const RECYCLE_BYTES = 1 << 30;

/** How long a process may take to clean up after its tests. */
const FAREWELL_MS = 5_000;

/** Runs `files` in their order, reports each as it ends, and returns their counts. */
export const runFiles = async (files: readonly TestFile[], limits: Limits): Promise<Counts> => {
  let counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  const workers = new Map<number, Worker>();
  await inLanes(files, limits.concurrency, async (file, lane) => {
    const worker = workers.get(lane) ?? new Worker();
    workers.set(lane, worker);
    const ended = await worker.run(file, limits);
    counts = add(counts, ended.counts);
    limits.took(file.path, ended.seconds);
    if (file.tier === "core" && ended.reusable) return;
    workers.delete(lane);
    await worker.end();
  });
  await Promise.all([...workers.values()].map((worker) => worker.end()));
  return counts;
};

interface Answer {
  /** What the file printed. */
  readonly text: string;
  readonly result: FileResult;
}

/** Undefined: it is not whole yet. Node may print a warning right behind it. */
export function answerIn(output: string): Answer | undefined {
  const start = output.indexOf(ANSWER);
  const end = start < 0 ? -1 : output.indexOf("\0", start + ANSWER.length);
  if (end < 0) return undefined;
  return { text: output.slice(0, start), result: JSON.parse(output.slice(start + ANSWER.length, end)) as FileResult };
}

const alive = new Set<Worker>();

/** For a test command that is interrupted: leave no process behind. */
export const killWorkers = (): void => alive.forEach((worker) => worker.kill());

class Worker {
  readonly #child: ChildProcess;
  readonly #closed: Promise<void>;
  #output = "";
  #answer: Answer | undefined;
  #ended: string | undefined;
  #wake: () => void = () => undefined;

  constructor() {
    const colour = process.stdout.isTTY && process.env["NO_COLOR"] === undefined;
    this.#child = fork(new URL("./worker.ts", import.meta.url), {
      execArgv: [...TYPESCRIPT],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      // Its own process group: what a test started (QEMU, gdb) ends with it.
      detached: true,
      env: { ...process.env, ...(colour ? { FORCE_COLOR: "1" } : {}) },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#output += text;
        this.#answer ??= answerIn(this.#output);
        this.#wake();
      });
    }
    this.#closed = new Promise((resolve) => {
      const ended = (how: string): void => {
        this.#ended ??= how;
        this.#wake();
        resolve();
      };
      this.#child.on("error", (error) => ended(error.message));
      this.#child.on("exit", (code, signal) => (this.#ended = signal ?? `exit code ${String(code)}`));
      this.#child.on("close", () => ended("closed"));
    });
    alive.add(this);
  }

  async run(file: TestFile, limits: Limits): Promise<{ counts: Counts; reusable: boolean; seconds: number }> {
    const startMs = performance.now();
    const limitSeconds = file.timeLimitSeconds ?? limits.timeLimitSeconds;
    const ticker = setInterval(() => {
      process.stdout.write(`...  ${file.path.padEnd(48)} running for ${seconds(performance.now() - startMs)}\n`);
    }, STILL_RUNNING_MS);
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      this.kill();
    }, limitSeconds * 1000);

    this.#output = "";
    this.#answer = undefined;
    if (this.#child.connected) this.#child.send(file.path);
    const closed = this.#closed.then(() => true);
    while (this.#answer === undefined) {
      const woken = new Promise<boolean>((resolve) => (this.#wake = () => resolve(false)));
      if (await Promise.race([closed, woken])) break;
    }
    clearInterval(ticker);
    clearTimeout(timer);

    const answer: Answer | undefined = this.#answer;
    const { text, result } = answer ?? {
      text: this.#output,
      result: cutShort(
        timedOut ? `killed at its time limit of ${String(limitSeconds)} s (${LIMIT_HINT})` : this.#endedEarly(),
      ),
    };
    const durationMs = performance.now() - startMs;
    const counts = this.#report(file, text, result, limits.verbose, durationMs);
    return {
      counts,
      reusable: answer !== undefined && result.residentBytes < RECYCLE_BYTES,
      seconds: durationMs / 1000,
    };
  }

  /** Lets the process clean up, then ends what is left of it and of its children. */
  async end(): Promise<void> {
    if (this.#child.connected) this.#child.send(FAREWELL);
    const patience = setTimeout(() => this.kill(), FAREWELL_MS);
    await this.#closed;
    clearTimeout(patience);
    this.kill();
  }

  kill(): void {
    alive.delete(this);
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, "SIGKILL");
    } catch {
      // The group is gone already.
    }
  }

  #endedEarly(): string {
    return this.#ended === "exit code 0"
      ? "its process ended before its tests did: a test awaits what never comes, or calls process.exit()"
      : `its process ended before its tests did: ${this.#ended ?? "?"}`;
  }

  #report(file: TestFile, text: string, result: FileResult, verbose: boolean, durationMs: number): Counts {
    const skips = text.match(/^SKIP .*$/gm) ?? [];
    const counts = { passed: result.passed, failed: result.failed, skipped: result.skipped + skips.length };
    const faults = [...result.faults];
    if (file.fault !== undefined) faults.push(file.fault);
    if (counts.passed + counts.failed + counts.skipped === 0 && faults.length === 0) faults.push("no test was run");
    // A fault that failed no test is a failure of its own.
    if (faults.length > 0 && counts.failed === 0) counts.failed = 1;

    const ok = counts.failed === 0;
    const tests = `${String(counts.passed)} passed${ok ? "" : `, ${String(counts.failed)} FAILED`}`;
    const shown = ok && !verbose ? skips : [text.trimEnd(), ...faults.map((fault) => `${file.path}: ${fault}`)];
    report(ok, file.path, `${tests.padEnd(12)} ${seconds(durationMs)}`, shown.join("\n"));
    return counts;
  }
}

const LIMIT_HINT =
  "FOLDVM_TEST_TIMEOUT_SECONDS, or a comment `// test-time-limit-seconds: N` in the file, sets another";

const cutShort = (fault: string): FileResult => ({
  passed: 0,
  failed: 0,
  skipped: 0,
  faults: [fault],
  residentBytes: 0,
});
