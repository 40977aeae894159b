/** Who hears what the devices ask of the world: as it arises, within a run or an event, in the order in which they began to listen. */
import type { Effect } from "../reducers/effect.js";

export type EffectListener = (effect: Effect) => void;

export class EffectListeners {
  private all: readonly EffectListener[] = [];

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

  tell(effect: Effect): void {
    for (const listener of this.all) listener(effect);
  }
}
