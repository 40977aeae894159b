import { test } from "uvu";
import * as assert from "uvu/assert";

import { PAGE_BYTES } from "../../../src/machine/engine/layout.js";
import type { ExecutedPage } from "../../../src/machine/engine/compiled/executed-code.js";
import { findBlocks, MAX_INSTRUCTIONS, type Block } from "../../../src/machine/engine/regions/control-flow-graph.js";
import { Program } from "../../support/assemble.js";

/** The blocks of so many instructions in a row, the last of which jumps to itself. */
const blocksOf = (length: number): readonly Block[] => {
  const program = new Program();
  for (let index = 1; index < length; index += 1) program.i("addi", { rd: 1, rs1: 1, imm: 1 });
  const bytes = program.i("jal", { imm: 0 }).bytes();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pages = (distance: number): ExecutedPage => ({
    wasExecuted: () => true,
    rawAt: (offset) => view.getInt32(distance * PAGE_BYTES + offset, true),
  });
  return [...findBlocks(pages, [0]).values()];
};

const instructionsOf = (blocks: readonly Block[]): number =>
  blocks.reduce((sum, { instructions }) => sum + instructions.length, 0);

test("given as many instructions as a region may have, then it has them; with one more, then it is left before that", () => {
  const whole = blocksOf(MAX_INSTRUCTIONS);
  assert.is(instructionsOf(whole), MAX_INSTRUCTIONS);
  assert.is(whole.at(-1)?.end.kind, "jump");
  const beyond = blocksOf(MAX_INSTRUCTIONS + 1);
  assert.is(instructionsOf(beyond), MAX_INSTRUCTIONS);
  assert.equal(beyond.at(-1)?.end, { kind: "leave", offset: 4 * MAX_INSTRUCTIONS });
});

test.run();
