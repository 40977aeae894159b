/**
 * Places for replays: all share this thread, so that few work at a time, and each is a machine with its memory, so that
 * few more are open. One whose reader does not read is open, and does not work.
 */
import { Refusal } from "./refusal.js";

/** At work at the same time. */
export const MAX_REPLAYS = 4;
/** Streams of what replays find, at the same time. */
export const MAX_OPEN_REPLAYS = 32;
/** That wait for their turn. */
export const MAX_WAITING = 256;

/** Who is to have a slot. */
export interface Asker {
  /** Aborted where it has gone. */
  readonly signal: AbortSignal;
  /** Does what the slot is for. */
  readonly working: <T>(work: () => Promise<T>) => Promise<T>;
}

export class Slots {
  private taken = 0;
  private opened = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly most = MAX_REPLAYS,
    private readonly mostWaiting = MAX_WAITING,
    private readonly mostOpen = MAX_OPEN_REPLAYS,
  ) {}

  /** Answers what closes it. @throws {Refusal} where too many are open */
  open(): () => void {
    if (this.opened >= this.mostOpen)
      throw busy(`${String(this.mostOpen)} streams of what replays find are open already: close one, or ask later`);
    this.opened += 1;
    return once(() => (this.opened -= 1));
  }

  /** Works in a slot. @throws {Refusal} as `take` */
  async during<T>({ signal, working }: Asker, work: () => Promise<T>): Promise<T> {
    const release = await this.take(signal);
    try {
      return await working(work);
    } finally {
      release();
    }
  }

  /** The same values. A slot is held while the next one is looked for, and not while it is taken. */
  async *inTurn<T>(values: AsyncIterable<T>, asker: Asker): AsyncGenerator<T, void> {
    const iterator = values[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await this.during(asker, () => iterator.next());
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  }

  /** Answers what lets go of it. @throws {Refusal} where too many wait, or who asked has gone. */
  async take(signal: AbortSignal): Promise<() => void> {
    if (this.taken >= this.most) await this.turn(signal);
    else this.taken += 1;
    return once(() => {
      this.release();
    });
  }

  private turn(signal: AbortSignal): Promise<void> {
    if (this.waiting.length >= this.mostWaiting)
      throw busy(`${String(this.mostWaiting)} questions wait already: ask again later`);
    return new Promise((resolve, reject) => {
      const wake = (): void => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      const leave = (): void => {
        const at = this.waiting.indexOf(wake);
        if (at >= 0) this.waiting.splice(at, 1);
        reject(new Refusal(499, "GONE", "who asked has gone"));
      };
      this.waiting.push(wake);
      signal.addEventListener("abort", leave, { once: true });
    });
  }

  /** It goes to the one that has waited longest. */
  private release(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.taken -= 1;
    else next();
  }
}

const busy = (why: string): Refusal => new Refusal(503, "BUSY", why, { "Retry-After": "1" });

function once(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) act();
    isDone = true;
  };
}
