/** A hunt for a bug that comes and goes: runs are recorded, each with another seed, and those that fail are kept. */
import { existsSync, rmSync } from "node:fs";
import { dirname } from "node:path";

import { makeFolder } from "../../host/make-folder.js";
import { ownWorker, WorkerError, type OwnWorker } from "../../host/own-worker.js";
import { reasonOf } from "../../host/reason.js";
import { replaceFile, requireReplaceable } from "../../host/replace-file.js";
import { LogError } from "../../store/log/index.js";
import { faultOf } from "../fault.js";
import type { Fault } from "../fault-kind.js";
import { beginningOf, openHunted } from "./beginning.js";
import { planOf, type HuntOptions, type HuntPlan } from "./hunt-options.js";
import type { HuntRun } from "./hunt-run.js";
import type { MachineOptions } from "../machine-options.js";
import { WORKER_COMMAND, type HuntJob, type HuntReply } from "./protocol.js";
import { HuntError } from "./hunt-error.js";
import type { HuntSummary } from "./hunt-summary.js";
import { rateOf } from "../../chaos/rate.js";

/**
 * Runs them in processes of the package's own command. A run has failed where the guest's exit code is not 0, it
 * printed `failText` or ended without `expectText`, it can't go on, its script was not kept, it took longer than
 * `timeoutMs`, or `isFailing` says so. Each recording of one that failed is replayed once. Before anything runs, the
 * promise fails with OptionError, what `openMachine` fails with, and LogError RECORDING_EXISTS; then with HuntError.
 */
export async function hunt(options: HuntOptions): Promise<HuntSummary> {
  const plan = planOf(options);
  const { isFailing: _isFailing, ended: _ended, signal, ...given } = options;
  const hunted = { ...given, machine: seeded(given, plan.baseSeed) };
  // What is wrong with the machine is told by its own error.
  const opened = openHunted(hunted);
  const beginning = beginningOf(opened, hunted);
  opened.close();
  if (plan.keep !== "none") requirePlaces(plan, options.overwrite === true);
  const hunting = new Hunt(options, plan);
  const stop = (): void => {
    hunting.stop();
  };
  signal?.addEventListener("abort", stop);
  try {
    if (signal?.aborted !== true) await hunting.run({ kind: "open", hunted, beginning });
  } finally {
    signal?.removeEventListener("abort", stop);
  }
  return hunting.summary();
}

/** A saved state has a seed already. */
const seeded = ({ machine, from }: Pick<HuntOptions, "machine" | "from">, seed: string): MachineOptions =>
  from === undefined ? { ...machine, seed: machine.seed ?? seed } : machine;

type Worker = OwnWorker<HuntJob, HuntReply>;

/** What a worker or the host could not do. */
class Trouble extends Error {
  constructor(
    message: string,
    readonly fault: Fault,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

class Hunt {
  private readonly startMs = performance.now();
  private readonly kept = new Map<number, string>();
  private readonly workers: Worker[] = [];
  private started = 0;
  private ended = 0;
  private failed = 0;
  /** Null: no replay has ended. */
  private allAgree: boolean | null = null;
  private plainFailed: boolean | null = null;
  private isStopped = false;
  /** What ended it before its end. */
  private failure: { readonly error: unknown } | undefined;

  constructor(
    private readonly options: HuntOptions,
    private readonly plan: HuntPlan,
  ) {}

  async run(opening: HuntJob): Promise<void> {
    for (let job = 0; job < this.plan.jobs; job += 1) this.workers.push(ownWorker([WORKER_COMMAND]));
    // All of them have ended when this has, whatever ends it.
    await Promise.all(
      this.workers.map((worker) =>
        this.employ(worker, opening).catch((error: unknown) => {
          this.failure ??= { error };
          this.stop();
        }),
      ),
    );
    this.stop();
    if (this.failure !== undefined) throw this.failure.error;
    const isAll = this.failed > 0 && this.failed === this.ended;
    if (isAll && this.options.signal?.aborted !== true) await this.tryPlain(opening);
  }

  /** Where all runs fail, that need not be for their chaos. */
  private async tryPlain(opening: HuntJob): Promise<void> {
    const worker: Worker = ownWorker([WORKER_COMMAND]);
    // Where the signal comes now, it ends this one, too.
    this.workers.push(worker);
    const path = `${this.plan.pathOf(0)}.part`;
    try {
      if ((await ask(worker, opening)) === undefined) return;
      makeReady(path, path);
      const reply = await ask(worker, { kind: "record", number: 0, path });
      if (reply?.kind === "recorded") this.plainFailed = this.hasFailed(reply.run);
    } catch (error) {
      throw this.explained(error, undefined);
    } finally {
      attempt(() => {
        rmSync(path, { force: true });
      });
      worker.end();
    }
  }

  private hasFailed(run: HuntRun): boolean {
    return run.failed || this.options.isFailing?.(run) === true;
  }

  stop(): void {
    this.isStopped = true;
    for (const worker of this.workers) worker.end();
  }

  summary(): HuntSummary {
    const { ended, failed, kept, allAgree, plainFailed, plan, startMs } = this;
    const files = [...kept].sort(([a], [b]) => a - b).map(([, file]) => file);
    const seconds = Math.round(performance.now() - startMs) / 1000;
    return {
      ...{ runs: ended, failed, ...rateOf(failed, ended), seed: plan.baseSeed, files },
      ...{ verified: allAgree, plainFailed, seconds },
    };
  }

  private async employ(worker: Worker, opening: HuntJob): Promise<void> {
    try {
      if ((await ask(worker, opening)) === undefined) return;
    } catch (error) {
      throw this.explained(error, undefined);
    }
    while (!this.isStopped && this.started < this.plan.runs) {
      this.started += 1;
      const number = this.started;
      try {
        await this.record(worker, number);
      } catch (error) {
        throw this.explained(error, number);
      }
    }
  }

  /** An error of the caller's own functions stays what it is. */
  private explained(error: unknown, run: number | undefined): unknown {
    if (!(error instanceof Trouble)) return error;
    const place = run === undefined ? "" : `run ${String(run)} (${this.plan.pathOf(run)}): `;
    return new HuntError(`${place}${error.message}`, run, error.fault, this.summary(), { cause: error.cause ?? error });
  }

  private async record(worker: Worker, number: number): Promise<void> {
    const { plan } = this;
    const path = plan.pathOf(number);
    const present = `${path}.part`;
    makeReady(path, present);
    const discard = (): void => {
      rmSync(present, { force: true });
    };
    try {
      const reply = await ask(worker, { kind: "record", number, chaos: plan.chaosOf(number), path: present });
      if (reply?.kind === "recorded") await this.judge(worker, reply.run, present);
    } catch (fault) {
      attempt(discard);
      throw fault;
    }
    inFolder(present, discard);
  }

  /** What is to be kept of it goes from `present` to its place. */
  private async judge(worker: Worker, run: HuntRun, present: string): Promise<void> {
    const { plan } = this;
    const path = plan.pathOf(run.number);
    const failed = this.hasFailed(run);
    const isKept = plan.keep === "all" || (plan.keep === "failing" && failed);
    const verified = failed && isKept ? await this.verify(worker, present) : null;
    if (isKept)
      inFolder(path, () => {
        replaceFile(present, path);
      });
    this.note({ ...run, failed, verified, file: isKept ? path : null });
  }

  /** Null: the hunt ended meanwhile. */
  private async verify(worker: Worker, path: string): Promise<boolean | null> {
    const reply = await ask(worker, { kind: "verify", path });
    return reply?.kind === "verified" ? reply.agrees : null;
  }

  private note(run: HuntRun): void {
    this.ended += 1;
    if (run.failed) this.failed += 1;
    if (run.verified !== null) this.allAgree = run.verified && this.allAgree !== false;
    if (run.file !== null) this.kept.set(run.number, run.file);
    this.options.ended?.(run);
    if (run.failed && this.options.untilFail === true) this.stop();
  }
}

/** Undefined: the hunt ended meanwhile. @throws {Trouble} */
async function ask(worker: Worker, job: HuntJob): Promise<HuntReply | undefined> {
  let reply: HuntReply | undefined;
  try {
    reply = await worker.ask(job);
  } catch (cause) {
    throw troubleOf(cause);
  }
  if (reply?.kind === "failed") throw new Trouble(reply.message, reply.fault);
  return reply;
}

/** After a fault, which is what the caller is told. */
function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // What made the fault may well stand in the way of this, too.
  }
}

function troubleOf(cause: unknown): Trouble {
  if (!(cause instanceof WorkerError)) return new Trouble((cause as Error).message, faultOf(cause), { cause });
  const remedy = "if the host lacks memory or processes, hunt again with fewer at once (--jobs; in a program: jobs)";
  const message = cause.isHosts ? `${cause.message}: ${remedy}` : cause.message;
  return new Trouble(message, cause.isHosts ? "process" : "internal", { cause });
}

/** Before anything runs: who hunts for a night wants to know in the evening. @throws {LogError} */
function requirePlaces({ runs, pathOf }: HuntPlan, overwrite: boolean): void {
  for (let number = 1; number <= runs; number += 1) {
    if (!existsSync(pathOf(number))) continue;
    requireFile(pathOf(number));
    if (overwrite) continue;
    throw new LogError(
      "RECORDING_EXISTS",
      `${pathOf(number)} exists already; overwrite it (--force; in a program: overwrite), or name other files ` +
        `(-o; in a program: output), such as runs/{seed}.fold, whose names are new with each seed by chance`,
    );
  }
}

/** @throws {LogError} */
function requireFile(path: string): void {
  try {
    requireReplaceable(path);
  } catch (cause) {
    throw new LogError("CANNOT_WRITE", unwritable(path, cause), {}, { cause });
  }
}

/** For a recording that will be at `path`, and is at `present` while it is made. @throws {Trouble} */
function makeReady(path: string, present: string): void {
  inFolder(path, () => {
    makeFolder(dirname(path));
  });
  // A pipe would hold up the worker, and is not ours to remove.
  inFolder(present, () => {
    requireReplaceable(present);
  });
}

/** @throws {Trouble} */
function inFolder(path: string, work: () => void): void {
  try {
    work();
  } catch (cause) {
    throw new Trouble(unwritable(path, cause), "output", { cause });
  }
}

const unwritable = (path: string, cause: unknown): string =>
  `${path} can't be written: ${reasonOf(cause)}; name another place (-o; in a program: output)`;
