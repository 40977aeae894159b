/**
 * A table with a limit. A new entry in a full table replaces the least recently used one, so a guest that fills a table
 * loses only entries that it does not use.
 */
export class BoundedTable<K, V> {
  /** In order of use: the first entry is the least recently used. */
  private readonly entries = new Map<K, V>();

  /**
   * `removed` is called for every entry that leaves. `evicted` is called before it if the entry leaves to make room.
   */
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

  /** Returns the entry and marks it as used. */
  use(key: K): V | undefined {
    const value = this.entries.get(key);
    if (value === undefined) return undefined;
    this.entries.delete(key);
    this.entries.set(key, value);
    return value;
  }

  /** Replaces the entry of the same key, if there is one. */
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

  /** Starts with the least recently used entry. */
  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.entries.entries();
  }
}
