/** gdb's byte code of conditions, an operation after the other. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import {
  AgentExpressionError,
  evaluateAgent,
  type AgentView,
} from "../../../../src/streams/session/gdb/agent-expression.js";
import { bytesOfHex } from "../../../../src/reducers/hex.js";

const view: AgentView = {
  register: (number) => (number === 10 ? 5n : number === 11 ? (1n << 64n) - 3n : undefined),
  memory: (address, bytes) => (address === 0x80002ed8n ? (1n << BigInt(8 * bytes)) - 2n : undefined),
};
const valueOf = (hex: string): bigint => evaluateAgent(bytesOfHex(hex.replace(/ /g, "")), view);

// prettier-ignore
const CASES: readonly (readonly [string, string, bigint])[] = [
  ["$a0 == 5", "26 000a 22 05 13 27", 1n],
  ["$a0 - 7, as signed", "26 000a 22 07 03 16 40 22 00 14 27", 1n],
  ["*(int *) 0x80002ed8, extended", "24 80002ed8 19 16 20 27", (1n << 64n) - 2n],
  ["(unsigned char)", "24 80002ed8 17 2a 08 27", 0xfen],
  ["$a1 / 2 signed", "26 000b 22 02 05 27", (1n << 64n) - 1n],
  ["$a1 / 2 unsigned", "26 000b 22 02 06 27", ((1n << 64n) - 3n) / 2n],
  ["$a1 >> 1 signed", "26 000b 22 01 0a 27", (1n << 64n) - 2n],
  ["1 << 64", "22 01 22 40 09 27", 0n],
  ["!$a0 || 1, by jumps", "26 000a 0e 20 000c 22 00 20 000c 22 01 27 22 02 27", 1n],
  ["~0", "22 00 12 27", (1n << 64n) - 1n],
  ["swap", "22 01 22 02 2b 03 27", 1n],
  ["rot: a b c is c a b", "22 01 22 02 22 03 33 03 03 27", 4n],
  ["pick", "22 01 22 02 32 01 27", 1n],
  ["const16", "23 1234 27", 0x1234n],
  ["const64", "25 ffffffffffffffff 27", (1n << 64n) - 1n],
];

for (const [name, code, value] of CASES) {
  test(`given ${name}, when evaluated, then it is that value`, () => {
    assert.is(valueOf(code), value);
  });
}

for (const [name, code, message] of [
  ["a division by zero", "22 01 22 00 05 27", /divides by zero/],
  ["a register that is not there", "26 00ff 27", /a register/],
  ["memory that is not there", "22 01 1a 27", /memory/],
  ["an empty stack", "02 27", /stack/],
  ["a loop without an end", "21 0000", /steps/],
  ["code that breaks off", "25 00", /breaks off/],
  ["code without an end", "22 01", /breaks off/],
  ["a stack that grows", "22 01 28 21 0002", /too deep/],
  ["an unknown code", "7f", /0x7f/],
] as const) {
  test(`given ${name}, when evaluated, then it says so`, () => {
    assert.throws(
      () => valueOf(code),
      (fault: unknown) => fault instanceof AgentExpressionError && message.test(fault.message),
    );
  });
}

test.run();
