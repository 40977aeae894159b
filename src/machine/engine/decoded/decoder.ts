/** Decodes instructions into slots, in the form that the interpreter's loop reads. */
import { ones, type Immediate } from "../../isa/bit-fields.js";
import { BUCKET } from "../../isa/encodings.js";
import { Assembler, type Label } from "../../wasm/assembler.js";
import { countUp } from "../counters.js";
import { REGISTER, ROW, ROW_BYTES, type DecoderTable } from "./decoder-table.js";
import {
  CODE_PAGE_BYTES,
  DECODER_TABLE,
  HANDLER,
  PAGE_BYTES,
  PAGE_SHIFT,
  SCRATCH_RAW,
  SCRATCH_SLOT,
  SLOT,
  SLOT_SHIFT,
  type Layout,
} from "../layout.js";
import { ifProbed } from "../probe-calls.js";
import type { ProbeFunctions } from "../probe-imports.js";
import { switchOn, type Case } from "../expressions/switch-on.js";
import { Words, type Word } from "../expressions/words.js";

/** Registers have 8 bytes. */
const REGISTER_SHIFT = 3;

/** (slot: i32, raw: i32). Only the lower 16 bits of a compressed encoding count. */
export function decodeFunction({ immediates }: DecoderTable): Assembler {
  const asm = new Assembler(["i32", "i32"]);
  const w = new Words(asm);
  const slot = w.parameter(0);
  const raw = w.parameter(1);
  const row = w.variable();
  const immediate = w.variable();
  const field = (offset: number): Word => w.load("i32.load8_u", row, offset);
  const findBucket = (bytes: 2 | 4): void => {
    const { number, base } = BUCKET[bytes];
    const bucket = w.shl(extracted(w, raw, number), w.i32(1));
    row.set(w.load("i32.load16_u", bucket, DECODER_TABLE + base * 2));
  };
  /** A register as its offset in its file. */
  const registerOffset = (operand: number): Word => {
    const bits = w.and(w.shrU(raw, field(operand + REGISTER.from)), field(operand + REGISTER.mask));
    return w.shl(w.add(bits, field(operand + REGISTER.base)), w.i32(REGISTER_SHIFT));
  };

  ifCompressed(
    w,
    raw,
    () => {
      raw.set(w.and(raw, w.i32(0xffff)));
      findBucket(2);
    },
    () => {
      findBucket(4);
    },
  );
  // The last row of a bucket matches all.
  const matches = w.eq(w.and(raw, w.load("i32.load", row, ROW.mask)), w.load("i32.load", row, ROW.match));
  asm.block((found) => {
    asm.loop((next) => {
      matches();
      asm.brIf(found);
      row.set(w.add(row, w.i32(ROW_BYTES)));
      asm.br(next);
    });
  });

  w.store("i32.store16", slot, SLOT.handler, w.load("i32.load16_u", row, ROW.handler));
  w.store("i32.store8", slot, SLOT.rd, registerOffset(ROW.rd));
  w.store("i32.store8", slot, SLOT.rs1, registerOffset(ROW.rs1));
  immediate.set(() => {
    chooseImmediate(w, field(ROW.immediate), raw, immediates);
  });
  const narrow = w.or(w.shl(immediate, w.i32(8 * (SLOT.immediate - SLOT.rs2))), registerOffset(ROW.rs2));
  w.store("i32.store", slot, SLOT.wideImmediate, w.select(field(ROW.isWide), immediate, narrow));
  return asm;
}

/** Leaves the immediate with this number. */
function chooseImmediate(w: Words, number: Word, raw: Word, immediates: readonly Immediate[]): void {
  const { asm } = w;
  const cases = (done: Label): readonly Case[] =>
    immediates.map((immediate, index) => [
      [index],
      () => {
        extracted(w, raw, immediate)();
        asm.br(done);
      },
    ]);
  asm.block((done) => {
    switchOn(asm, number, cases(done), () => {
      asm.op("unreachable");
    });
  }, "i32");
}

/** (slot: i32) -> i32: the address in this memory of the instruction of this slot of a code page. */
export function slotHostFunction({ codePool, codeOwners, ram }: Layout): Assembler {
  const asm = new Assembler(["i32"]);
  const w = new Words(asm);
  const offset = w.variable();
  const codePage = w.variable();
  codePage.set(w.divU(offset.tee(w.sub(w.parameter(0), w.i32(codePool))), w.i32(CODE_PAGE_BYTES)));
  const inPage = w.shrU(w.sub(offset, w.mul(codePage, w.i32(CODE_PAGE_BYTES))), w.i32(SLOT_SHIFT));
  // Owners are numbered from 1.
  const page = w.sub(w.load("i32.load", w.index(codePage), codeOwners), w.i32(1));
  w.add(w.add(w.shl(page, w.i32(PAGE_SHIFT)), inPage), w.i32(ram))();
  return asm;
}

/** (slot: i32) -> i64: the encoding that this slot was decoded from. A store to it would have voided the slot. */
export function encodingOfSlotFunction(slotHost: number): Assembler {
  const asm = new Assembler(["i32"]);
  const w = new Words(asm);
  const slot = w.parameter(0);
  const raw = w.variable();
  const host = w.result(slotHost, slot);
  w.when(
    w.eq(slot, w.i32(SCRATCH_SLOT)),
    () => {
      raw.set(w.load("i32.load", w.i32(0), SCRATCH_RAW));
    },
    () => {
      raw.set(w.load("i32.load", host));
    },
  );
  const isWhole = w.eq(w.and(raw, w.i32(3)), w.i32(3));
  w.zeroExtend(w.select(isWhole, raw, w.and(raw, w.i32(0xffff))))();
  return asm;
}

/** (slot: i32): decodes the instruction of this slot of a code page. */
export function decodeSlotFunction(
  layout: Layout,
  { slotHost, decode }: { readonly slotHost: number; readonly decode: number },
  probes?: ProbeFunctions,
): Assembler {
  const asm = new Assembler(["i32"]);
  const w = new Words(asm);
  const slot = w.parameter(0);
  const host = w.variable();
  const raw = w.variable();
  countUp(w, "decoded");
  raw.set(w.load("i32.load16_u", host.tee(w.result(slotHost, slot))));
  ifCompressed(
    w,
    raw,
    () => undefined,
    () => {
      // The second half lies in another page, so the decoded instruction must not be kept.
      const inPage = w.and(w.sub(host, w.i32(layout.ram)), w.i32(PAGE_BYTES - 1));
      w.when(w.eq(inPage, w.i32(PAGE_BYTES - 2)), () => {
        w.store("i32.store16", slot, SLOT.handler, w.i32(HANDLER.straddling));
        w.return();
      });
      raw.set(w.load("i32.load", host));
    },
  );
  w.call(decode, slot, raw);
  if (probes !== undefined) {
    const tell = (): void => {
      w.call(probes.probeDecoded, slot);
    };
    ifProbed(w, layout, host, tell, "probesEncodings");
  }
  return asm;
}

function ifCompressed(w: Words, raw: Word, then: () => void, otherwise: () => void): void {
  w.when(w.ne(w.and(raw, w.i32(3)), w.i32(3)), then, otherwise);
}

/** What `immediateOf` returns. */
function extracted(w: Words, raw: Word, { pieces, bits }: Immediate): Word {
  let value = w.i32(0);
  for (const [from, width, to] of pieces) {
    const shifted = from > to ? w.shrU(raw, w.i32(from - to)) : w.shl(raw, w.i32(to - from));
    value = w.or(value, w.and(shifted, w.i32(ones(width) << to)));
  }
  const unused = w.i32(32 - bits);
  return bits === 32 ? value : w.shrS(w.shl(value, unused), unused);
}
