/** A thread of this process that runs this command and does one job after the other, as it is asked to. */
import { parentPort, Worker } from "node:worker_threads";

import { SCRIPT } from "./own-command.js";
import { WorkerError } from "./own-worker.js";

export interface OwnThread<Job, Reply> {
  /** One at a time. Fails with WorkerError where it is gone. While it works, the process lives on. */
  ask(job: Job, transferred?: readonly ArrayBuffer[]): Promise<Reply>;
  end(): void;
}

/** Runs `foldvm ...words`, which is to call `serveThread`. */
export function ownThread<Job, Reply>(words: readonly string[]): OwnThread<Job, Reply> {
  const worker = new Worker(SCRIPT, { argv: [...words], stdin: false, stdout: true, stderr: true, execArgv: [] });
  let asked: { readonly answer: (reply: Reply) => void; readonly fail: (error: Error) => void } | undefined;
  let fault: WorkerError | undefined;
  const gone = (message: string, cause?: Error): void => {
    fault ??= new WorkerError(message, true, { cause });
    asked?.fail(fault);
    asked = undefined;
  };
  worker.on("message", (reply: Reply) => {
    const { answer } = asked ?? {};
    asked = undefined;
    worker.unref();
    answer?.(reply);
  });
  worker.on("error", (error: Error) => {
    gone(`a worker thread failed: ${error.message}`, error);
  });
  worker.on("exit", (code) => {
    gone(`a worker thread ended with code ${String(code)}`);
  });
  worker.unref();
  return {
    ask: (job, transferred = []) =>
      new Promise((answer, fail) => {
        if (fault !== undefined) {
          fail(fault);
          return;
        }
        asked = { answer, fail };
        worker.ref();
        worker.postMessage(job, [...transferred]);
      }),
    end() {
      void worker.terminate();
    },
  };
}

export const isThread = (): boolean => parentPort !== null;

/** The other side: answers each job. */
export const serveThread = (work: (job: unknown) => unknown): Promise<never> =>
  new Promise(() => {
    parentPort?.on("message", (job: unknown) => {
      parentPort?.postMessage(work(job));
    });
  });
