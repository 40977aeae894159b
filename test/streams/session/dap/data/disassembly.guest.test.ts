/** Instructions around any address, forward and back, against objdump on the same program. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { seenBy } from "../../../../../src/machine/inspect.js";
import { instructionsAround } from "../../../../../src/streams/session/dap/data/disassembly.js";
import { openRecording } from "../../../../../src/streams/session/open-recording.js";
import { binutils } from "../../../../support/built-names.js";
import { DEMO_ELF } from "../../../../support/demo-guest.js";
import { requires } from "../../../../support/requires.js";
import { freshSeed, seededRandom } from "../../../../support/seeded-random.js";

const WINDOWS = 300;

interface Line {
  readonly address: bigint;
  readonly encoding: string;
  /** Where a branch or a jump goes. */
  readonly target: bigint | undefined;
  readonly symbol: string;
}

/** `80000010:  0040006f  j 80000014 <main+0x4>`. */
const INSTRUCTION = /^ *([0-9a-f]+):\t([0-9a-f]+) +\t(\S+)(?:\t(.*))?$/;

/** Of two names of one address it takes the other. */
function objdump(path: string): readonly Line[] {
  let symbol = "";
  let start = 0n;
  return binutils("objdump", "-d", path)
    .split("\n")
    .flatMap((line) => {
      const [, begins, name] = /^([0-9a-f]+) <(.*)>:$/.exec(line) ?? [];
      if (begins !== undefined && name !== undefined)
        [start, symbol] = [BigInt(`0x${begins}`), name.replace("__image_start", "_start")];
      const [, at, encoding = "", mnemonic = "", operands = ""] = INSTRUCTION.exec(line) ?? [];
      if (at === undefined) return [];
      const address = BigInt(`0x${at}`);
      const [, goesTo] = /^(?:j|jal|b\w+)$/.test(mnemonic) ? (/(?:^|,)([0-9a-f]+) </.exec(operands) ?? []) : [];
      const offset = address - start;
      return [
        {
          ...{ address, encoding },
          target: goesTo === undefined ? undefined : BigInt(`0x${goesTo}`),
          symbol: offset === 0n ? symbol : `${symbol}+0x${offset.toString(16)}`,
        },
      ];
    });
}

if (requires("instructions are objdump's", ["riscv64-unknown-elf-objdump"])) {
  const seed = freshSeed();

  test(`given any instruction (FOLDVM_SEED=${String(seed)}), when those around it are asked for, then they are objdump's`, () => {
    const recording = openRecording("logs/race-fails.fold");
    const at = seenBy(recording.at(1_000_000), 0);
    const lines = objdump(DEMO_ELF);
    const random = seededRandom(seed);
    let targets = 0;
    for (let window = 0; window < WINDOWS; window += 1) {
      const index = random(lines.length);
      const offset = -Math.min(index, random(60)) + random(10);
      const count = Math.min(random(40), lines.length - index - offset);
      const { address } = lines[index]!;
      const shown = instructionsAround(at, recording.names, { address, offset, count });
      const expected = lines.slice(index + offset, index + offset + count);
      const where = `${String(offset)} from 0x${address.toString(16)}, ${String(count)} instructions`;
      assert.equal(
        shown.map((one) => [
          one.address,
          Buffer.from(one.bytes ?? [])
            .reverse()
            .toString("hex"),
          one.symbol,
        ]),
        expected.map((one) => [one.address, one.encoding, one.symbol]),
        where,
      );
      for (const [place, { target }] of expected.entries()) {
        if (target === undefined) continue;
        targets += 1;
        assert.match(shown[place]?.text ?? "", new RegExp(` 0x${target.toString(16)}\\b`), where);
      }
    }
    assert.ok(targets > WINDOWS, `only ${String(targets)} jumps were compared`);
    recording.close();
  });
}

test.run();
