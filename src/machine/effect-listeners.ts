/**
 * The listeners for the devices' effects. They are called as an effect arises, within a run or an event, in the order
 * of `add`.
 */
import type { Effect } from "../reducers/effect.js";

export type EffectListener = (effect: Effect) => void;

export class EffectListeners {
  private all: readonly EffectListener[] = [];
  private isSilent = false;

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

  /** Runs `work` while no listener is called. */
  silently<T>(work: () => T): T {
    this.isSilent = true;
    try {
      return work();
    } finally {
      this.isSilent = false;
    }
  }

  tell(effect: Effect): void {
    if (this.isSilent) return;
    for (const listener of this.all) listener(effect);
  }
}
