/**
 * The fold of one event: run the harts up to its icount, then reduce it.
 *
 * The event must agree with what the state predicts, field by field. The first difference is a `Divergence`.
 */
import { isOfDebugger } from "../reducers/debugger.js";
import { rowOf, type MachineEvent, type PositionedEvent } from "../reducers/events.js";
import { positionedOf, type StreamEvent } from "../reducers/stream-event.js";
import { isPredictedCause, isSameCause } from "../reducers/power.js";
import { Divergence, type Disagreement } from "./divergence.js";
import type { Machine, Stop } from "./machine.js";
import { hexAddress } from "../reducers/hex.js";

/** @throws {Divergence} if the machine would not have had this event here. The machine stays at that position. */
export function fold(machine: Machine, positioned: PositionedEvent | StreamEvent): void {
  const { seq, icount, event } = positionedOf(positioned);
  const diverge = (disagreement: Disagreement): never => {
    throw new Divergence({ seq, icount: machine.position.icount }, disagreement);
  };
  const next = machine.position.seq + 1;
  if (seq !== next) diverge({ field: "seq", expected: String(seq), actual: String(next) });
  // An answer belongs to the access at its position, so that access must be tried first.
  const end = rowOf(event.type).isAnswer === true ? icount + 1 : icount;
  let stop: Stop;
  do stop = machine.run(end);
  while (stop === "brokenOff");
  if (machine.position.icount !== icount) {
    diverge({
      field: "icount",
      expected: `${event.type} at icount ${String(icount)}`,
      actual: `${describeStop(machine, stop)} at icount ${String(machine.position.icount)}`,
    });
  }
  const disagreement = compare(machine, stop, event);
  if (disagreement !== undefined) diverge(disagreement);
  machine.apply(event);
}

function compare(machine: Machine, stop: Stop, event: MachineEvent): Disagreement | undefined {
  if (stop === "off") return { field: "type", expected: event.type, actual: "a machine that is off" };
  // The host may switch the machine off at any position.
  if (event.type === "machine/shutdown" && !isPredictedCause(event.cause)) return undefined;
  // So may a debugger write, since a machine stands anywhere for it.
  const due = isOfDebugger(event) ? undefined : machine.due();
  if (due !== undefined) return difference(event, due);
  const { awaited } = machine;
  if (awaited !== undefined && event.type !== awaited) {
    return { field: "type", expected: event.type, actual: `a guest that waits for ${awaited}` };
  }
  if (event.type === "checkpoint/hashed") {
    const hash = machine.hash();
    return hash === event.hash
      ? undefined
      : { field: "hash", expected: hexAddress(event.hash, 16), actual: hexAddress(hash, 16) };
  }
  if (rowOf(event.type).origin === "predicted") {
    return {
      field: "type",
      expected: event.type,
      actual: `a state in which nothing is due (${describeStop(machine, stop)})`,
    };
  }
  if (!machine.accepts(event)) {
    return {
      field: "type",
      expected: show(event),
      actual: `a state that can't take it (${describeStop(machine, stop)})`,
    };
  }
  return undefined;
}

/** The first field in which the event differs from the due event. */
function difference(event: MachineEvent, due: MachineEvent): Disagreement | undefined {
  // While recording, the event is the due event itself.
  if (event === due) return undefined;
  if (event.type !== due.type) return { field: "type", expected: event.type, actual: `${due.type}, which is due` };
  const expected = event as unknown as Readonly<Record<string, unknown>>;
  const actual = due as unknown as Readonly<Record<string, unknown>>;
  for (const field in rowOf(event.type).payload) {
    const [recorded, predicted] = [expected[field], actual[field]];
    if (field === "cause" ? isSameCause(String(recorded), String(predicted)) : recorded === predicted) continue;
    return { field, expected: String(recorded), actual: String(predicted) };
  }
  return undefined;
}

function describeStop(machine: Machine, stop: Stop): string {
  switch (stop) {
    case "due":
      return `${machine.due()?.type ?? "an event"} is due`;
    case "idle":
      return "the harts wait for an interrupt";
    case "awaiting":
      return `the guest waits for ${machine.awaited ?? "an answer"}`;
    case "off":
      return "the machine is off";
    case "arrived":
    case "brokenOff":
      return "the machine runs";
    default:
      stop satisfies never;
      return "";
  }
}

const show = ({ type, ...payload }: MachineEvent): string =>
  `${type} ${Object.entries(payload)
    .map(
      ([name, value]) => `${name} ${value instanceof Uint8Array ? `of ${String(value.length)} bytes` : String(value)}`,
    )
    .join(", ")}`;
