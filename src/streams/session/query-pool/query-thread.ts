/** A thread of a pool: a recording of its own, on which it looks for what it is asked for. */
import type { MachineState } from "../../../machine/state.js";
import { jobFinds } from "../../past/job-finds.js";
import type { Recording } from "../../past/recording.js";
import { takeState } from "../../store/handed-state.js";
import { reopen } from "../open-recording.js";
import type { ThreadJob, ThreadReply } from "./protocol.js";

/** How long it looks before it says what it found, or that it found nothing yet. */
const REPLY_MS = 50;
const MAX_FINDS_A_REPLY = 1 << 14;

export class QueryThread {
  private recording: Recording | undefined;
  /** The state that it was handed last. */
  private known: MachineState | undefined;
  private finds: Generator<readonly unknown[], void> | undefined;

  work(job: ThreadJob): ThreadReply {
    try {
      return this.answer(job);
    } catch (fault) {
      return { kind: "failed", message: fault instanceof Error ? fault.message : String(fault) };
    }
  }

  private answer(job: ThreadJob): ThreadReply {
    switch (job.kind) {
      case "open":
        this.leave();
        this.recording?.close();
        this.known = undefined;
        this.recording = reopen(job.recording);
        return { kind: "ready" };
      case "begin": {
        const { recording } = this;
        if (recording === undefined) throw new Error("no recording is open");
        this.leave();
        this.known = takeState(job.from, this.known, recording.nearestTo(recording.log.start));
        this.finds = jobFinds({ ...job, recording, from: this.known }, { leavesStates: false });
        return { kind: "ready" };
      }
      case "goOn":
        return this.goOn();
    }
  }

  private goOn(): ThreadReply {
    const finds: unknown[] = [];
    const untilMs = performance.now() + REPLY_MS;
    while (finds.length < MAX_FINDS_A_REPLY && performance.now() < untilMs) {
      const step = this.finds?.next();
      if (step === undefined || step.done === true) return { kind: "found", finds, isDone: true };
      for (const found of step.value) finds.push(found);
    }
    return { kind: "found", finds, isDone: false };
  }

  private leave(): void {
    this.finds?.return();
    this.finds = undefined;
  }
}
