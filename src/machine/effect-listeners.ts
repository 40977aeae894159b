/** Who hears what the devices ask of the world: as it arises, within a run or an event, in the order in which they began to listen. */
import type { Effect } from "../reducers/effect.js";

export type EffectListener = (effect: Effect) => void;

export class EffectListeners {
  private all: readonly EffectListener[] = [];
  private isSilent = false;

  /** Returns what ends it. */
  add(listener: EffectListener): () => void {
    const added: EffectListener = (effect) => {
      listener(effect);
    };
    this.all = [...this.all, added];
    return () => {
      this.all = this.all.filter((one) => one !== added);
    };
  }

  /** Nobody hears of what arises meanwhile. */
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
