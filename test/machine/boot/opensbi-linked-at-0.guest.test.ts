/**
 * OpenSBI as its builds since 1.4 are: position-independent, linked at address 0. It relocates itself once more as it
 * starts.
 */
import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { bootSymbols } from "../../../src/machine/boot/boot-symbols.js";
import { initialState } from "../../../src/machine/initial-state.js";
import { Machine } from "../../../src/machine/machine.js";
import { rebased } from "../../support/rebased-elf.js";
import { requires } from "../../support/requires.js";

const FW_JUMP = "/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.elf";
const LINKED_AT = 0x8000_0000n;
const MEMORY_BYTES = 2 ** 27;

/** Debian's, linked for 0: besides what loaders know, its code holds the address that it was linked for, once. */
function linkedAt0(): Uint8Array {
  const file = readFileSync(FW_JUMP);
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const code = Array.from({ length: Math.floor(file.length / 8) - 64 }, (_, index) => 512 + index * 8);
  const link = code.filter((offset) => view.getBigUint64(offset, true) === LINKED_AT);
  return rebased(file, -LINKED_AT, link.slice(0, 1));
}

if (requires("OpenSBI linked at address 0", ["opensbi"])) {
  test("given OpenSBI linked at 0, when it is the bios, then it runs from the start of RAM, in any memory", () => {
    const config = { memoryBytes: MEMORY_BYTES, harts: 1, shift: 0, append: null, rngSeed: "", virtio: [] };
    let output = "";
    const machine = new Machine(initialState(config, { bios: linkedAt0() }));
    machine.listen((effect) => {
      if (effect.type === "console/transmitted") output += String.fromCharCode(...effect.bytes);
    });
    while (machine.run(10_000_000) === "due") {
      const due = machine.due();
      assert.ok(due);
      machine.apply(due);
    }
    assert.match(output, /OpenSBI v1/);
    assert.match(output, /Firmware Base +: 0x80000000/);
  });

  test("given it, when its symbols are read, then they are where it was placed", () => {
    const memoryBytes = MEMORY_BYTES;
    assert.equal(
      bootSymbols({ memoryBytes, bios: linkedAt0() }),
      bootSymbols({ memoryBytes, bios: readFileSync(FW_JUMP) }),
    );
  });
}

test.run();
