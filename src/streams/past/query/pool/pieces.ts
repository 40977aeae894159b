/** The pieces of a question that are given to a pool: about as long as each other, and more than it does at once. */
import type { MachineState } from "../../../../machine/state.js";
import type { PlainPosition } from "../../../../reducers/position.js";
import { paced } from "../../paced.js";
import type { Recording } from "../../recording.js";
import type { Until } from "../../until.js";
import type { Listener } from "../question.js";
import { partsOf, type Part, type Range } from "../range.js";

export interface Piece {
  readonly from: PlainPosition | { readonly icount: number };
  readonly until: Until | undefined;
}

/** Each worker has a few, so that the last ones end at about the same time. */
const PIECES_A_WORKER = 4;
/** Shorter ones take longer to hand over than to run. */
const LEAST_PIECE_INSNS = 2_000_000;

/** In order. What is heard from the beginning on is in one piece. */
export function piecesOf(
  recording: Recording,
  listener: Listener<unknown>,
  range: Range,
  width: number,
): readonly Piece[] {
  const parts = partsOf(recording, listener, range);
  if (listener.needsAll === true) return parts;
  const lengths = parts.map(({ from, until }) => endIcountOf(recording, until) - from.icount);
  const all = lengths.reduce((sum, length) => sum + length, 0);
  const insns = Math.max(LEAST_PIECE_INSNS, Math.ceil(all / (width * PIECES_A_WORKER)));
  return parts.flatMap((part, index) => cut(recording, part, lengths[index] ?? 0, insns));
}

function cut(recording: Recording, { from, until }: Part, length: number, insns: number): readonly Piece[] {
  const count = Math.max(1, Math.round(length / insns));
  const kept = recording.kept.wholeStates.map(({ position }) => position.icount);
  const cuts = Array.from({ length: count - 1 }, (_, index) => {
    const wanted = from.icount + Math.round(((index + 1) * length) / count);
    // A state that is there need not be made.
    return kept.find((icount) => Math.abs(icount - wanted) <= insns / 4) ?? wanted;
  });
  const bounds = [...new Set(cuts)].filter((icount) => icount > from.icount && icount < from.icount + length);
  return [undefined, ...bounds].map((icount, index) => ({
    from: icount === undefined ? from : { icount },
    until: bounds[index] ?? until,
  }));
}

function endIcountOf(recording: Recording, until: Until | undefined): number {
  if (typeof until === "number") return until;
  if (until?.icount !== undefined) return until.icount;
  if (until?.seq === undefined) return recording.info.instructions;
  const [event] = recording.eventsFrom(until.seq);
  return event?.icount ?? recording.info.instructions;
}

/** The state in which a piece begins. The host has its turns meanwhile. */
export const beginningOf = (recording: Recording, { from }: Piece): Promise<MachineState> =>
  paced(recording.stepsTo("seq" in from ? from : from.icount));
