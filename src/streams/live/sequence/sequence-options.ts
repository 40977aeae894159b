/** How a run is to go: until when, at which pace of the guest's clock, and who may stop it. */
import type { Observable } from "rxjs";

import { distance, exactly, flag, having, maybe, observable, whole } from "../../../options/codecs.js";
import { CHAOS_OPTIONS } from "../../chaos/chaos-options.js";
import type { DeviationOptions } from "../../chaos/deviations-of.js";
import { SCHEDULE } from "../../chaos/schedule.js";
import type { Control } from "../../time/control.js";
import type { Demand } from "../../time/pulled.js";
import type { HostTime } from "../../time/host-time.js";
import type { VirtualTimers } from "../../time/timer-queue.js";

const timers = having("a virtualScheduler", "schedule", "advanceTo");

export interface SequenceOptions extends DeviationOptions {
  /**
   * An idle machine sleeps until its next timer, as the guest sees it; or its clock jumps there at once (QEMU: -icount
   * sleep=).
   */
  readonly sleep?: boolean;
  /**
   * An idle machine's clock is brought to the host's, which it fell behind while the guest computed (QEMU: -icount
   * align=): it jumps from timer to timer until it has caught up. Default: what it fell behind, it stays behind.
   * Without effect where `sleep` is false.
   */
  readonly align?: boolean;
  /** Instructions from one state hash in the stream to the next; absent: none. */
  readonly checkpointInsns?: number;
  /** Ends the stream when the machine gets there. */
  readonly untilIcount?: number;
  readonly time?: HostTime;
  /** Whoever reads the events, where the run is to wait for them: see `pulled`. */
  readonly demand?: Demand | undefined;
  /** Stops the run and lets it go on. */
  readonly control?: Control | undefined;
  /** Timers that an idle machine goes to as to the guest's own: see `virtualScheduler`. */
  readonly virtual?: VirtualTimers;
  /** Timers outside the guest that follow its clock, and no more. */
  readonly external?: VirtualTimers;
  /**
   * Emits when nobody will type any more, and false when somebody may again. In between, as when all backends have
   * completed, an idle guest that no timer and nothing that it asked for can wake ends the stream.
   */
  readonly inputEnded$?: Observable<unknown>;
}

export const SEQUENCE_OPTIONS = exactly<SequenceOptions>({
  sleep: maybe(flag),
  align: maybe(flag),
  checkpointInsns: maybe(distance),
  untilIcount: maybe(whole),
  time: maybe(having("a HostTime", "wallNs", "monotonicMs", "after", "nextTurn")),
  demand: maybe(having("a Demand, which pulled gives", "isMet", "changed$")),
  control: maybe(having("a Control", "runUntil", "attach")),
  virtual: maybe(timers),
  external: maybe(timers),
  inputEnded$: maybe(observable),
  chaos: maybe(CHAOS_OPTIONS),
  schedule: maybe(SCHEDULE),
});
