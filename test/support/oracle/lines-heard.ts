/** What `output` should say: lines made of the bytes that consoles print. */
import type { Deed } from "./deeds.js";
import { Lines } from "./lines.js";
import type { Expected } from "./questions.js";

export class LinesHeard implements Expected {
  readonly kinds = ["printed"] as const;
  private readonly begun = new Map<string, string>();
  readonly lines = new Lines();

  constructor(
    private readonly of: string | RegExp | undefined,
    private readonly whenAndWho: (deed: Deed) => string,
  ) {}

  hear(deed: Deed): void {
    const parts = ((this.begun.get(deed.port) ?? "") + Buffer.from(deed.data).toString("latin1")).split("\n");
    this.begun.set(deed.port, parts.pop() ?? "");
    for (const part of parts) {
      const text = part.replace(/\r+$/, "");
      const isWanted =
        this.of === undefined || (typeof this.of === "string" ? text.includes(this.of) : this.of.test(text));
      if (isWanted) this.lines.add(`${this.whenAndWho(deed)} ${deed.port} ${JSON.stringify(text)}`);
    }
  }
}
