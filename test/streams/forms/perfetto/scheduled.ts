/**
 * The tables `sched` and `thread_state` that trace_processor makes of states of tasks, as its importer does
 * (src/trace_processor/importers/generic_kernel/generic_kernel_parser.cc); what it would count as an error is one here.
 */
import * as assert from "uvu/assert";

import type { Message } from "./decoded.js";

/** A row of `sched`: who ran where, from when to when, and what ended it. */
export interface ScheduledSlice {
  readonly cpu: bigint;
  readonly tid: bigint;
  readonly comm: string;
  readonly priority: bigint | undefined;
  readonly ns: bigint;
  readonly endNs: bigint | undefined;
  readonly endState: string | undefined;
}

/** By the numbers of TaskStateEnum. */
const STATES = ["Unknown", "Created", "R", "Running", "S", "D", "T", "Z", "X"];
const [RUNNING, DEAD, DESTROYED] = [3, 7, 8];

export function scheduledBy(
  events: readonly { readonly ns: bigint; readonly event: Message }[],
): readonly ScheduledSlice[] {
  const slices: { -readonly [Member in keyof ScheduledSlice]: ScheduledSlice[Member] }[] = [];
  const running = new Map<bigint, (typeof slices)[number]>();
  const lastStates = new Map<bigint, number>();
  for (const { ns, event } of events) {
    const [cpu, tid, number, priority] = ["cpu", "tid", "state", "prio"].map((field) => event[field]?.[0] as bigint);
    assert.ok(cpu !== undefined && tid !== undefined && tid !== 0n);
    const [state, last] = [Number(number), lastStates.get(tid)];
    assert.ok(state > 0 && state < STATES.length);
    assert.ok(last !== DEAD || state === DESTROYED, `a zombie (${String(tid)}) is ${String(STATES[state])}`);
    assert.ok(last !== RUNNING || state !== RUNNING, `${String(tid)} runs twice`);
    // Whoever is destroyed has given its number back.
    if (state === DESTROYED) lastStates.delete(tid);
    else lastStates.set(tid, state);
    const open = running.get(cpu);
    if (state === RUNNING) {
      assert.is(open, undefined, `two run on ${String(cpu)}`);
      const comm = event["comm"]?.[0] as string;
      const slice = { cpu, tid, comm, priority, ns, endNs: undefined, endState: undefined };
      slices.push(slice);
      running.set(cpu, slice);
    } else if (open?.tid === tid) {
      [open.endNs, open.endState] = [ns, STATES[state]];
      running.delete(cpu);
    }
  }
  return slices;
}
