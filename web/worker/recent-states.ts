/** The moments that were looked at last: what changed since one of them is asked next. */
import type { MachineState } from "../../src/machine/state.js";
import type { PagePosition } from "../protocol.js";

/** Each holds the pages of RAM that only it has. */
export const MAX_RECENT_STATES = 16;

export class RecentStates {
  private readonly states = new Map<string, MachineState>();

  get(position: PagePosition): MachineState | undefined {
    const state = this.states.get(keyOf(position));
    if (state !== undefined) this.add(state);
    return state;
  }

  add(state: MachineState): void {
    const key = keyOf(state.position);
    this.states.delete(key);
    this.states.set(key, state);
    for (const [oldest] of this.states) {
      if (this.states.size <= MAX_RECENT_STATES) return;
      this.states.delete(oldest);
    }
  }
}

const keyOf = ({ seq, icount }: PagePosition): string => `${String(seq)} ${String(icount)}`;
