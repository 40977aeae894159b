/**
 * Random words run as code, in every mode, with random CSRs: no crash, no hang, one answer, and a replay that gives it
 * again.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { HART_FIELDS, type HartField } from "../../../src/machine/hart/fields.js";
import { MSTATUS_WRITABLE } from "../../../src/machine/hart/mstatus.js";
import { INSTRUCTIONS } from "../../../src/machine/isa/instruction-set.js";
import { MEMORY_MAP } from "../../../src/machine/memory-map.js";
import { CODE, DATA, endure, HANDLER, pte, RAM, RAM_BYTES, seeded } from "./hostile-guest.js";

const SEED = BigInt(process.env["FOLDVM_SEED"] ?? "1");
const RUNS = 24;
const INSNS = 4000;

const PRIVILEGES = [3n, 1n, 0n] as const;
const PLACES = [CODE, DATA, HANDLER, RAM, RAM + BigInt(RAM_BYTES) - 64n];
const DEVICES = [
  MEMORY_MAP.uart16550,
  MEMORY_MAP.clint,
  MEMORY_MAP.plic,
  MEMORY_MAP.goldfishRtc,
  MEMORY_MAP.testFinisher,
  MEMORY_MAP.virtio[0] ?? MEMORY_MAP.testFinisher,
].map(({ base }) => BigInt(base));

type Random = () => bigint;
const oneOf = <T>(random: Random, items: readonly T[]): T => items[Number(random() % BigInt(items.length))] as T;

/** Mostly instructions that exist, with random operands; some random words; some halves. */
function word(random: Random): number {
  const bits = Number(random() & 0xffff_ffffn);
  if (random() % 8n === 0n) return bits;
  const { mask, match } = oneOf(random, INSTRUCTIONS);
  return (match | (bits & ~mask)) >>> 0;
}

/** What a field may hold after any CSR write: an address of some kind, or bits. */
function value(random: Random, name: HartField): bigint {
  switch (name) {
    case "mtvec":
    case "stvec":
      return (oneOf(random, PLACES) & ~3n) | (random() & 1n);
    case "satp":
      return random() % 3n === 0n ? (8n << 60n) | (DATA >> 12n) : 0n;
    case "mstatus":
      return random() & MSTATUS_WRITABLE & ~0x1800n;
    case "medeleg":
      return random() & 0xb3ffn;
    case "mideleg":
    case "mip":
      return random() & 0x222n;
    case "mie":
      return random() & 0xaaan;
    case "pmpcfg0":
      return oneOf(random, [0n, 0x1fn, 0x1f_9fn, 0x1f_00_18n, random() & 0x9f9f_9f9f_9f9f_9f9fn]);
    case "pmpaddr0":
      return oneOf(random, [(1n << 54n) - 1n, DATA >> 2n, CODE >> 2n]);
    case "pmpaddr1":
    case "pmpaddr2":
      return (1n << 54n) - 1n;
    case "mepc":
    case "sepc":
      return oneOf(random, PLACES);
    case "mcounteren":
    case "scounteren":
      return random() & 0xffff_ffffn;
    default:
      return 0n;
  }
}

function registers(random: Random): Record<number, bigint> {
  return Object.fromEntries(
    Array.from({ length: 31 }, (_, index) => [
      index + 1,
      oneOf(random, [
        random(),
        random() % 64n,
        oneOf(random, PLACES) + (random() % 256n) * 8n,
        oneOf(random, DEVICES) + (random() % 16n) * 4n,
        -1n,
      ]),
    ]),
  );
}

function codePage(random: Random): Uint8Array {
  const bytes = new Uint8Array(4096);
  const view = new DataView(bytes.buffer);
  let at = 0;
  while (at + 4 <= bytes.length) {
    if (random() % 4n === 0n) {
      view.setUint16(at, Number(random() & 0xfffdn), true);
      at += 2;
    } else {
      view.setUint32(at, word(random), true);
      at += 4;
    }
  }
  return bytes;
}

/** A root page of which some entries map RAM and devices. */
function pageTable(random: Random): Uint8Array {
  const bytes = new Uint8Array(4096);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < 512; index += 1)
    view.setBigUint64(index * 8, random() % 2n === 0n ? 0n : random() & 0x3ff_ffffn, true);
  view.setBigUint64(0, pte(0n, 0xcfn), true);
  view.setBigUint64(16, pte(0x8000_0000n, 0xcfn | (random() & 0x10n)), true);
  return bytes;
}

test(`given random code, registers and CSRs in every mode, seed ${String(SEED)}, when it runs, then it ends alike on every engine and in a replay`, () => {
  let insns = 0;
  for (let turn = 0n; turn < BigInt(RUNS); turn += 1n) {
    const seed = SEED * 1000n + turn;
    const random = seeded(seed);
    const fields = Object.fromEntries(HART_FIELDS.map((name) => [name, value(random, name)]));
    const guest = {
      program: codePage(random),
      handler: codePage(random),
      memory: [[DATA, pageTable(random)] as const, [RAM, codePage(random)] as const],
      fields: {
        ...fields,
        pc: CODE,
        privilege: oneOf(random, PRIVILEGES),
        waiting: 0n,
        reservation: -1n & ((1n << 64n) - 1n),
      },
      x: registers(random),
      virtio: ["rng", "console"] as const,
    };
    try {
      insns += endure(guest, { insns: INSNS, events: 3000 }).machine.position.icount;
    } catch (fault) {
      throw new Error(`seed ${String(seed)} (FOLDVM_SEED=${String(SEED)})`, { cause: fault });
    }
  }
  // Four runs each: three engines and the replay.
  assert.ok(insns * 4 > 100_000, `only ${String(insns)} instructions were run`);
});

test.run();
