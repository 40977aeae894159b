/** A stream that is read one value at a time: its source stands still while its reader does not read. */
import { check } from "../../options/check.js";
import { call, distance, exactly, flag, maybe } from "../../options/codecs.js";
import { Subject, type Observable, type Unsubscribable } from "rxjs";

/** Whether the source may go on; `changed$` emits when that is so again. */
export interface Demand {
  readonly isMet: boolean;
  readonly changed$: Observable<void>;
}

/** What may wait for a reader. The source looks after each value. */
export const MAX_UNREAD = 64;

/**
 * Each reader has its own subscription, which ends with the reader's loop. An error is thrown once all before it was
 * read.
 */
export const pulled = <T>(open: (demand: Demand) => Observable<T>, options: PulledOptions = {}): AsyncIterable<T> => {
  check("pulled", SOURCE, { open });
  check("pulled", OPTIONS, options);
  const { maxUnread = MAX_UNREAD, beginsAtOnce = false } = options;
  return {
    [Symbol.asyncIterator]() {
      const iterator = new PulledIterator(open, maxUnread);
      if (beginsAtOnce) iterator.begin();
      return iterator;
    },
  };
};

export interface PulledOptions {
  /** How many values may wait. Default: 64. */
  readonly maxUnread?: number;
  /** With the iterator, before its first value is asked for: of a source that waits for nobody. Default: false. */
  readonly beginsAtOnce?: boolean;
}

const OPTIONS = exactly<PulledOptions>({ maxUnread: maybe(distance), beginsAtOnce: maybe(flag) });
const SOURCE = exactly<{ readonly open: unknown }>({ open: call });

interface Reader<T> {
  readonly resolve: (result: IteratorResult<T, undefined>) => void;
  readonly reject: (fault: unknown) => void;
}

class PulledIterator<T> implements AsyncIterator<T, undefined>, Demand {
  private readonly unread: T[] = [];
  private readonly readers: Reader<T>[] = [];
  private readonly changes$ = new Subject<void>();
  private subscription: Unsubscribable | undefined;
  private over: { readonly fault?: unknown } | undefined;

  constructor(
    private readonly open: (demand: Demand) => Observable<T>,
    private readonly maxUnread: number,
  ) {}

  get isMet(): boolean {
    return this.unread.length >= this.maxUnread;
  }

  get changed$(): Observable<void> {
    return this.changes$;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return new Promise((resolve, reject) => {
      this.readers.push({ resolve, reject });
      this.serve();
      this.begin();
    });
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.over ??= {};
    this.unread.length = 0;
    this.subscription?.unsubscribe();
    this.serve();
    return Promise.resolve({ done: true, value: undefined });
  }

  begin(): void {
    if (this.subscription !== undefined || this.over !== undefined) return;
    const ended$ = this.open(this);
    this.subscription = { unsubscribe: () => undefined };
    this.subscription = ended$.subscribe({
      next: (value) => {
        this.unread.push(value);
        this.serve();
      },
      error: (fault: unknown) => {
        this.over = { fault };
        this.serve();
      },
      complete: () => {
        this.over = {};
        this.serve();
      },
    });
  }

  /** Gives what is there to whoever waits for it. */
  private serve(): void {
    const wasMet = this.isMet;
    while (this.readers.length > 0 && (this.unread.length > 0 || this.over !== undefined)) {
      const reader = this.readers.shift();
      if (this.unread.length > 0) reader?.resolve({ done: false, value: this.unread.shift() as T });
      else if (this.over !== undefined && "fault" in this.over) {
        reader?.reject(this.over.fault);
        this.over = {};
      } else reader?.resolve({ done: true, value: undefined });
    }
    if (wasMet && !this.isMet) this.changes$.next();
  }
}
