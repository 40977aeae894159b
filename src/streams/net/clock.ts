/** The time that the router lives in: whoever runs it gives it one. */

export interface Clock {
  /** In ms; never goes back. */
  now(): number;
  /** Calls `wake` once, after so long. What is returned calls it off. */
  after(delayMs: number, wake: () => void): () => void;
}
