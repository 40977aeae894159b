/** What a guest printed, as a test reads it: the end of it, and whether a text was in it anywhere. */
import { TextSearch } from "../../time/text-search.js";

/** Of what is printed, the last so many are kept. */
export const MAX_CONSOLE_TEXT = 1 << 16;
const SHOWN_LINES = 8;

export class ConsoleText {
  private kept = "";
  private readonly decoder = new TextDecoder();
  private readonly search: TextSearch | undefined;
  private isFound = false;

  /** `wanted`: is found also where it is no longer kept. */
  constructor(private readonly wanted?: string) {
    this.search = wanted === undefined || wanted === "" ? undefined : new TextSearch(wanted);
  }

  get text(): string {
    return this.kept.slice(-MAX_CONSOLE_TEXT);
  }

  hear(bytes: Uint8Array): void {
    this.isFound ||= this.search?.endIn(bytes) !== undefined;
    this.kept += this.decoder.decode(bytes, { stream: true });
    if (this.kept.length > 2 * MAX_CONSOLE_TEXT) this.kept = this.text;
  }

  has(text: string | RegExp): boolean {
    return typeof text === "string"
      ? (text === this.wanted && this.isFound) || this.text.includes(text)
      : this.text.search(text) >= 0;
  }

  /** For messages. */
  lastLines(): readonly string[] {
    const lines = this.text.split(/\r?\n/).filter((line) => line.trim() !== "");
    if (lines.length === 0) return ["nothing was printed"];
    return ["printed last:", ...lines.slice(-SHOWN_LINES).map((line) => `  | ${line}`)];
  }
}
