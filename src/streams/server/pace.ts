/** Rows at the pace at which they happened, by the guest's clock. */
import { setTimeout as sleep } from "node:timers/promises";

/** What a timer can wait at once. */
const TIMER_MS = 0x7fff_ffff;

/** The first at once. Ends where `signal` says so. */
export async function* atOriginalPace<Row extends { readonly row: { readonly ns: bigint } }>(
  rows: AsyncIterable<Row>,
  signal: AbortSignal,
): AsyncGenerator<Row, void> {
  let begun: { readonly ns: bigint; readonly ms: number } | undefined;
  for await (const row of rows) {
    begun ??= { ns: row.row.ns, ms: performance.now() };
    const dueMs = begun.ms + Number(row.row.ns - begun.ns) / 1e6;
    for (let leftMs = dueMs - performance.now(); leftMs > 0; leftMs = dueMs - performance.now()) {
      await sleep(Math.min(leftMs, TIMER_MS), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
    }
    yield row;
  }
}
