/**
 * A table with a limit: a new entry of a full one takes the place of the one that was unused longest. So a guest that fills
 * a table loses what it does not use, and nobody loses memory.
 */
export class BoundedTable<K, V> {
  /** The longest unused is the first. */
  private readonly entries = new Map<K, V>();

  /** `removed` is told of each entry that goes; `evicted` before it, where it goes for want of room. */
  constructor(
    private readonly limit: number,
    private readonly removed: (value: V) => void = () => undefined,
    private readonly evicted: () => void = () => undefined,
  ) {}

  get size(): number {
    return this.entries.size;
  }

  has(key: K): boolean {
    return this.entries.has(key);
  }

  /** The entry, which has then been used just now. */
  use(key: K): V | undefined {
    const value = this.entries.get(key);
    if (value === undefined) return undefined;
    this.entries.delete(key);
    this.entries.set(key, value);
    return value;
  }

  /** In place of what was there, if anything was. */
  put(key: K, value: V): void {
    this.delete(key);
    const [unused] = this.entries.keys();
    if (this.entries.size >= this.limit && unused !== undefined) {
      this.evicted();
      this.delete(unused);
    }
    this.entries.set(key, value);
  }

  delete(key: K): void {
    const value = this.entries.get(key);
    if (value === undefined) return;
    this.entries.delete(key);
    this.removed(value);
  }

  clear(): void {
    for (const key of [...this.entries.keys()]) this.delete(key);
  }

  /** From the longest unused on. */
  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.entries.entries();
  }
}
