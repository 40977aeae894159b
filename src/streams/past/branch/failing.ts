/** What makes a future one that fails. */
import type { Machine } from "../../../machine/machine.js";
import type { MachineState } from "../../../machine/state.js";
import type { Effect } from "../../../reducers/effect.js";
import { value } from "../../../options/codecs.js";
import { TextSearch } from "../../time/text-search.js";
import type { BranchEnd } from "./branch-end.js";

/** A branch at its end, as a function judges it. */
export interface Judged extends BranchEnd {
  readonly state: MachineState;
}

/** A text that the guest prints, a pattern in all that it printed, its exit code, or what a function says of it. */
export type Failing = string | RegExp | number | ((end: Judged) => boolean);

export const FAILING = value(
  "a text, a RegExp, an exit code, or a function",
  (given) =>
    (typeof given === "string" && given !== "") ||
    given instanceof RegExp ||
    Number.isSafeInteger(given) ||
    typeof given === "function",
);

/** Watches a run for its failure, from where it stands or was watched before. */
export class FailureWatch {
  private readonly search: TextSearch | undefined;
  /** It has failed already, whatever it does yet. */
  isCertain = false;

  /** `output`: what was printed before, a character a byte. */
  constructor(
    private readonly fails: Failing | undefined,
    output = "",
  ) {
    this.search = typeof fails === "string" ? new TextSearch(fails) : undefined;
    this.look(Uint8Array.from(output, (letter) => letter.charCodeAt(0)));
  }

  hear(effect: Effect): void {
    if (effect.type === "console/transmitted") this.look(effect.bytes);
  }

  private look(bytes: Uint8Array): void {
    if (!this.isCertain && this.search?.endIn(bytes) !== undefined) this.isCertain = true;
  }

  /** Of the machine at its end. */
  hasFailed(machine: Machine, end: BranchEnd): boolean {
    const { fails } = this;
    if (this.isCertain) return true;
    switch (typeof fails) {
      case "undefined":
        return end.guestCode !== null && end.guestCode !== 0;
      case "string":
        return false;
      case "number":
        return end.guestCode === fails;
      case "function":
        return fails({ ...end, state: machine.state() });
      default:
        return end.console.search(fails) >= 0;
    }
  }
}
