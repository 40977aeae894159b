/** Rows at the pace at which they happened, by the guest's clock. */
import { hostTime, type HostTime } from "../time/host-time.js";

/** What a timer can wait at once. */
export const TIMER_REACH_MS = 0x7fff_ffff;

/** The first at once. Ends where `signal` says so. */
export async function* atOriginalPace<Row extends { readonly row: { readonly ns: bigint } }>(
  rows: AsyncIterable<Row>,
  signal: AbortSignal,
  time: HostTime = hostTime,
): AsyncGenerator<Row, void> {
  let begun: { readonly ns: bigint; readonly ms: number } | undefined;
  for await (const row of rows) {
    begun ??= { ns: row.row.ns, ms: time.monotonicMs() };
    const dueMs = begun.ms + Number(row.row.ns - begun.ns) / 1e6;
    for (let leftMs = dueMs - time.monotonicMs(); leftMs > 0; leftMs = dueMs - time.monotonicMs()) {
      await passed(Math.min(leftMs, TIMER_REACH_MS), signal, time);
      if (signal.aborted) return;
    }
    yield row;
  }
}

const passed = (ms: number, signal: AbortSignal, time: HostTime): Promise<void> =>
  new Promise((resolve) => {
    const over = (): void => {
      waiting.unsubscribe();
      signal.removeEventListener("abort", over);
      resolve();
    };
    const waiting = time.after(ms).subscribe({ complete: over });
    signal.addEventListener("abort", over);
    if (signal.aborted) over();
  });
