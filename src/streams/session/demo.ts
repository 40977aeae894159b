/** The demonstration: two guests with a race each that most runs do not show, and the hunts that catch them. */
import { rmSync } from "node:fs";
import { join } from "node:path";

import { lastValueFrom } from "rxjs";

import { makeFolder } from "../host/make-folder.js";
import { fromHere, packageFile } from "../host/package-files.js";
import { reasonOf } from "../host/reason.js";
import { replaceFile } from "../host/replace-file.js";
import { consoleBackend } from "../live/backends/console.js";
import { hostClock } from "../live/backends/host-clock.js";
import { wired } from "../live/run.js";
import { LogError } from "../store/log/index.js";
import { hunt } from "./hunt/hunt.js";
import type { HuntRun } from "./hunt/hunt-run.js";
import type { Rate } from "../chaos/rate.js";
import { openMachine, type MachineOptions } from "./machine-options.js";
import { readScript } from "./script-file.js";

/** A guest, and what it is given to do. */
export interface Race {
  /** Of its recordings: NAME-fail.fold. */
  readonly name: string;
  /** By paths that mean something to people, where they can. */
  readonly machine: () => MachineOptions & { readonly kernel: string };
  /** The file with what is typed. */
  readonly script?: () => string;
  /** What the guest says of a run, in its output. */
  readonly verdict: RegExp;
}

/** Two harts add to a counter without a lock. The plain schedule never loses an increment. */
export const HARTS_RACE: Race = {
  name: "harts",
  machine: () => ({ smp: 2, bios: "none", kernel: guest("harts/harts.elf"), append: "lost-update" }),
  verdict: /balance .*$/m,
};

/** An interrupt handler and the main loop it interrupts change the same counter. */
export const INTERRUPT_RACE: Race = {
  name: "race",
  machine: () => ({ bios: "none", kernel: guest("demo/demo.elf"), append: "race" }),
  script: () => guest("demo/race.script"),
  verdict: /^(?:PASS|FAIL).*$/m,
};

export interface PlainRun {
  readonly console: string;
  readonly code: number;
  readonly stateHash: bigint;
  readonly seconds: number;
}

/** Runs it once without any input, and records nothing. */
export async function runPlain({ machine: options }: Race): Promise<PlainRun> {
  const startMs = performance.now();
  const { machine } = openMachine({ ...options(), seed: "plain" });
  let console = "";
  const write = (bytes: Uint8Array): void => {
    console += Buffer.from(bytes).toString("latin1");
  };
  await lastValueFrom(wired(machine, [consoleBackend({ write }), hostClock()], { sleep: false }));
  const seconds = (performance.now() - startMs) / 1000;
  return { console, code: machine.ended?.code ?? 0, stateHash: machine.hash(), seconds };
}

export interface RaceHuntOptions {
  /** Where the recordings go. */
  readonly folder: string;
  readonly maxRuns: number;
  /** Called after each run. */
  readonly ended: (run: HuntRun) => void;
}

/** A run whose recording was kept. */
export type KeptRun = HuntRun & { readonly file: string };

export interface RaceHunt extends Rate {
  readonly runs: number;
  readonly failures: number;
  /** The first that failed, and the last that passed. */
  readonly failed: KeptRun | undefined;
  readonly passed: KeptRun | undefined;
}

/** Two are enough for a few runs of some milliseconds. */
const JOBS = 2;
const CHECKPOINT_INSNS = 2 ** 20;

/** Hunts until one run failed and one passed, or there were `maxRuns`. Fails with what `hunt` does. */
export async function huntRace(race: Race, { folder, maxRuns, ended }: RaceHuntOptions): Promise<RaceHunt> {
  inFolder(folder, () => {
    makeFolder(folder);
  });
  const pathOf = (which: string): string => join(folder, `${race.name}-${which}.fold`);
  const enough = new AbortController();
  let failed: HuntRun | undefined;
  let passed: HuntRun | undefined;
  const {
    rate,
    interval,
    runs,
    failed: failures,
    files,
  } = await hunt({
    machine: race.machine(),
    script: race.script && readScript(race.script()).steps,
    ...{ runs: maxRuns, jobs: Math.min(JOBS, maxRuns), checkpointInsns: CHECKPOINT_INSNS },
    ...{ keep: "all", output: pathOf("{n}"), overwrite: true, signal: enough.signal },
    ended(run) {
      ended(run);
      if (run.failed) failed ??= run;
      else passed = run;
      if (failed !== undefined && passed !== undefined) enough.abort();
    },
  });
  const kept = (run: HuntRun | undefined, which: string): KeptRun | undefined => {
    if (run === undefined || run.file === null) return undefined;
    const [from, file] = [run.file, pathOf(which)];
    inFolder(folder, () => {
      replaceFile(from, file);
    });
    return { ...run, file };
  };
  const named = { failed: kept(failed, "fail"), passed: kept(passed, "pass") };
  for (const file of files) rmSync(file, { force: true });
  return { rate, interval, runs, failures, ...named };
}

/** @throws {LogError} CANNOT_WRITE */
function inFolder(folder: string, work: () => void): void {
  try {
    work();
  } catch (cause) {
    const why = `the recordings can't be put into ${folder}: ${reasonOf(cause)}; name another folder (--folder)`;
    throw new LogError("CANNOT_WRITE", why, {}, { cause });
  }
}

const guest = (path: string): string => fromHere(packageFile(`guests/${path}`));
