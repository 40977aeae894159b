/** What a client was given a number for, until the machine moves. */
import { DapError } from "../dap-error.js";
import type { Parts, View } from "./shown.js";

/** The oldest is forgotten: whoever opens everything again and again asks for it anew. */
export const MAX_PARTS_SHOWN = 65_536;

export interface Opened {
  readonly parts: Parts;
  readonly view: View;
}

export class PartsShown {
  private readonly shown = new Map<number, Opened>();
  private last = 0;

  /** A number from 1 on, which no other had. */
  add(opened: Opened): number {
    this.last += 1;
    this.shown.set(this.last, opened);
    const [oldest] = this.shown.keys();
    if (this.shown.size > MAX_PARTS_SHOWN && oldest !== undefined) this.shown.delete(oldest);
    return this.last;
  }

  /** @throws {DapError} */
  get(reference: number): Opened {
    const opened = this.shown.get(reference);
    if (opened !== undefined) return opened;
    throw new DapError(
      "NO_SUCH_REFERENCE",
      `there is no variablesReference ${String(reference)} where the machine stands: ask for scopes`,
    );
  }

  reset(): void {
    this.shown.clear();
  }
}
