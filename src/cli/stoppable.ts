/** For a command that a signal ends in order: what was found until then is told. */
import type { Signal, Stdio } from "../streams/host/stdio.js";
import { EXIT, SIGNAL_CODES } from "./exit-codes.js";

export interface Stoppable {
  readonly signal: AbortSignal;
  /** Of a command that was ended by a signal, its exit code; else `code`. */
  readonly codeOf: (code: number) => number;
}

/** The first signal ends the work, the second one the process. */
export async function stoppable<T>(stdio: Stdio, work: (stop: Stoppable) => Promise<T>): Promise<T> {
  const stopped = new AbortController();
  let signal: Signal | undefined;
  const stopListening = stdio.onSignal((heard) => {
    signal = heard;
    stopped.abort(heard);
  });
  try {
    return await work({
      signal: stopped.signal,
      codeOf: (code) => (signal === undefined ? code : SIGNAL_CODES[signal]),
    });
  } finally {
    stopListening();
  }
}

/** The same for work that comes to nothing where a signal ends it: it throws what `signal` has as its reason. */
export const breakable = (stdio: Stdio, work: (signal: AbortSignal) => Promise<number>): Promise<number> =>
  stoppable(stdio, async ({ signal, codeOf }) => {
    try {
      return await work(signal);
    } catch (fault) {
      if (signal.aborted && fault === signal.reason) return codeOf(EXIT.done);
      throw fault;
    }
  });

const SHOWN_EVERY_MS = 200;

/** One line on a terminal that changes. */
export class ProgressLine {
  private isShown = false;
  private nextMs = performance.now() + SHOWN_EVERY_MS;

  constructor(
    private readonly stdio: Stdio,
    private readonly isQuiet: boolean,
  ) {}

  show(text: string): void {
    if (this.isQuiet || this.stdio.stderr.isTTY !== true) return;
    this.clear();
    this.isShown = true;
    this.stdio.stderr.write(`foldvm: ${text}`);
  }

  /** For who has something new to say much more often than it can be read. */
  showNowAndThen(text: () => string): void {
    if (performance.now() < this.nextMs) return;
    this.nextMs = performance.now() + SHOWN_EVERY_MS;
    this.show(text());
  }

  clear(): void {
    if (this.isShown) this.stdio.stderr.write("\r\x1b[K");
    this.isShown = false;
  }
}
