/** What `output` should say: lines made of the bytes that consoles print. */
import type { Deed } from "./deeds.js";
import { Lines } from "./lines.js";
import type { Expected } from "./questions.js";

export class LinesHeard implements Expected {
  readonly kinds = ["printed", "over"] as const;
  private readonly begun = new Map<string, string>();
  readonly lines = new Lines();

  constructor(
    private readonly of: string | RegExp | undefined,
    private readonly whenAndWho: (deed: Deed) => string,
  ) {}

  hear(deed: Deed): void {
    if (deed.kind === "over") {
      for (const [port, begun] of this.begun) if (/[^\r]/.test(begun)) this.add(deed, port, begun, "unfinished");
      return;
    }
    const parts = ((this.begun.get(deed.port) ?? "") + Buffer.from(deed.data).toString("latin1")).split("\n");
    this.begun.set(deed.port, parts.pop() ?? "");
    for (const part of parts) this.add(deed, deed.port, part);
  }

  private add(deed: Deed, port: string, part: string, ...more: readonly string[]): void {
    const text = part.replace(/\r+$/, "");
    const isWanted =
      this.of === undefined || (typeof this.of === "string" ? text.includes(this.of) : this.of.test(text));
    if (isWanted) this.lines.add([this.whenAndWho(deed), port, JSON.stringify(text), ...more].join(" "));
  }
}
