/** Option values as QEMU writes them: a word, then key=value pairs, with commas between. */
import { UsageError } from "./arguments.js";

export class KeyValues {
  private readonly values = new Map<string, string[]>();
  readonly word: string;

  /** @throws {UsageError} */
  constructor(
    private readonly option: string,
    text: string,
  ) {
    const [word = "", ...pairs] = text.split(",");
    this.word = word;
    for (const pair of pairs) {
      const at = pair.indexOf("=");
      if (at < 1) throw new UsageError(`${option}: ${JSON.stringify(pair)} is no key=value`);
      const key = pair.slice(0, at);
      this.values.set(key, [...(this.values.get(key) ?? []), pair.slice(at + 1)]);
    }
  }

  /** Every value of a key, which is then known. */
  all(key: string): readonly string[] {
    const values = this.values.get(key) ?? [];
    this.values.delete(key);
    return values;
  }

  one(key: string): string | undefined {
    const [value, second] = this.all(key);
    if (second !== undefined) throw new UsageError(`${this.option}: ${key} is given twice`);
    return value;
  }

  flag(key: string): boolean | undefined {
    const value = this.one(key);
    if (value === undefined) return undefined;
    if (value !== "on" && value !== "off") throw new UsageError(`${this.option}: ${key}=${value}: use on or off`);
    return value === "on";
  }

  /** What nobody asked for has no meaning. */
  finish(known: string): void {
    const [key] = this.values.keys();
    if (key !== undefined) throw new UsageError(`${this.option}: there is no ${key}=; ${this.word} has ${known}`);
  }
}
