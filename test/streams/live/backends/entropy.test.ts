import { NEVER, of } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import type { MachineEvent } from "../../../../src/reducers/events.js";
import { entropy } from "../../../../src/streams/live/backends/entropy.js";

/** What the host answers to a request for so many bytes. */
const answered = (length: number): Uint8Array => {
  const events: MachineEvent[] = [];
  entropy()(of({ type: "entropy/requested", slot: 2, length } as const), NEVER).subscribe((event) =>
    events.push(event),
  );
  const [event] = events;
  if (event?.type !== "virtioRng/entropyProvided") throw new Error(`${String(event?.type)} is no entropy`);
  return event.bytes;
};

/** Web Crypto refuses to give more at once. */
const AT_ONCE = 65_536;

for (const length of [AT_ONCE, AT_ONCE + 1, 3 * AT_ONCE + 16]) {
  test(`given a request for ${String(length)} random bytes, when it is answered, then all of them are random`, () => {
    assert.is(answered(length).length, length);
    const lastBytes = Array.from({ length: 16 }, () => answered(length).at(-1));
    assert.ok(
      lastBytes.some((byte) => byte !== 0),
      "the last byte of 16 answers is zero",
    );
  });
}

test.run();
