// A hunt in worker processes of the built command: what fails is kept and verified, and each run can be had again.
import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { lastValueFrom, toArray } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { OptionError } from "../../../../src/options/option-error.js";
import { LogError } from "../../../../src/streams/store/log/index.js";
import { saveState } from "../../../../src/streams/store/saved-state/index.js";
import { openMachine } from "../../../../src/streams/session/machine-options.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { beginningOf, openHunted } from "../../../../src/streams/session/hunt/beginning.js";
import { HuntError } from "../../../../src/streams/session/hunt/hunt-error.js";
import { hunt } from "../../../../src/streams/session/hunt/hunt.js";
import type { HuntOptions } from "../../../../src/streams/session/hunt/hunt-options.js";
import type { HuntRun } from "../../../../src/streams/session/hunt/hunt-run.js";
import type { HuntedMachine, HuntJob } from "../../../../src/streams/session/hunt/protocol.js";
import { HuntWorker, MAX_CONSOLE_LETTERS } from "../../../../src/streams/session/hunt/worker.js";
import { Program, X } from "../../../support/assemble.js";
import { HARTS_ELF, HARTS_MEMORY } from "../../../support/harts-guest.js";
import { skip } from "../../../support/requires.js";
import { withTemporaryFolder } from "../../../support/temporary-folder.js";
import { echoing, spinning } from "../../../support/tiny-guests.js";
import { counting } from "../../chaos/two-harts.js";

const possible = existsSync("dist/command/current") || skip("hunts", "needs  npm run build  for worker processes");

const racing = { memory: "2M", kernel: counting(20_000), smp: 2 } as const;

const hunted = async (
  options: Partial<HuntOptions>,
  folder: string,
): Promise<{ runs: HuntRun[]; summary: Awaited<ReturnType<typeof hunt>> }> => {
  const runs: HuntRun[] = [];
  const given = { machine: racing, chaos: { seed: "h" }, runs: 6, jobs: 2, output: join(folder, "sub", "{n}.fold") };
  const summary = await hunt({ ...given, ...options, ended: (run) => runs.push(run) });
  return { runs: runs.sort((a, b) => a.number - b.number), summary };
};

const opening = (machine: HuntedMachine): HuntJob => {
  const opened = openHunted(machine);
  const beginning = beginningOf(opened, machine);
  opened.close();
  return { kind: "open", hunted: machine, beginning };
};

interface Happened {
  readonly stateHash: string | null | undefined;
  readonly events: readonly object[];
}

/** Not its bytes: how events are split into segments is a matter of the host's time. */
const happenedIn = async (path: string): Promise<Happened> => {
  const recording = openRecording(path);
  const events = await lastValueFrom(recording.events$.pipe(toArray()));
  const { stateHash } = recording.info;
  recording.close();
  return { stateHash, events };
};

if (possible) {
  test("given a race, when hunted, then the failing runs are kept and verified, and the others are gone", async () => {
    await withTemporaryFolder(async (folder) => {
      const { runs, summary } = await hunted({}, folder);
      assert.equal(
        runs.map(({ number, seed }) => [number, seed]),
        [1, 2, 3, 4, 5, 6].map((number) => [number, `h-${String(number)}`]),
      );
      const failed = runs.filter((run) => run.failed);
      assert.ok(failed.length > 0 && failed.length < 6, String(failed.length));
      assert.ok(failed.every(({ verified, code, guestCode }) => verified === true && code === 1 && guestCode === 1));
      assert.equal(
        summary.files,
        failed.map(({ file }) => file),
      );
      assert.equal([summary.runs, summary.failed, summary.seed, summary.verified], [6, failed.length, "h", true]);
      assert.equal(readdirSync(join(folder, "sub")).length, failed.length);
    });
  });

  test("given one base seed, when hunted twice, then each run's recording is the same, whatever worker had it", async () => {
    await withTemporaryFolder(async (folder) => {
      const recordedWith = async (name: string, jobs: number): Promise<Happened[]> => {
        const { summary } = await hunted({ keep: "all", jobs, output: join(folder, name, "{n}.fold") }, folder);
        return Promise.all(summary.files.map(happenedIn));
      };
      assert.equal(await recordedWith("a", 1), await recordedWith("b", 2));
    });
  });

  test("given untilFail and keep none, when one fails, then the hunt ends, and nothing is left", async () => {
    await withTemporaryFolder(async (folder) => {
      const { summary } = await hunted({ untilFail: true, keep: "none", runs: 1000 }, folder);
      assert.is(summary.failed, 1);
      assert.is(summary.verified, null);
      assert.ok(summary.runs < 1000);
      assert.equal(readdirSync(join(folder, "sub")), []);
    });
  });

  test("given a guest that never ends, when its time is over, then the run has failed", async () => {
    await withTemporaryFolder(async (folder) => {
      const machine = { memory: "2M", kernel: spinning() };
      const { runs } = await hunted({ machine, runs: 1, timeoutMs: 100 }, folder);
      assert.equal([runs[0]?.failed, runs[0]?.cause, runs[0]?.verified], [true, "timeout", true]);
      assert.equal([runs[0]?.code, runs[0]?.guestCode], [42, null]);
    });
  });

  test("given a guest that sleeps for ever, when hunted, then each run and the plain one fail, with record's code", async () => {
    await withTemporaryFolder(async (folder) => {
      const kernel = new Program().label("sleep").i("wfi").i("jal", { imm: "sleep" }).bytes();
      const { runs, summary } = await hunted({ machine: { memory: "2M", kernel }, runs: 2, keep: "none" }, folder);
      assert.equal(
        runs.map(({ cause, code, guestCode }) => [cause, code, guestCode]),
        [
          ["starved", 69, null],
          ["starved", 69, null],
        ],
      );
      assert.equal([summary.failed, summary.plainFailed, summary.verified], [2, true, null]);
      assert.equal(readdirSync(join(folder, "sub")), []);
    });
  });

  test("given a predicate that finds a fault in what varies alone, when all runs fail, then the plain one does not", async () => {
    await withTemporaryFolder(async (folder) => {
      const isFailing = ({ seed }: HuntRun): boolean => seed !== "";
      const { summary } = await hunted({ isFailing, runs: 2 }, folder);
      assert.equal([summary.failed, summary.plainFailed], [2, false]);
      assert.equal(readdirSync(join(folder, "sub")).sort(), ["1.fold", "2.fold"]);
    });
  });

  test("given {seed} in the name of the recordings, when hunted without a seed twice, then all are kept side by side", async () => {
    await withTemporaryFolder(async (folder) => {
      const options = { chaos: {}, keep: "all", runs: 2, output: join(folder, "{seed}.fold") } as const;
      const [a, b] = [await hunted(options, folder), await hunted(options, folder)];
      const names = [...a.runs, ...b.runs].map(({ seed }) => `${seed}.fold`);
      assert.equal(readdirSync(folder).sort(), names.sort());
      assert.is(new Set(names).size, 4);
    });
  });

  test("given a script and a predicate, when the guest's output is what it looks for, then the run has failed", async () => {
    await withTemporaryFolder(async (folder) => {
      const machine = { memory: "2M", kernel: echoing() };
      const options = { machine, runs: 1, script: [{ type: "ab" }, { wait: "ab" }], expectText: "ab" };
      assert.is((await hunted(options, folder)).summary.failed, 0);
      const isFailing = ({ console, file }: HuntRun): boolean => console.includes("ab") && existsSync(file ?? "");
      assert.is((await hunted({ ...options, isFailing }, folder)).summary.failed, 1);
      assert.is((await hunted({ ...options, failText: "a", keep: "none" }, folder)).summary.failed, 1);
    });
  });

  test("given a saved state, when hunted from it, then runs begin there with its seed, vary, and can be had again", async () => {
    await withTemporaryFolder(async (folder) => {
      const { machine, header } = openMachine({ ...racing, seed: "of the state" });
      machine.run(1000);
      const from = join(folder, "state.fold");
      writeFileSync(from, saveState(machine.state(), header.images));
      const { runs, summary } = await hunted({ from, machine: { kernel: racing.kernel }, keep: "all" }, folder);
      assert.ok(summary.failed > 0 && summary.failed < 6, String(summary.failed));
      for (const { file } of runs) {
        const recording = openRecording(file ?? "", { images: { kernel: racing.kernel } });
        assert.is(recording.info.start.icount, 1000);
        assert.is(recording.config.rngSeed, machine.state().config.rngSeed);
        recording.close();
      }
    });
  });

  test("given a signal, when it comes, then the hunt ends with what there is", async () => {
    await withTemporaryFolder(async (folder) => {
      const stop = new AbortController();
      const machine = { memory: "2M", kernel: spinning() };
      const hunting = hunted({ machine, signal: stop.signal }, folder);
      setTimeout(() => {
        stop.abort();
      }, 300);
      const { summary } = await hunting;
      assert.equal([summary.runs, summary.failed, summary.files], [0, 0, []]);
      assert.equal(existsSync(join(folder, "sub")) ? readdirSync(join(folder, "sub")) : [], []);
    });
  });

  test("given a recording that is there, when a run would replace it, then the hunt fails, unless it may", async () => {
    await withTemporaryFolder(async (folder) => {
      const output = join(folder, "{n}.fold");
      writeFileSync(join(folder, "1.fold"), "mine");
      try {
        await hunted({ output }, folder);
        assert.unreachable();
      } catch (error) {
        assert.is((error as LogError).code, "RECORDING_EXISTS");
        assert.match((error as LogError).message, "(--force; in a program: overwrite), or name other files (-o;");
      }
      await hunted({ output, overwrite: true, keep: "all", runs: 1 }, folder);
      assert.not.equal(readFileSync(join(folder, "1.fold"), "latin1"), "mine");
    });
  });
}

if (possible)
  test("given what is no regular file in the place of a recording, when hunted, then it is refused at once, and stays", async () => {
    await withTemporaryFolder(async (folder) => {
      mkdirSync(join(folder, "folder-4.fold"));
      execFileSync("mkfifo", [join(folder, "pipe-4.fold")]);
      symlinkSync("/dev/null", join(folder, "device-4.fold"));
      for (const kind of ["folder", "pipe", "device"])
        for (const overwrite of [false, true]) {
          const runs: HuntRun[] = [];
          const options = {
            overwrite,
            output: join(folder, `${kind}-{n}.fold`),
            ended: (run: HuntRun) => runs.push(run),
          };
          try {
            await hunt({ machine: racing, keep: "all", runs: 4, ...options });
            assert.unreachable(kind);
          } catch (error) {
            assert.instance(error, LogError, String(error));
            assert.is((error as LogError).code, "CANNOT_WRITE");
            assert.match((error as LogError).message, /-4\.fold can't be written: .*no regular file.*; name another/);
          }
          assert.equal(runs, []);
        }
      assert.equal(readdirSync(folder).sort(), ["device-4.fold", "folder-4.fold", "pipe-4.fold"]);
      assert.ok(lstatSync(join(folder, "device-4.fold")).isSymbolicLink());
      assert.ok(lstatSync(join(folder, "pipe-4.fold")).isFIFO());
    });
  });

if (possible)
  test("given a pipe where a recording grows, or one that appears in its place, when hunted, then it stays", async () => {
    await withTemporaryFolder(async (folder) => {
      const pipe = (name: string) => () => execFileSync("mkfifo", [join(folder, name)]);
      const late = { isFailing: () => pipe("late-1.fold")().length === 0 };
      pipe("early-1.fold.part")();
      for (const [name, options, place] of [
        ["early", {}, "early-1.fold.part"],
        ["late", late, "late-1.fold"],
      ] as const)
        try {
          const output = join(folder, `${name}-{n}.fold`);
          await hunted({ output, runs: 1, keep: "all", overwrite: true, ...options }, folder);
          assert.unreachable(name);
        } catch (error) {
          assert.instance(error, HuntError, String(error));
          assert.ok((error as HuntError).message.includes(`${place} can't be written: what is there is no regular`));
          assert.ok(lstatSync(join(folder, place)).isFIFO());
        }
      assert.equal(readdirSync(folder).sort(), ["early-1.fold.part", "late-1.fold"]);
    });
  });

if (possible)
  test("given a kernel that is replaced before the workers read it, when hunted, then the hunt fails, and names it", async () => {
    await withTemporaryFolder(async (folder) => {
      const kernel = join(folder, "x.bin");
      writeFileSync(kernel, counting(20_000));
      const hunting = hunted({ machine: { memory: "2M", kernel }, runs: 1, timeoutMs: 1000 }, folder);
      // Nothing was awaited: no worker can have read it.
      writeFileSync(kernel, spinning());
      try {
        await hunting;
        assert.unreachable();
      } catch (error) {
        assert.instance(error, HuntError, String(error));
        const { fault, run, message } = error as HuntError;
        assert.equal([fault, run], ["file", undefined]);
        assert.match(message, /x\.bin is no longer the kernel that the hunt began with: .*; hunt again/);
      }
    });
  });

if (possible)
  test("given a place where no file can be, when a worker is to record there, then the hunt fails and names it", async () => {
    await withTemporaryFolder(async (folder) => {
      const output = join(folder, `${"x".repeat(300)}-{n}.fold`);
      for (const keep of ["all", "none"] as const)
        try {
          await hunted({ output, keep, jobs: 1 }, folder);
          assert.unreachable();
        } catch (error) {
          assert.instance(error, HuntError, String(error));
          const { fault, run, message } = error as HuntError;
          assert.equal([fault, run], ["output", 1]);
          assert.ok(message.includes("xxx-"), message);
        }
    });
  });

test("given options that mean nothing, when hunted, then the error names them, and nothing runs", async () => {
  for (const [options, option] of [
    [{ machine: 5 }, "machine"],
    [{ runs: 0 }, "runs"],
    [{ runs: 1_000_001 }, "runs"],
    [{ jobs: 65 }, "jobs"],
    [{ keep: "some" }, "keep"],
    [{ output: "x.fold" }, "output"],
    [{ output: "{seed}.fold", chaos: { seed: "../x" } }, "output"],
    [{ timeoutMs: 2 ** 31 }, "timeoutMs"],
    [{ chaos: { sed: "x" } }, "chaos.sed"],
    [{ chaos: { seed: "x".repeat(256) } }, "chaos.seed"],
    [{ chaos: { depth: 3 } }, "chaos.depth"],
    [{ machine: { drives: [{ file: "x", writeback: true }] } }, "machine.drives"],
  ] as const) {
    // It answers a promise in any case, which then fails.
    const error: unknown = await hunt({ machine: racing, ...options } as HuntOptions).catch((fault: unknown) => fault);
    assert.instance(error, OptionError, String(error));
    assert.is((error as OptionError).option, option);
  }
});

test("given a saved state that is replaced, with the same images, when a worker opens it, then it refuses", async () => {
  await withTemporaryFolder(async (folder) => {
    const from = join(folder, "x.state");
    const save = (icount: number): void => {
      const { machine, header } = openMachine({ memory: "2M", kernel: spinning(), seed: "s" });
      machine.run(icount);
      writeFileSync(from, saveState(machine.state(), header.images));
    };
    save(10);
    const job = opening({ machine: { kernel: spinning() }, from });
    assert.equal(await new HuntWorker().work(job), { kind: "opened" });
    save(20);
    const reply = await new HuntWorker().work(job);
    if (reply.kind !== "failed") throw new Error(reply.kind);
    assert.is(reply.fault, "file");
    assert.match(reply.message, /x\.state is no longer the state that the hunt began with; hunt again/);
  });
});

test("given a guest that prints more than is told, when it was run, then the last of it is", async () => {
  await withTemporaryFolder(async (folder) => {
    const worker = new HuntWorker();
    await worker.work(opening({ machine: { memory: "2M", kernel: printing(MAX_CONSOLE_LETTERS) } }));
    const job = { kind: "record", number: 1, chaos: { seed: "x" }, path: join(folder, "1.fold") } as const;
    const reply = await worker.work(job);
    if (reply.kind !== "recorded") throw new Error(JSON.stringify(reply));
    assert.is(reply.run.console, `${"a".repeat(MAX_CONSOLE_LETTERS - 1)}b`);
  });
});

test("given a worker that had other runs and a replay, when it has a seed again, then the recording is the same", async () => {
  await withTemporaryFolder(async (folder) => {
    const machine = { memory: HARTS_MEMORY, smp: 2, bios: "none", kernel: HARTS_ELF, append: "lost-update", seed: "w" };
    const worker = new HuntWorker();
    await worker.work(opening({ machine }));
    const happened: Happened[] = [];
    for (const [index, seed] of ["a", "b", "c", "d", "a"].entries()) {
      const path = join(folder, `${String(index)}.fold`);
      const { kind } = await worker.work({ kind: "record", number: 1, chaos: { seed }, path });
      assert.is(kind, "recorded");
      assert.equal(await worker.work({ kind: "verify", path }), { kind: "verified", agrees: true });
      happened.push(await happenedIn(path));
    }
    assert.not.equal(happened[3], happened[0]);
    assert.equal(happened[4], happened[0]);
  });
});

/** So many letters, one b after them, and the end. */
const printing = (letters: number): Uint8Array =>
  new Program()
    .li(X.s0, 0x1000_0000n)
    .li(X.t0, 97n)
    .li(X.a0, BigInt(letters))
    .label("again")
    .i("sb", { rs1: X.s0, rs2: X.t0, imm: 0 })
    .i("addi", { rd: X.a0, rs1: X.a0, imm: -1 })
    .i("bne", { rs1: X.a0, rs2: X.zero, imm: "again" })
    .li(X.t0, 98n)
    .i("sb", { rs1: X.s0, rs2: X.t0, imm: 0 })
    .li(X.t0, 0x10_0000n)
    .li(X.t1, 0x5555n)
    .i("sw", { rs1: X.t0, rs2: X.t1, imm: 0 })
    .label("off")
    .i("jal", { imm: "off" })
    .bytes();

test.run();
