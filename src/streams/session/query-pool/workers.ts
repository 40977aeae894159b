/** `workers`: a pool of threads of this process, for questions about recordings. */
import type { MachineState } from "../../../machine/state.js";
import { check } from "../../../options/check.js";
import { exactly, wholeFrom } from "../../../options/codecs.js";
import { ownThread, type OwnThread } from "../../host/own-thread.js";
import { WorkerError } from "../../host/own-worker.js";
import { jobFinds } from "../../past/job-finds.js";
import type { Job, Pool } from "../../past/query/index.js";
import type { Recording } from "../../past/recording.js";
import { buffersOf, handState } from "../../store/handed-state.js";
import { reopeningOf } from "../open-recording.js";
import { THREAD_COMMAND, type ThreadJob, type ThreadReply } from "./protocol.js";

/** Each has a machine of its own. */
export const MAX_WORKERS = 64;

/** Threads start when they are needed and stay for the next question. They do not keep the process alive. */
export interface Workers extends Pool {
  /** Ends its threads. What is under way fails. */
  close(): void;
}

/** @throws {OptionError} */
export function workers(count: number): Workers {
  check("workers", exactly<{ readonly count: number }>({ count: wholeFrom(1, MAX_WORKERS) }), { count });
  return new ThreadPool(count);
}

interface Thread {
  readonly own: OwnThread<ThreadJob, ThreadReply>;
  recording: Recording | undefined;
  /** The state that it was handed last. */
  known: MachineState | undefined;
}

class ThreadPool implements Workers {
  private readonly all = new Set<Thread>();
  private readonly idle: Thread[] = [];
  private readonly waiting: (() => void)[] = [];

  constructor(readonly width: number) {}

  async *run(job: Job): AsyncGenerator<readonly unknown[], void> {
    const thread = await this.taken(job.recording);
    let known = 0;
    try {
      let reply = await begin(thread, job);
      while (reply.kind === "ready" || (reply.kind === "found" && !reply.isDone)) {
        reply = await thread.own.ask({ kind: "goOn" });
        if (reply.kind !== "found") continue;
        known += reply.finds.length;
        if (reply.finds.length > 0) yield reply.finds;
      }
      // It fails here as it did there, but with an error of its own class.
      if (reply.kind === "failed") yield* without(known, jobFinds(job), reply.message);
    } catch (fault) {
      if (fault instanceof WorkerError) this.all.delete(thread);
      throw fault;
    } finally {
      this.release(thread);
    }
  }

  close(): void {
    for (const thread of this.all) thread.own.end();
    this.all.clear();
    this.idle.length = 0;
  }

  /** One that has the recording open, if it is idle. */
  private async taken(recording: Recording): Promise<Thread> {
    for (;;) {
      const at = this.idle.findIndex((thread) => thread.recording === recording);
      const [idle] = this.idle.splice(Math.max(0, at), 1);
      if (idle !== undefined) return idle;
      if (this.all.size < this.width) {
        const thread = {
          own: ownThread<ThreadJob, ThreadReply>([THREAD_COMMAND]),
          recording: undefined,
          known: undefined,
        };
        this.all.add(thread);
        return thread;
      }
      await new Promise<void>((wake) => this.waiting.push(wake));
    }
  }

  private release(thread: Thread): void {
    if (this.all.has(thread)) this.idle.push(thread);
    this.waiting.shift()?.();
  }
}

async function begin(thread: Thread, { recording, question, from, until }: Job): Promise<ThreadReply> {
  if (thread.recording !== recording) {
    thread.known = undefined;
    const reply = await thread.own.ask({ kind: "open", recording: reopeningOf(recording) });
    if (reply.kind === "failed") return reply;
    thread.recording = recording;
  }
  const handed = handState(from, thread.known);
  thread.known = from;
  return thread.own.ask({ kind: "begin", question, from: handed, until }, buffersOf(handed));
}

/** What is found behind the first ones. */
function* without(
  known: number,
  all: Iterable<readonly unknown[]>,
  message: string,
): Generator<readonly unknown[], void> {
  let left = known;
  for (const finds of all) {
    yield finds.slice(left);
    left = Math.max(0, left - finds.length);
  }
  throw new Error(`a worker thread failed, and this one does not: ${message}`);
}
