/** A job that is done before anybody reads what it finds: in a bounded memory, and again where its worker is lost. */

/** What may wait for its turn, of one job. */
export const MAX_FINDS_AHEAD = 1 << 16;
/** How often a job is given to somebody. What ends its worker each time is of its own. */
export const MAX_ATTEMPTS = 3;

type Batch = readonly unknown[];

export class ReadAhead {
  private readonly batches: Batch[] = [];
  private waiting = 0;
  private received = 0;
  private over: { readonly fault?: unknown } | undefined;
  private isLeft = false;
  private wake: () => void = () => undefined;
  private goOn: () => void = () => undefined;

  /** `run` begins the job. */
  constructor(private readonly run: () => AsyncIterable<Batch>) {
    void this.pump();
  }

  /** Undefined: that was all. Throws what the job did. */
  async next(): Promise<Batch | undefined> {
    while (this.batches.length === 0 && this.over === undefined) {
      await new Promise<void>((wake) => (this.wake = wake));
    }
    const batch = this.batches.shift();
    if (batch !== undefined) {
      this.waiting -= batch.length;
      this.goOn();
      return batch;
    }
    if (this.over !== undefined && "fault" in this.over) throw this.over.fault;
    return undefined;
  }

  /** Nobody reads it any more. */
  leave(): void {
    this.isLeft = true;
    this.over ??= {};
    this.goOn();
    this.wake();
  }

  private async pump(): Promise<void> {
    for (let attempt = 1; this.over === undefined; attempt += 1) {
      try {
        await this.attempt();
        this.over ??= {};
      } catch (fault) {
        if (attempt >= MAX_ATTEMPTS || !isLostWorker(fault)) this.over ??= { fault };
      }
    }
    this.wake();
  }

  private async attempt(): Promise<void> {
    // A job finds the same each time.
    let known = this.received;
    for await (const all of this.run()) {
      if (this.isLeft) return;
      const batch = all.slice(known);
      known = Math.max(0, known - all.length);
      this.received += batch.length;
      this.waiting += batch.length;
      if (batch.length > 0) this.batches.push(batch);
      this.wake();
      while (this.waiting >= MAX_FINDS_AHEAD && !this.hasLeft()) {
        await new Promise<void>((goOn) => (this.goOn = goOn));
      }
      if (this.hasLeft()) return;
    }
  }

  private hasLeft(): boolean {
    return this.isLeft;
  }
}

const isLostWorker = (fault: unknown): boolean =>
  typeof fault === "object" && fault !== null && "code" in fault && fault.code === "WORKER_ENDED";
