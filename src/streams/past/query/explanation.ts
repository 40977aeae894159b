/** What an answer costs, before it is asked for. */
export interface Explanation {
  /** Between states that are there. */
  readonly segments: number;
  /** Of those, that need not be run because the states around them tell that nothing is in them. */
  readonly skipped: number;
  /** To run. */
  readonly instructions: number;
  /** As fast as the recording was replayed in this process, or, before that, as one is on a usual machine. */
  readonly estimatedMs: number;
}

export const together = (a: Explanation, b: Explanation): Explanation => ({
  segments: a.segments + b.segments,
  skipped: a.skipped + b.skipped,
  instructions: a.instructions + b.instructions,
  estimatedMs: a.estimatedMs + b.estimatedMs,
});
