/** Decodes instructions into slots, in the form that the interpreter's loop reads. */
import { ones, type Immediate } from "../isa/bit-fields.js";
import { BUCKET } from "../isa/encodings.js";
import { Assembler, type Local } from "../wasm/assembler.js";
import { countUp } from "./counters.js";
import { REGISTER, ROW, ROW_BYTES, type DecoderTable } from "./decoder-table.js";
import {
  CODE_PAGE_BYTES,
  DECODER_TABLE,
  HANDLER,
  PAGE_BYTES,
  PAGE_SHIFT,
  SLOT,
  SLOT_SHIFT,
  X_BASE,
  type Layout,
} from "./layout.js";
import { ifProbed } from "./probe-calls.js";
import type { ProbeFunctions } from "./probe-imports.js";
import { switchOn } from "./switch-on.js";

/** (slot: i32, raw: i32). Only the lower 16 bits of a compressed encoding count. */
export function decodeFunction({ immediates }: DecoderTable): Assembler {
  const asm = new Assembler(["i32", "i32"]);
  const slot = asm.parameter(0);
  const raw = asm.parameter(1);
  const row = asm.local("i32");
  const register = asm.local("i32");
  const rowByte = (offset: number): void => {
    asm.get(row);
    asm.memory("i32.load8_u", offset);
  };
  const findBucket = (bytes: 2 | 4): void => {
    const { number, base } = BUCKET[bytes];
    extractImmediate(asm, raw, number);
    asm.i32(1);
    asm.op("i32.shl");
    asm.memory("i32.load16_u", DECODER_TABLE + base * 2);
    asm.set(row);
  };
  /** Leaves a register's number. */
  const extractRegister = (field: number): void => {
    asm.get(raw);
    rowByte(field + REGISTER.from);
    asm.op("i32.shr_u");
    rowByte(field + REGISTER.mask);
    asm.op("i32.and");
    rowByte(field + REGISTER.base);
    asm.op("i32.add");
  };
  const addressOf = (): void => {
    asm.i32(3);
    asm.op("i32.shl");
    asm.i32(X_BASE);
    asm.op("i32.add");
  };

  ifCompressed(
    asm,
    raw,
    () => {
      asm.get(raw);
      asm.i32(0xffff);
      asm.op("i32.and");
      asm.set(raw);
      findBucket(2);
    },
    () => {
      findBucket(4);
    },
  );
  asm.block((found) => {
    asm.loop((next) => {
      asm.get(raw);
      asm.get(row);
      asm.memory("i32.load", ROW.mask);
      asm.op("i32.and");
      asm.get(row);
      asm.memory("i32.load", ROW.match);
      asm.op("i32.eq");
      asm.brIf(found);
      asm.get(row);
      asm.i32(ROW_BYTES);
      asm.op("i32.add");
      asm.set(row);
      asm.br(next);
    });
  });

  asm.get(slot);
  asm.get(raw);
  asm.memory("i32.store", SLOT.raw);
  asm.get(slot);
  asm.get(row);
  asm.memory("i32.load16_u", ROW.handler);
  asm.memory("i32.store16", SLOT.handler);
  for (const operand of ["rs1", "rs2"] as const) {
    asm.get(slot);
    extractRegister(ROW[operand]);
    addressOf();
    asm.memory("i32.store16", SLOT[operand]);
  }
  extractRegister(ROW.rd);
  asm.set(register);
  asm.get(slot);
  asm.get(register);
  addressOf();
  asm.get(row);
  asm.memory("i32.load16_u", ROW.zeroRd);
  asm.get(register);
  asm.op("select");
  asm.memory("i32.store16", SLOT.rd);
  asm.get(slot);
  asm.block((done) => {
    switchOn(
      asm,
      () => {
        rowByte(ROW.immediate);
      },
      immediates.map((immediate, number) => [
        [number],
        () => {
          extractImmediate(asm, raw, immediate);
          asm.br(done);
        },
      ]),
      () => {
        asm.op("unreachable");
      },
    );
  }, "i32");
  asm.memory("i32.store", SLOT.immediate);
  return asm;
}

/** (slot: i32): decodes the instruction of this slot of a code page. */
export function decodeSlotFunction(layout: Layout, decode: number, probes?: ProbeFunctions): Assembler {
  const { codePool, codeOwners, ram } = layout;
  const asm = new Assembler(["i32"]);
  const slot = asm.parameter(0);
  const codePage = asm.local("i32");
  const offset = asm.local("i32");
  const host = asm.local("i32");
  const raw = asm.local("i32");
  countUp(asm, "decoded");
  asm.get(slot);
  asm.i32(codePool);
  asm.op("i32.sub");
  asm.tee(offset);
  asm.i32(CODE_PAGE_BYTES);
  asm.op("i32.div_u");
  asm.set(codePage);
  asm.get(offset);
  asm.get(codePage);
  asm.i32(CODE_PAGE_BYTES);
  asm.op("i32.mul");
  asm.op("i32.sub");
  asm.i32(SLOT_SHIFT);
  asm.op("i32.shr_u");
  asm.set(offset);
  // Owners are numbered from 1.
  asm.get(codePage);
  asm.i32(2);
  asm.op("i32.shl");
  asm.memory("i32.load", codeOwners);
  asm.i32(1);
  asm.op("i32.sub");
  asm.i32(PAGE_SHIFT);
  asm.op("i32.shl");
  asm.get(offset);
  asm.op("i32.add");
  asm.tee(host);
  asm.memory("i32.load16_u", ram);
  asm.set(raw);
  ifCompressed(
    asm,
    raw,
    () => undefined,
    () => {
      // The second half lies in another page, so the decoded instruction must not be kept.
      asm.get(offset);
      asm.i32(PAGE_BYTES - 2);
      asm.op("i32.eq");
      asm.if(() => {
        asm.get(slot);
        asm.i32(HANDLER.straddling);
        asm.memory("i32.store16", SLOT.handler);
        asm.op("return");
      });
      asm.get(host);
      asm.memory("i32.load16_u", ram + 2);
      asm.i32(16);
      asm.op("i32.shl");
      asm.get(raw);
      asm.op("i32.or");
      asm.set(raw);
    },
  );
  asm.get(slot);
  asm.get(raw);
  asm.call(decode);
  if (probes !== undefined) {
    asm.get(host);
    asm.i32(ram);
    asm.op("i32.add");
    asm.set(host);
    const tell = (): void => {
      asm.get(slot);
      asm.call(probes.probeDecoded);
    };
    ifProbed(asm, layout, host, tell, "probesEncodings");
  }
  return asm;
}

function ifCompressed(asm: Assembler, raw: Local, then: () => void, otherwise: () => void): void {
  asm.get(raw);
  asm.i32(3);
  asm.op("i32.and");
  asm.i32(3);
  asm.op("i32.ne");
  asm.if(then, otherwise);
}

/** Leaves what `immediateOf` returns. */
function extractImmediate(asm: Assembler, raw: Local, { pieces, bits }: Immediate): void {
  asm.i32(0);
  for (const [from, width, to] of pieces) {
    asm.get(raw);
    asm.i32(Math.abs(from - to));
    asm.op(from > to ? "i32.shr_u" : "i32.shl");
    asm.i32(ones(width) << to);
    asm.op("i32.and");
    asm.op("i32.or");
  }
  if (bits === 32) return;
  asm.i32(32 - bits);
  asm.op("i32.shl");
  asm.i32(32 - bits);
  asm.op("i32.shr_s");
}
