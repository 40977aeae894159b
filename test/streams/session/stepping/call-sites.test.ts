// The calls in a function's code, and where they go.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { DRAM_BASE } from "../../../../src/machine/memory-map.js";
import {
  callBefore,
  calledFrom,
  callSitesOf,
  MAX_CODE_BYTES,
} from "../../../../src/streams/session/stepping/call-sites.js";
import { openMachine } from "../../../../src/streams/session/machine-options.js";
import { demoOptions } from "../../../support/demo-guest.js";

const BASE = BigInt(DRAM_BASE);
const { machine } = openMachine(demoOptions);

/** A state with this code in memory, and zeros behind it. */
const stateOf = (code: readonly number[], at = 0) => {
  const state = machine.state();
  const memory = new Uint8Array(MAX_CODE_BYTES + 64);
  new Uint8Array(memory.buffer).set(Uint8Array.from(code.flatMap((word) => [word & 255, (word >>> 8) & 255])), at);
  const ram = { byteLength: memory.length, read: (from: number, bytes: number) => memory.slice(from, from + bytes) };
  const [hart] = state.harts;
  const x = Array.from({ length: 32 }, (_, index) => (index === 15 ? 0x1234n : 0n));
  return { ...state, ram, harts: [{ ...hart!, x, fields: { ...hart!.fields, privilege: 3n } }] };
};
const codeOf = (bytes: number) => ({
  entry: BASE,
  ranges: [{ start: BASE, end: BASE + BigInt(bytes) }],
  lineBegins: [],
});

// addi sp,sp,-16; jal ra,+0x100; auipc ra,1; jalr ra,8(ra); c.jalr a5; jal x0,+4 (no call); ret
const CODE = [0x1141, 0x00ef, 0x1000, 0x1097, 0x0000, 0x80e7, 0x0080, 0x9782, 0x006f, 0x0040, 0x8082];

test("given code, then its calls are found, with what they call where the code says so", () => {
  const at = stateOf(CODE);
  const sites = callSitesOf(codeOf(CODE.length * 2), at);
  assert.equal(sites, [
    { address: BASE + 2n, target: BASE + 0x102n },
    { address: BASE + 10n, target: BASE + 6n + 0x1008n },
    { address: BASE + 14n, target: undefined },
  ]);
  assert.is(calledFrom(sites[2]!, at, 0), 0x1234n);
});

test("given where a call returns to, then the call is before it", () => {
  const at = stateOf(CODE);
  assert.is(callBefore(BASE + 6n, at), BASE + 2n);
  assert.is(callBefore(BASE + 16n, at), BASE + 14n);
  assert.is(callBefore(BASE + 2n, at), undefined);
  assert.is(callBefore(0n, at), undefined);
});

test("given a function that is larger than any, then calls far behind its beginning are not looked for", () => {
  const far = MAX_CODE_BYTES - 2;
  const near = callSitesOf(codeOf(1 << 30), stateOf([0x9782], far));
  assert.equal(near, [{ address: BASE + BigInt(far), target: undefined }]);
  assert.equal(callSitesOf(codeOf(1 << 30), stateOf([0x9782], far + 2)), []);
});

test.run();
