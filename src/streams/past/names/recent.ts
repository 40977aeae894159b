/** The values that were used last, up to a bound on what they weigh. */

export class Recent<Key, Value> {
  private readonly kept = new Map<Key, { readonly value: Value; readonly weight: number }>();
  private weight = 0;

  constructor(private readonly maxWeight: number) {}

  /** The kept value, or that of `make`. The last one is kept whatever it weighs. */
  get(key: Key, make: () => Value, weigh: (value: Value) => number = () => 1): Value {
    const found = this.kept.get(key);
    if (found !== undefined) {
      this.kept.delete(key);
      this.kept.set(key, found);
      return found.value;
    }
    const value = make();
    const weight = weigh(value);
    this.kept.set(key, { value, weight });
    this.weight += weight;
    for (const [oldest, { weight: its }] of this.kept) {
      if (this.weight <= this.maxWeight || this.kept.size === 1) break;
      this.kept.delete(oldest);
      this.weight -= its;
    }
    return value;
  }
}
