/** What an answer costs, before it is asked for. */
export interface Explanation {
  /** Between states that are there. */
  readonly segments: number;
  /** Of those, that need not be run because the states around them tell that nothing is in them. */
  readonly skipped: number;
  /** To run. */
  readonly instructions: number;
  /**
   * Of these, what `last()` runs first. It goes on to those before only while it has found no row. All, where the last
   * row is known only once all of it has run.
   */
  readonly lastInstructions: number;
  /**
   * How long `instructions` take: as fast as the recording was replayed in this process, or, before that, as one is
   * on a usual machine.
   */
  readonly estimatedMs: number;
}

export const together = (a: Explanation, b: Explanation): Explanation => ({
  segments: a.segments + b.segments,
  skipped: a.skipped + b.skipped,
  instructions: a.instructions + b.instructions,
  lastInstructions: a.lastInstructions + b.lastInstructions,
  estimatedMs: a.estimatedMs + b.estimatedMs,
});
