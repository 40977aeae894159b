/** Parts of a text, joined to pieces that are worth a write. */
import { setImmediate as turn } from "node:timers/promises";

const PIECE_CHARACTERS = 1 << 15;

export interface JoinedOptions {
  /** Ends it, also where nothing comes. */
  readonly signal: AbortSignal;
  /** What is said where nothing else was for so long. */
  readonly idle?: { readonly ms: number; readonly text: string } | undefined;
}

/** What comes in one turn of the host's goes together, and nothing waits for what comes later. */
export async function* joined(
  parts: AsyncIterable<string>,
  { signal, idle }: JoinedOptions,
): AsyncGenerator<string, void> {
  const iterator = parts[Symbol.asyncIterator]();
  const patience = new Patience(signal, idle?.ms);
  let next = iterator.next();
  try {
    for (;;) {
      const first = await patience.of(next);
      if (first === "aborted") return;
      if (first === "late") {
        yield idle?.text ?? "";
        continue;
      }
      if (first.done === true) return;
      let piece = first.value;
      next = iterator.next();
      for (const isOver = turn(undefined); piece.length < PIECE_CHARACTERS;) {
        const more = await Promise.race([next, isOver]);
        if (more === undefined) break;
        if (more.done === true) {
          yield piece;
          return;
        }
        piece += more.value;
        next = iterator.next();
      }
      yield piece;
    }
  } finally {
    patience.end();
    // What it still does, nobody waits for.
    next.catch(() => undefined);
    iterator.return?.().catch(() => undefined);
  }
}

/** Waits for one thing after another. Not `Promise.race`: a signal that never comes would hold on to each of them. */
class Patience {
  private settle: (how: "aborted" | "late") => void = () => undefined;
  private readonly abort = (): void => {
    this.settle("aborted");
  };

  constructor(
    private readonly signal: AbortSignal,
    private readonly ms: number | undefined,
  ) {
    signal.addEventListener("abort", this.abort, { once: true });
  }

  of<T>(next: Promise<T>): Promise<T | "aborted" | "late"> {
    if (this.signal.aborted) return Promise.resolve("aborted");
    return new Promise((resolve, reject) => {
      this.settle = resolve;
      const late =
        this.ms === undefined
          ? undefined
          : setTimeout(() => {
              resolve("late");
            }, this.ms);
      next.then(resolve, reject).finally(() => {
        clearTimeout(late);
      });
    });
  }

  end(): void {
    this.signal.removeEventListener("abort", this.abort);
  }
}
