/** A process of this command that does one job after the other, as it is asked to. */
import { spawn } from "node:child_process";

import { SCRIPT } from "./own-command.js";

export interface OwnWorker<Job, Reply> {
  /** One at a time. Undefined: it was ended meanwhile. Fails where it ends by itself. */
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
  });
  let lastWords = "";
  let isEnding = false;
  let asked: { readonly answer: (reply: Reply | undefined) => void; readonly fail: (error: Error) => void } | undefined;
  let fault: Error | undefined;
  const gone = (error: Error): void => {
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
  child.on("error", gone);
  child.on("close", (code, signal) => {
    gone(new Error(`a worker process ended (${signal ?? `code ${String(code)}`}) ${lastWords.trim()}`.trim()));
  });
  return {
    ask: (job) =>
      new Promise((answer, fail) => {
        if (isEnding) answer(undefined);
        else if (fault !== undefined) fail(fault);
        else {
          asked = { answer, fail };
          child.send(job, (error) => {
            if (error !== null) gone(error);
          });
        }
      }),
    end() {
      isEnding = true;
      child.kill("SIGKILL");
    },
  };
}

/** The other side: answers each job, until nobody asks any more. */
export const serve = (work: (job: unknown) => Promise<unknown>): Promise<void> =>
  new Promise((resolve) => {
    // Ctrl-C at a terminal is for who asks.
    process.on("SIGINT", () => undefined);
    process.on("disconnect", resolve);
    process.on("message", (job) => {
      void work(job).then((reply) => process.send?.(reply));
    });
  });
