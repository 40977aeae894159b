// A hunt that ends early: by a signal, without a worker, on a full disk. What was kept stays, and nobody is left.
import { spawn, spawnSync, type ChildProcessByStdio } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { randomOf } from "../../src/streams/chaos/random.js";
import { counting } from "../streams/chaos/two-harts.js";
import { skip } from "../support/requires.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import { finishing, spinning } from "../support/tiny-guests.js";
import { foldvm } from "./command-line.js";

const possible =
  (existsSync("dist/command/current") || skip("ends of hunts", "needs  npm run build  for worker processes")) &&
  (existsSync("/proc/self/stat") || skip("ends of hunts", "need /proc"));

const BIN = "bin/foldvm.js";

type Row = Readonly<Record<string, unknown>>;

/** A hunt in a group of processes of its own, as a shell starts it. */
class Hunting {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  stdout = "";
  stderr = "";
  readonly over: Promise<number | null>;

  constructor(words: readonly string[]) {
    this.child = spawn(process.execPath, [BIN, "hunt", ...words], {
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.child.stdout.setEncoding("utf8").on("data", (text: string) => (this.stdout += text));
    this.child.stderr.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    this.over = new Promise((resolve) => this.child.on("close", resolve));
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get rows(): Row[] {
    return this.stdout
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Row);
  }

  get workers(): readonly number[] {
    return processes().flatMap(({ pid, parent }) => (parent === this.pid ? [pid] : []));
  }
}

const processes = (): { readonly pid: number; readonly parent: number }[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const [state, parent] = readFileSync(`/proc/${name}/stat`, "latin1")
          .replace(/^.*\) /s, "")
          .split(" ");
        return state === "Z" ? [] : [{ pid: Number(name), parent: Number(parent) }];
      } catch {
        return [];
      }
    });

const groupOf = (pid: number): number =>
  Number(
    readFileSync(`/proc/${String(pid)}/stat`, "latin1")
      .replace(/^.*\) /s, "")
      .split(" ")[2],
  );

const isAlive = (pid: number): boolean => processes().some((one) => one.pid === pid);

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await delay(20);
};

const inFolder = (work: (path: (name: string) => string) => Promise<void>): Promise<void> =>
  withTemporaryFolder((folder) => work((name) => join(folder, name)));

const racing = (kernel: string): string[] => {
  writeFileSync(kernel, counting(20_000));
  return ["--bios", "none", "--kernel", kernel, "--memory", "2M", "--smp", "2"];
};

const endless = (kernel: string): string[] => {
  writeFileSync(kernel, spinning());
  return ["--bios", "none", "--kernel", kernel, "--memory", "2M", "--timeout", "600"];
};

const withoutParts = (folder: string): boolean => readdirSync(folder).every((name) => !name.endsWith(".part"));

if (possible) {
  test("given Ctrl-C, which goes to a whole group of processes, when it comes, then what there is is summed up, kept, and the code is 130", async () => {
    await inFolder(async (path) => {
      const words = ["--runs", "100000", "--jobs", "2", "--keep", "all", "-o", path("{n}.fold"), "--json"];
      const hunting = new Hunting([...words, ...racing(path("x.bin"))]);
      await until(() => hunting.rows.length >= 3);
      const { workers } = hunting;
      assert.is(workers.length, 2);
      // So that the signal reaches none of them, which may not listen yet.
      assert.ok(workers.every((pid) => groupOf(pid) === pid));
      process.kill(-hunting.pid, "SIGINT");
      assert.is(await hunting.over, 130, hunting.stderr);
      const { rows } = hunting;
      const { runs, cause, code, files } = rows.pop() as Row & { readonly files: readonly string[] };
      assert.equal([runs, cause, code], [rows.length, "SIGINT", 130]);
      assert.equal(files.length, rows.length);
      assert.ok(files.every(existsSync));
      assert.is(hunting.stderr, "foldvm: ended by SIGINT\n");
      assert.ok(withoutParts(path("")));
      assert.not.ok(workers.some(isAlive));
    });
  });

  test("given more signals after Ctrl-C, when they come while the hunt ends, then it ends as if there were one", async () => {
    await inFolder(async (path) => {
      const hunting = new Hunting(["-o", path("{n}.fold"), "--jobs", "2", "--json", ...endless(path("x.bin"))]);
      await until(() => existsSync(path("1.fold.part")) && existsSync(path("2.fold.part")));
      // At once: it waits for its workers to end, so it is still there. The system says which of the two is first.
      process.kill(hunting.pid, "SIGINT");
      process.kill(hunting.pid, "SIGTERM");
      const code = await hunting.over;
      const heard = code === 130 ? "SIGINT" : "SIGTERM";
      assert.is(code, heard === "SIGINT" ? 130 : 143, hunting.stderr);
      assert.equal([hunting.rows.length, hunting.rows[0]?.["cause"]], [1, heard]);
      assert.is(hunting.stderr, `foldvm: ended by ${heard}\n`);
      assert.ok(withoutParts(path("")));
    });
  });

  test("given a reader that goes away, as head does, when the next run is told, then the hunt ends, and leaves nothing by half", async () => {
    await inFolder(async (path) => {
      const words = ["--runs", "100000", "--jobs", "2", "--keep", "all", "-o", path("{n}.fold")];
      const hunting = new Hunting([...words, ...racing(path("x.bin"))]);
      await until(() => hunting.stdout.includes("\n"));
      const { workers } = hunting;
      hunting.child.stdout.destroy();
      const code = await hunting.over;
      assert.ok(code === 0 || code === 1, String(code));
      assert.is(hunting.stderr, "");
      assert.ok(withoutParts(path("")));
      assert.not.ok(workers.some(isAlive));
    });
  });

  test("given Ctrl-C before the workers have begun, when it comes, then the code is 130 all the same", async () => {
    await inFolder(async (path) => {
      const hunting = new Hunting(["-o", path("{n}.fold"), "--jobs", "2", "--json", ...endless(path("x.bin"))]);
      await until(() => hunting.workers.length > 0);
      process.kill(-hunting.pid, "SIGINT");
      assert.is(await hunting.over, 130, hunting.stderr);
      assert.equal([hunting.rows.length, hunting.rows[0]?.["runs"]], [1, 0]);
    });
  });

  test("given a worker that is killed, when it is gone, then the error names the run, its file and what to do, and the others end", async () => {
    await inFolder(async (path) => {
      const hunting = new Hunting(["-o", path("{n}.fold"), "--jobs", "2", "--json", ...endless(path("x.bin"))]);
      await until(() => existsSync(path("1.fold.part")) && existsSync(path("2.fold.part")));
      const { workers } = hunting;
      process.kill(workers[1] ?? 0, "SIGKILL");
      assert.is(await hunting.over, 71, hunting.stderr);
      const [said = "", outcome = ""] = hunting.stderr.trimEnd().split("\n").slice(-2);
      assert.match(
        said,
        /^foldvm: run [12] \(.*[12]\.fold\): a worker process was killed by SIGKILL: .*fewer at once \(--jobs/,
      );
      const { cause, code, message } = JSON.parse(outcome) as Row;
      assert.equal([cause, code, `foldvm: ${String(message)}`], ["process", 71, said]);
      const [summary] = hunting.rows;
      assert.equal([summary?.["runs"], summary?.["cause"], summary?.["code"]], [0, "process", 71]);
      assert.not.ok(workers.some(isAlive));
      assert.ok(withoutParts(path("")));
    });
  });

  test("given a hunt that is killed, when nobody asks the workers any more, then they end in the middle of a run", async () => {
    await inFolder(async (path) => {
      const hunting = new Hunting(["-o", path("{n}.fold"), "--jobs", "2", ...endless(path("x.bin"))]);
      await until(() => existsSync(path("1.fold.part")) && existsSync(path("2.fold.part")));
      const { workers } = hunting;
      process.kill(hunting.pid, "SIGKILL");
      await hunting.over;
      // The time limit of the tests is theirs.
      await until(() => !workers.some(isAlive));
    });
  });

  // 16 KiB in any file, and a recording that carries an image of more.
  test("given a disk that gets full, when a run is recorded, then run, file and remedy are named, and the code is 73", async () => {
    await inFolder(async (path) => {
      const kernel = Buffer.alloc(65_536, finishing(0x5555n));
      const random = randomOf("incompressible");
      for (let at = 4096; at < kernel.length; at += 1) kernel[at] = random.below(256);
      writeFileSync(path("x.bin"), kernel);
      const words = [
        "hunt",
        "--runs",
        "4",
        "--embed",
        "-o",
        path("{n}.fold"),
        "--json",
        "--kernel",
        path("x.bin"),
        "-m",
        "2M",
      ];
      const limited = ["-c", 'ulimit -f 16; exec "$@"', "bash", process.execPath, BIN, ...words];
      const { status, stdout, stderr } = spawnSync("bash", limited, { encoding: "utf8" });
      assert.is(status, 73, stderr);
      assert.match(stderr, /^foldvm: run \d \(.*\d\.fold\): .*file too large; make room and hunt again/m);
      const { cause, code } = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as Row;
      assert.equal([cause, code], ["output", 73]);
      assert.ok(withoutParts(path("")));
    });
  });

  test("given folders that are not there, then they are made; and a file in the place of one is named with the run", async () => {
    await inFolder(async (path) => {
      const machine = racing(path("x.bin"));
      const made = await foldvm(["hunt", "--runs", "1", "--keep", "all", "-o", path("a/b/{n}/x.fold"), ...machine]);
      assert.match(made.stdout, /; kept 1 recording\b/);
      assert.ok(existsSync(path("a/b/1/x.fold")));
      const { code, stderr, stdout } = await foldvm(["hunt", "--runs", "1", "-o", path("x.bin/{n}.fold"), ...machine]);
      assert.is(code, 73);
      assert.match(stderr, /^foldvm: run 1 \(.*x\.bin\/1\.fold\): .*x\.bin\/1\.fold can't be written: .*\n$/);
      assert.match(stdout, /^no run ended, in \d+\.\d s; seed [^;%]*\n$/);
    });
  });

  test("given a place where the host makes no folders, when hunted, then folder and remedy are named, and nothing hangs", async () => {
    await inFolder(async (path) => {
      const hunting = new Hunting(["--runs", "1", "-o", "/proc/none/{n}.fold", ...racing(path("x.bin"))]);
      assert.is(await hunting.over, 73, hunting.stderr);
      assert.match(
        hunting.stderr,
        /^foldvm: run 1 .*1\.fold can't be written: the folder \/proc\/none can't be made: no such .*; name another place/,
      );
    });
  });

  test("given a recording that a later run would replace, when hunted, then it is said before anything runs", async () => {
    await inFolder(async (path) => {
      writeFileSync(path("7.fold"), "mine");
      const words = ["hunt", "--runs", "8", "-o", path("{n}.fold"), "--json", ...racing(path("x.bin"))];
      const { code, stdout, stderr } = await foldvm(words);
      assert.is(code, 73);
      assert.match(stderr, /^foldvm: .*7\.fold exists already.*--force/);
      assert.is((JSON.parse(stderr.trimEnd().split("\n").at(-1) ?? "") as Row)["cause"], "output");
      assert.is(stdout, "");
      assert.is(readFileSync(path("7.fold"), "latin1"), "mine");
    });
  });
}

test("given numbers one beyond what can be, and one file for all runs, when hunted, then each is named, and nothing runs", async () => {
  await inFolder(async (path) => {
    const machine = racing(path("x.bin"));
    for (const [words, said] of [
      [["--runs", "1000001"], /runs 1000001: expected .*1 to 1000000/],
      [["--runs", "0"], /runs 0: expected .*1 to 1000000/],
      [["--jobs", "65"], /jobs 65: expected .*1 to 64/],
      [["-o", path("x.fold")], /x\.fold: each run needs a file of its own; put \{n\} into it/],
    ] as const) {
      const { code, stderr, stdout } = await foldvm(["hunt", ...words, ...machine]);
      assert.is(code, 2, stderr);
      assert.match(stderr, said);
      assert.is(stdout, "");
    }
  });
});

test.run();
