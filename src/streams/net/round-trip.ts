/** How long to wait for an acknowledgment before sending again (RFC 6298). */

const INITIAL_MS = 1000;
const SHORTEST_MS = 200;
/** §2.5 */
export const MAX_TIMEOUT_MS = 60_000;
/** §2: G, the clock's granularity. */
const GRANULARITY_MS = 10;

export class RoundTrip {
  private smoothedMs: number | undefined;
  private variationMs = 0;
  private backoff = 1;

  get timeoutMs(): number {
    const { smoothedMs, variationMs, backoff } = this;
    const plain = smoothedMs === undefined ? INITIAL_MS : smoothedMs + Math.max(GRANULARITY_MS, 4 * variationMs);
    return Math.min(Math.max(plain, SHORTEST_MS) * backoff, MAX_TIMEOUT_MS);
  }

  /** Call this only for a segment that was sent once (§3, Karn's algorithm). */
  measured(ms: number): void {
    if (this.smoothedMs === undefined) {
      this.smoothedMs = ms;
      this.variationMs = ms / 2;
    } else {
      this.variationMs = 0.75 * this.variationMs + 0.25 * Math.abs(this.smoothedMs - ms);
      this.smoothedMs = 0.875 * this.smoothedMs + 0.125 * ms;
    }
  }

  /** §5.5 */
  backOff(): void {
    this.backoff *= 2;
  }

  progressed(): void {
    this.backoff = 1;
  }
}
