/**
 * The listeners for the devices' effects. They are called as an effect arises, within a run or an event, in the order
 * of `add`.
 */
import type { Effect } from "../reducers/effect.js";

export type EffectListener = (effect: Effect) => void;

export class EffectListeners {
  private all: readonly EffectListener[] = [];
  private silent = false;

  /** Returns a function that removes the listener. */
  add(listener: EffectListener): () => void {
    const added: EffectListener = (effect) => {
      listener(effect);
    };
    this.all = [...this.all, added];
    return () => {
      this.all = this.all.filter((one) => one !== added);
    };
  }

  /** Whether nothing is told now. */
  get isSilent(): boolean {
    return this.silent;
  }

  /** Runs `work` while no listener is called. */
  silently<T>(work: () => T): T {
    this.silent = true;
    try {
      return work();
    } finally {
      this.silent = false;
    }
  }

  tell(effect: Effect): void {
    if (this.silent) return;
    for (const listener of this.all) listener(effect);
  }
}
