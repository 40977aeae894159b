/**
 * Engines whose machines are over. The next machine of the same guest in this process gets one: much of its memory is
 * there, and so is the code that was compiled for it.
 */
import type { Bus, EngineFactory, EngineOptions } from "./engine/engine.js";
import { RamImage } from "./ram-image.js";
import type { Ram } from "./ram.js";

/** The one that has waited longest goes first. */
export const MAX_IDLE_ENGINES = 6;
/** The RAM of the guests in all of them. */
export const MAX_IDLE_BYTES = 2 ** 30;

/** What engines must have in common to take each other's place. */
export interface EngineKind {
  readonly factory: EngineFactory;
  readonly ramBytes: number;
  readonly harts: number;
  readonly isProbed: boolean;
}

interface Idle {
  readonly kind: EngineKind;
  readonly image: RamImage;
}

export class IdleEngines {
  private idle: readonly Idle[] = [];

  /** One that has decoded some of the code that is in `ram`, of all that wait the one with the most; or a new one. */
  lend(kind: EngineKind, bus: Bus, options: EngineOptions, ram: Ram): RamImage {
    const found = this.best(kind, ram);
    if (found === undefined) return new RamImage(kind.factory(bus, options));
    this.idle = this.idle.filter((one) => one !== found);
    found.image.engine.attach?.(bus, options.probed);
    return found.image;
  }

  /** Nobody else uses it any more. */
  takeBack(kind: EngineKind, image: RamImage): void {
    if (image.engine.attach === undefined) return;
    if (kind.isProbed) image.engine.watch({});
    const waiting = [...this.idle, { kind, image }].slice(-MAX_IDLE_ENGINES);
    while (bytesOf(waiting) > MAX_IDLE_BYTES) waiting.shift();
    this.idle = waiting;
  }

  get count(): number {
    return this.idle.length;
  }

  private best(kind: EngineKind, ram: Ram): Idle | undefined {
    let [best, most]: [Idle | undefined, number] = [undefined, 0];
    for (const one of this.idle) {
      if (!isSame(one.kind, kind)) continue;
      const pages = one.image.codeIn(ram);
      if (pages >= most && pages > 0) [best, most] = [one, pages];
    }
    return best;
  }
}

const isSame = (a: EngineKind, b: EngineKind): boolean =>
  a.factory === b.factory && a.ramBytes === b.ramBytes && a.harts === b.harts && a.isProbed === b.isProbed;

const bytesOf = (all: readonly Idle[]): number => all.reduce((sum, { kind }) => sum + kind.ramBytes, 0);
