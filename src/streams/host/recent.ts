/** The most recently used values by number, up to a limit. */
export class Recent<T> {
  private readonly kept = new Map<number, T>();

  constructor(private readonly limit: number) {}

  has(key: number): boolean {
    return this.kept.has(key);
  }

  get(key: number): T | undefined {
    const value = this.kept.get(key);
    if (value === undefined) return undefined;
    this.kept.delete(key);
    this.kept.set(key, value);
    return value;
  }

  set(key: number, value: T): void {
    this.kept.set(key, value);
    const [oldest] = this.kept.keys();
    if (this.kept.size > this.limit && oldest !== undefined) this.kept.delete(oldest);
  }
}
