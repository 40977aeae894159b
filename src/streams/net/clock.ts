/** The router's clock. The router's owner provides it. */

export interface Clock {
  /** In ms; never goes back. */
  now(): number;
  /** Calls `wake` once, after the delay. The returned function cancels it. */
  after(delayMs: number, wake: () => void): () => void;
}
