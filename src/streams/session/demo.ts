/**
 * The demonstration: the embedded guest has a race between an interrupt handler and its main loop, which shows only in
 * some runs. Runs are recorded until one fails; its recording fails in the same way, every time.
 */
import { mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";

import { lastValueFrom, Subject } from "rxjs";

import { fromHere, packageFile } from "../host/package-files.js";
import { consoleBackend } from "../live/backends/console.js";
import { hostClock } from "../live/backends/host-clock.js";
import { textWatch } from "./text-watch.js";
import { fileSink } from "../host/file-sink.js";
import { LogError } from "../store/log/index.js";
import { openMachine } from "./machine-options.js";
import { record } from "../live/recorder.js";
import { wired } from "../live/run.js";

export interface RaceRun {
  readonly path: string;
  /** What the guest printed. */
  readonly console: string;
  /** The guest's exit code: 0 where all letters came through, 1 where one was lost. */
  readonly code: number;
  readonly elapsedMs: number;
}

export interface RaceOptions {
  /** Where the recordings go. */
  readonly folder: string;
  readonly maxRuns: number;
  /** Called after each run. */
  readonly ended: (run: RaceRun) => void;
}

/** The first run that failed, and the last that passed. */
export interface RaceRuns {
  readonly failed: RaceRun | undefined;
  readonly passed: RaceRun | undefined;
}

const LETTERS = new TextEncoder().encode("abcdefghijklmnopqrstuvwx");
const READY = "send the letters a to x";
/** Each letter comes at a random time of the host's, this long at most after the one before. */
const LONGEST_PAUSE_MS = 16;
const CHECKPOINT_INSNS = 2 ** 24;
const RACE_LOST = 1;

/** Records runs until one failed and one passed, or there were `maxRuns`. */
export async function recordRaces({ folder, maxRuns, ended }: RaceOptions): Promise<RaceRuns> {
  inFolder(folder, () => mkdirSync(folder, { recursive: true }));
  let failed: RaceRun | undefined;
  let passed: RaceRun | undefined;
  for (let runs = 0; runs < maxRuns && (failed === undefined || passed === undefined); runs++) {
    const latest = await recordRace(join(folder, "race-latest.fold"));
    const isFailure = latest.code === RACE_LOST;
    const path = join(folder, isFailure ? "race-fail.fold" : "race-pass.fold");
    const kept = { ...latest, path };
    // The first failure is the one that is shown.
    if (!isFailure || failed === undefined)
      inFolder(folder, () => {
        renameSync(latest.path, path);
      });
    if (isFailure) failed ??= kept;
    else passed = kept;
    ended(kept);
  }
  return { failed, passed };
}

/** @throws {LogError} CANNOT_WRITE */
function inFolder(folder: string, work: () => void): void {
  try {
    work();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LogError("CANNOT_WRITE", `the recordings can't be put into ${folder}: ${why}`, {}, { cause });
  }
}

async function recordRace(path: string): Promise<RaceRun> {
  // With a seed, nothing but the letters' times differs from run to run.
  const options = { memory: "8M", bios: "none", kernel: demoGuest(), append: "race", seed: "race" };
  const { machine, header } = openMachine(options);
  const input$ = new Subject<Uint8Array>();
  let typed = 0;
  let timer: NodeJS.Timeout | undefined;
  const typeOne = (): void => {
    timer = setTimeout(() => {
      input$.next(LETTERS.subarray(typed, ++typed));
      if (typed < LETTERS.length) typeOne();
    }, Math.random() * LONGEST_PAUSE_MS);
  };
  const watch = textWatch({ ready: READY }, typeOne);
  let console = "";
  const write = (bytes: Uint8Array): void => {
    console += Buffer.from(bytes).toString("latin1");
    watch(bytes);
  };

  const startMs = performance.now();
  const backends = [consoleBackend({ input$, write }), hostClock()];
  const events$ = wired(machine, backends, { sleep: false, checkpointInsns: CHECKPOINT_INSNS });
  try {
    await lastValueFrom(events$.pipe(record(machine, fileSink(path, { overwrite: true }), header)));
  } finally {
    clearTimeout(timer);
  }
  return { path, console, code: machine.ended?.code ?? 0, elapsedMs: performance.now() - startMs };
}

/** The embedded guest, by a path that means something to people where it can. */
export function demoGuest(): string {
  return fromHere(packageFile("guests/demo/demo.elf"));
}
