/** On a terminal, says that images are being hashed where that takes long. */
import { Subscription } from "rxjs";

import { hashing$ } from "../host/disks/image-digest.js";
import type { Stdio } from "../host/stdio.js";

const SHOWN_AFTER_MS = 300;
const SHOWN_EVERY_MS = 100;

export function showHashing({ stderr }: Pick<Stdio, "stderr">, nowMs = (): number => performance.now()): Subscription {
  if (stderr.isTTY !== true) return Subscription.EMPTY;
  let nextMs: number | undefined;
  let isShown = false;
  return hashing$.subscribe(({ path, doneBytes, totalBytes }) => {
    nextMs ??= nowMs() + SHOWN_AFTER_MS;
    if (doneBytes === totalBytes) {
      if (isShown) stderr.write("\r\x1b[K");
      isShown = false;
      nextMs = undefined;
    } else if (nowMs() >= nextMs) {
      nextMs = nowMs() + SHOWN_EVERY_MS;
      isShown = true;
      stderr.write(
        `\r\x1b[Kfoldvm: reading ${path} once, for its digest: ${((100 * doneBytes) / totalBytes).toFixed(0)} %`,
      );
    }
  });
}
