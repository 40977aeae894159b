/** A process of this command that does one job after the other, as it is asked to. */
import { spawn } from "node:child_process";

import { SCRIPT } from "./own-command.js";

/** A worker process is gone, and nobody ended it. */
export class WorkerError extends Error {
  override readonly name = "WorkerError";
  readonly code = "WORKER_ENDED";

  constructor(
    message: string,
    /** The host killed it, or did not start it; false: it ended itself, by a fault of its own. */
    readonly isHosts: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export interface OwnWorker<Job, Reply> {
  /** One at a time. Undefined: it was ended meanwhile. Fails with WorkerError where it is gone otherwise. */
  ask(job: Job): Promise<Reply | undefined>;
  end(): void;
}

/** What is kept of its last words. */
const LAST_WORDS_LETTERS = 2000;

/** Runs `foldvm ...words`, which is to call `serve`. */
export function ownWorker<Job extends object, Reply>(words: readonly string[]): OwnWorker<Job, Reply> {
  const child = spawn(process.execPath, [SCRIPT, ...words], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    serialization: "advanced",
    // Ctrl-C at a terminal is for who asks: it goes to a whole group of processes, and a worker is a group of its own.
    detached: true,
  });
  let lastWords = "";
  let isEnding = false;
  let asked: { readonly answer: (reply: Reply | undefined) => void; readonly fail: (error: Error) => void } | undefined;
  let fault: WorkerError | undefined;
  const gone = (error: WorkerError): void => {
    fault ??= error;
    if (isEnding) asked?.answer(undefined);
    else asked?.fail(error);
    asked = undefined;
  };
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    lastWords = (lastWords + text).slice(-LAST_WORDS_LETTERS);
  });
  child.on("message", (reply) => {
    const { answer } = asked ?? {};
    asked = undefined;
    answer?.(reply as Reply);
  });
  const refused = (cause: Error): void => {
    gone(new WorkerError(`a worker process can't be had: ${cause.message}`, true, { cause }));
  };
  child.on("error", refused);
  child.on("close", (code, signal) => {
    const how = signal === null ? `ended with code ${String(code)}` : `was killed by ${signal}`;
    gone(new WorkerError([`a worker process ${how}`, lastWords.trim()].join("; ").replace(/; $/, ""), signal !== null));
  });
  return {
    ask: (job) =>
      new Promise((answer, fail) => {
        if (isEnding) answer(undefined);
        else if (fault !== undefined) fail(fault);
        else {
          asked = { answer, fail };
          child.send(job, (error) => {
            // Why, it says when it is closed.
            if (error !== null && child.pid === undefined) refused(error);
          });
        }
      }),
    end() {
      isEnding = true;
      child.kill("SIGKILL");
    },
  };
}

/** The other side: answers each job. Nobody is there to ask any more: the process ends, in the middle of a job too. */
export const serve = (work: (job: unknown) => Promise<unknown>): Promise<never> =>
  new Promise(() => {
    process.on("disconnect", () => process.exit());
    process.on("message", (job) => {
      void work(job).then((reply) => process.send?.(reply));
    });
  });
