/**
 * Option values as QEMU writes them: key=value pairs between commas, of which the first may lack its key; a comma in a
 * value is doubled.
 */
import { UsageError } from "./problems.js";

export class KeyValues {
  private readonly values = new Map<string, string[]>();
  /** The value whose key may be left out; empty: it was not given. */
  readonly word: string;

  /** @throws {UsageError} */
  constructor(
    private readonly option: string,
    text: string,
    impliedKey: string,
  ) {
    for (const [index, part] of parts(text).entries()) {
      const pair = index === 0 && !part.includes("=") ? `${impliedKey}=${part}` : part;
      const at = pair.indexOf("=");
      if (at < 1) throw new UsageError(`${option}: ${JSON.stringify(pair)} is no key=value`);
      const key = pair.slice(0, at);
      this.values.set(key, [...(this.values.get(key) ?? []), pair.slice(at + 1)]);
    }
    this.word = this.one(impliedKey) ?? "";
  }

  /** Every value of a key, which is then known. */
  all(key: string): readonly string[] {
    const values = this.values.get(key) ?? [];
    this.values.delete(key);
    return values;
  }

  one(key: string): string | undefined {
    const [value, second] = this.all(key);
    if (second !== undefined) throw new UsageError(`${this.option}: ${key}= is given twice`);
    return value;
  }

  choice<T extends string>(key: string, choices: readonly T[]): T | undefined {
    const value = this.one(key);
    const chosen = choices.find((one) => one === value);
    if (value !== undefined && chosen === undefined) {
      const remedy = choices.map((one) => `${key}=${one}`).join(" or ");
      throw new UsageError(`${this.option} ${key}=${value}: use ${remedy}`);
    }
    return chosen;
  }

  flag(key: string): boolean | undefined {
    const value = this.choice(key, ["on", "off"]);
    return value === undefined ? undefined : value === "on";
  }

  /** What nobody asked for has no meaning. */
  finish(remedy: string): void {
    const [key] = this.values.keys();
    if (key !== undefined) throw new UsageError(`${this.option} ${key}=: there is no such option; ${remedy}`);
  }
}

/** No argument of a process holds a NUL. */
const parts = (text: string): readonly string[] =>
  text
    .replaceAll(",,", "\0")
    .split(",")
    .map((part) => part.replaceAll("\0", ","));
