/** A process that waits for gdb, and what it has cost. */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

import { Remote } from "./remote.js";

const LOOK_MS = 5;

export class Served {
  private constructor(
    private readonly process: ChildProcess,
    private readonly folder: string,
    readonly path: string,
  ) {}

  /** `command`: of a server that listens at the path. */
  static async by(command: (path: string) => readonly string[]): Promise<Served> {
    const folder = mkdtempSync(join(tmpdir(), "foldvm-gdb-"));
    const path = join(folder, "gdb.socket");
    const [program = "", ...words] = command(path);
    const served = new Served(spawn(program, words, { stdio: ["ignore", "ignore", "inherit"] }), folder, path);
    while (!existsSync(path)) {
      if (served.process.exitCode !== null) throw new Error(`${words.join(" ")} ended before gdb came`);
      await setTimeout(LOOK_MS);
    }
    return served;
  }

  gdb(): Promise<Remote> {
    return Remote.to(this.path);
  }

  /** CPU time of all its threads. */
  get cpuMs(): number {
    return readdirSync(this.tasks).reduce((sum, task) => sum + this.spentMs(task), 0);
  }

  /** That of the one that answers. */
  get ownCpuMs(): number {
    return this.spentMs(String(this.process.pid));
  }

  private get tasks(): string {
    return `/proc/${String(this.process.pid)}/task`;
  }

  private spentMs(task: string): number {
    const [ns] = readFileSync(join(this.tasks, task, "schedstat"), "utf8").split(" ");
    return Number(ns) / 1e6;
  }

  async end(): Promise<void> {
    const closed = new Promise((resolve) => this.process.once("close", resolve));
    this.process.kill();
    await closed;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
