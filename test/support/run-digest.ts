/** What a recorded run and its replay are compared by. */
import { createHash } from "node:crypto";

import type { Machine } from "../../src/machine/machine.js";

export interface RunDigest {
  /** seq, icount and state hash of each checkpoint. */
  readonly hashes: readonly (readonly [seq: number, icount: number, hash: string])[];
  readonly end: readonly [seq: number, icount: number, hash: string];
  readonly consoleBytes: number;
  readonly consoleSha256: string;
}

export const digestOf = (machine: Machine, hashes: RunDigest["hashes"], console: Uint8Array): RunDigest => ({
  hashes,
  end: [machine.position.seq, machine.position.icount, machine.hash().toString(16)],
  consoleBytes: console.length,
  consoleSha256: createHash("sha256").update(console).digest("hex"),
});
