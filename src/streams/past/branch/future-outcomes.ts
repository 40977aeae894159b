/** Which futures fail, in order, whoever runs them and however many at once. */
import type { MachineState } from "../../../machine/state.js";
import { NotPlainError, type Pool } from "../query/index.js";
import { ReadAhead } from "../query/pool/read-ahead.js";
import type { Recording } from "../recording.js";
import { CHAOS_FUTURES, chaosFutures, type ChaosFutures } from "./chaos-futures.js";
import { Turns } from "../paced.js";

/** Futures of one place. */
export interface PlaceFutures {
  readonly from: MachineState;
  readonly futures: ChaosFutures;
}

/** Ends early where the signal comes. @throws {NotPlainError} */
export async function* futureOutcomes(
  recording: Recording,
  places: readonly PlaceFutures[],
  given: Pool | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<boolean, void> {
  const pool = given ?? thisThread(signal);
  // One more than it does at once, so that nobody waits for the reader.
  const most = pool.width === 1 ? 1 : pool.width + 1;
  const parts = places.flatMap((place) => partsOf(place, pool.width));
  if (given !== undefined) requirePlain(parts);
  const begun: ReadAhead[] = [];
  const leave = (): void => {
    for (const ahead of begun) ahead.leave();
  };
  signal?.addEventListener("abort", leave);
  try {
    for (let next = 0; next < parts.length || begun.length > 0;) {
      for (let part = parts[next]; part !== undefined && begun.length < most; part = parts[++next]) {
        begun.push(aheadOf(recording, part, pool));
      }
      const [present] = begun;
      for (let finds = await present?.next(); finds !== undefined; finds = await present?.next()) {
        for (const failed of finds) yield failed === true;
      }
      if (signal?.aborted === true) return;
      begun.shift();
    }
  } finally {
    signal?.removeEventListener("abort", leave);
    leave();
  }
}

const aheadOf = (recording: Recording, { from, futures }: PlaceFutures, pool: Pool): ReadAhead =>
  new ReadAhead(() =>
    pool.run({ recording, question: { kind: CHAOS_FUTURES, about: futures }, from, until: undefined }),
  );

/** About as many each. */
function partsOf({ from, futures }: PlaceFutures, count: number): readonly PlaceFutures[] {
  const { first, last } = futures;
  const size = Math.ceil((last - first + 1) / count);
  const parts: PlaceFutures[] = [];
  for (let at = first; at <= last; at += size) {
    parts.push({ from, futures: { ...futures, first: at, last: Math.min(last, at + size - 1) } });
  }
  return parts;
}

function requirePlain(parts: readonly PlaceFutures[]): void {
  if (parts.some(({ futures }) => typeof futures.fails === "function")) {
    throw new NotPlainError("causality: fails is a function, which can't leave this thread: leave `on` out");
  }
}

/** The host has its turns. */
const thisThread = (signal: AbortSignal | undefined): Pool => ({
  width: 1,
  async *run({ recording, question, from }) {
    const turns = new Turns();
    for (const finds of chaosFutures(recording, question.about as ChaosFutures, from)) {
      if (signal?.aborted === true) return;
      if (finds.length > 0) yield finds;
      if (turns.isDue) await turns.take();
    }
  },
});
