/** Answers virtio-rng with the host's random bytes. */
import { check } from "../../../options/check.js";
import { call, exactly } from "../../../options/codecs.js";
import { concatMap, EMPTY, of } from "rxjs";

import { answering } from "../answers.js";
import type { Backend } from "../backend.js";

export type RandomSource = (length: number) => Uint8Array;

const SOURCE = exactly<{ readonly random: RandomSource }>({ random: call });

export const entropy = (random: RandomSource = hostRandom): Backend => {
  check("entropy", SOURCE, { random });
  return answering(["entropy/requested"], (effects$) =>
    effects$.pipe(
      concatMap((effect) =>
        effect.type === "entropy/requested"
          ? of({ type: "virtioRng/entropyProvided", slot: effect.slot, bytes: random(effect.length) } as const)
          : EMPTY,
      ),
    ),
  );
};

/** Web Crypto gives this much at a time. */
const MAX_RANDOM_BYTES = 65_536;

function hostRandom(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += MAX_RANDOM_BYTES)
    crypto.getRandomValues(bytes.subarray(at, at + MAX_RANDOM_BYTES));
  return bytes;
}
