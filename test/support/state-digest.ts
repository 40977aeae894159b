/**
 * Every byte of a state, the pages of RAM among them, in one digest that nothing of ours but the encoding has a hand
 * in.
 */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

import { canonicalBytes } from "../../src/machine/canonical.js";
import type { MachineState } from "../../src/machine/state.js";

export const bytesDigest = ({ ram, rom, ...rest }: MachineState): string => {
  let checksum = 0;
  for (let index = 0; index < ram.pageCount; index += 1) {
    const page = ram.page(index);
    if (page !== undefined) checksum = crc32(page.bytes, crc32(String(index), checksum));
  }
  const digest = createHash("sha256").update(canonicalBytes(rest)).update(rom.read(0, rom.byteLength));
  return `${digest.digest("hex")} ${checksum.toString(16)}`;
};
