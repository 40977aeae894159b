/** The error for a replay that differs from its recording: where, in what field, and how. */
import type { PlainPosition } from "../reducers/position.js";

export interface Disagreement {
  /** The value in the log. */
  readonly expected: string;
  /** The value of the machine. */
  readonly actual: string;
  /** The first field that differs, such as `icount`, `type` or a field of the event. */
  readonly field: string;
}

export class Divergence extends Error implements Disagreement, PlainPosition {
  override readonly name = "Divergence";
  readonly code = "DIVERGENCE";
  readonly seq: number;
  readonly icount: number;
  readonly field: string;
  readonly expected: string;
  readonly actual: string;

  /** `position`: the machine's icount, with the seq of the event that differs. */
  constructor(position: PlainPosition, { field, expected, actual }: Disagreement) {
    super(
      `replay diverges from the recording at seq ${String(position.seq)}, icount ${String(position.icount)}: ` +
        `${field}: the recording has ${expected}, the machine ${actual}`,
    );
    this.seq = position.seq;
    this.icount = position.icount;
    this.field = field;
    this.expected = expected;
    this.actual = actual;
  }
}
