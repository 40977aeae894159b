/** Answers virtio-rng with the host's random bytes. */
import { randomBytes } from "node:crypto";

import { concatMap, EMPTY, of } from "rxjs";

import type { Backend } from "../backend.js";

export type RandomSource = (length: number) => Uint8Array;

export const entropy =
  (random: RandomSource = (length) => new Uint8Array(randomBytes(length))): Backend =>
  (effects$) =>
    effects$.pipe(
      concatMap((effect) =>
        effect.type === "entropy/requested"
          ? of({ type: "virtioRng/entropyProvided", slot: effect.slot, bytes: random(effect.length) } as const)
          : EMPTY,
      ),
    );
