/** The decoder that runs in WebAssembly finds in every encoding what the one in TypeScript finds. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { decoderTable } from "../../../src/machine/engine/decoded/decoder-table.js";
import { decodeFunction } from "../../../src/machine/engine/decoded/decoder.js";
import { handlerOf } from "../../../src/machine/engine/slot-form.js";
import { DECODER_TABLE, DECODER_TABLE_END, HANDLER, SLOT } from "../../../src/machine/engine/layout.js";
import { decode } from "../../../src/machine/isa/decode.js";
import { FORMATS, type Format } from "../../../src/machine/isa/formats.js";
import { INSTRUCTIONS } from "../../../src/machine/isa/instruction-set.js";
import { ModuleBuilder } from "../../../src/machine/wasm/module-builder.js";
import { seededRandom } from "../../support/seeded-random.js";

const SLOT_ADDRESS = DECODER_TABLE_END;

interface Slot {
  readonly handler: number;
  readonly rd?: number;
  readonly rs1?: number;
  readonly rs2?: number;
  readonly immediate?: number;
}

const isWide = (format: Format | undefined): boolean => format === FORMATS.U || format === FORMATS.J;

function decoder(): (raw: number) => Slot {
  const table = decoderTable();
  const module = new ModuleBuilder();
  module.initialData(DECODER_TABLE, table.bytes);
  const index = module.declareFunction({ parameters: ["i32", "i32"], results: [] }, "decode");
  module.defineFunction(index, decodeFunction(table));
  const memory = new WebAssembly.Memory({ initial: 2 });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.build({ initialPages: 2 })), {
    env: { memory },
  });
  const run = instance.exports["decode"] as (slot: number, raw: number) => void;
  const view = new DataView(memory.buffer, SLOT_ADDRESS);
  return (raw) => {
    run(SLOT_ADDRESS, raw);
    const handler = view.getUint16(SLOT.handler, true);
    if (handler === HANDLER.illegal) return { handler };
    const [rd, rs1] = [view.getUint8(SLOT.rd), view.getUint8(SLOT.rs1)];
    return isWide(decode(raw)?.instruction.format)
      ? { handler, rd, rs1, immediate: view.getInt32(SLOT.wideImmediate, true) }
      : { handler, rd, rs1, rs2: view.getUint8(SLOT.rs2), immediate: view.getInt16(SLOT.immediate, true) };
  };
}

function expected(encoding: number): Slot {
  const decoded = decode(encoding);
  if (decoded === undefined) return { handler: HANDLER.illegal };
  const { instruction, bytes, raw, rd, rs1, rs2, imm } = decoded;
  const { format } = instruction;
  const isFloat = format.writesFloat === true;
  const registers = {
    handler: handlerOf(instruction, bytes),
    rd: isFloat ? rd * 8 : ((rd + 31) % 32) * 8,
    rs1: rs1 * 8,
  };
  if (isWide(format)) return { ...registers, immediate: imm };
  const hasImmediate = bytes === 2 || format.immediate.pieces.length > 0;
  return { ...registers, rs2: rs2 * 8, immediate: hasImmediate ? imm : ((raw >>> 12) & 7) | ((raw >>> 27) << 3) };
}

const same = (encodings: Iterable<number>): void => {
  const slotOf = decoder();
  for (const raw of encodings) {
    const [found, wanted] = [JSON.stringify(slotOf(raw)), JSON.stringify(expected(raw))];
    if (found !== wanted) assert.is(found, wanted, `0x${(raw >>> 0).toString(16)}`);
  }
};

test("given each encoding of 16 bits, when it is decoded, then both decoders agree", () => {
  same(Array.from({ length: 1 << 16 }, (_, raw) => raw).filter((raw) => (raw & 3) !== 3));
});

// Red with the sign of one immediate left out, with a row's registers in another order, with f0 as a destination that
// is discarded.
test("given each instruction with random operands, when it is decoded, then both decoders agree", () => {
  const random = seededRandom(20);
  same(
    INSTRUCTIONS.flatMap(({ mask, match }) =>
      Array.from({ length: 300 }, () => (match | (random(2 ** 32) & ~mask)) >>> 0),
    ),
  );
});

test("given any 32 bits, when they are decoded, then both decoders agree, on what is illegal too", () => {
  const random = seededRandom(21);
  same(Array.from({ length: 30_000 }, () => random(2 ** 32) | 3));
});

test.run();
