/** Accesses and fetches where nothing is, or not all of it: a trap that names the address, and nothing else happens. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { TRAP_CAUSE } from "../../../src/machine/hart/trap-causes.js";
import { MEMORY_MAP } from "../../../src/machine/memory-map.js";
import type { Region } from "../../../src/reducers/device.js";
import { Program } from "../../support/assemble.js";
import { encode } from "../../support/encode.js";
import { CODE, doubleword, endure, HANDLER, RAM, RAM_END, ROM, ROM_END, type Outcome } from "./hostile-guest.js";

const LOADS = { 1: "lbu", 2: "lhu", 4: "lwu", 8: "ld" } as const;
const STORES = { 1: "sb", 2: "sh", 4: "sw", 8: "sd" } as const;
const WIDTHS = [1, 2, 4, 8] as const;

interface Attempt {
  readonly name: string;
  readonly address: bigint;
}

/** Tries each access in turn and leaves (cause, value) of each in memory: 16 bytes an attempt. */
function attemptAll(attempts: readonly Attempt[]): { cause: bigint; trapValue: bigint; value: bigint }[] {
  const RESULTS = RAM + 0x1_0000n;
  const ATTEMPTS = RAM + 0x4_0000n;
  // s0: results, s1: attempts' addresses. The handler notes the cause and goes on after the access.
  const program = new Program().li(8, RESULTS).li(9, ATTEMPTS);
  for (const { name } of attempts) {
    program.i("ld", { rd: 10, rs1: 9, imm: 0 }).i("addi", { rd: 9, rs1: 9, imm: 8 });
    program.li(11, 0x1234_5678_9abc_def0n).li(12, 0n).li(13, 0n);
    program.i(name, {
      rs1: 10,
      ...(name.startsWith("s") ? {} : { rd: 11 }),
      ...(name.startsWith("l") ? {} : { rs2: 11 }),
    });
    program.i("sd", { rs1: 8, rs2: 12 }).i("sd", { rs1: 8, rs2: 13, imm: 8 }).i("sd", { rs1: 8, rs2: 11, imm: 16 });
    program.i("addi", { rd: 8, rs1: 8, imm: 24 });
  }
  program.i("wfi");
  const handler = new Program()
    .i("csrr", { rd: 12, imm: 0x342 })
    .i("csrr", { rd: 13, imm: 0x343 })
    .i("csrr", { rd: 5, imm: 0x341 })
    .i("addi", { rd: 5, rs1: 5, imm: 4 })
    .i("csrrw", { rs1: 5, imm: 0x341 })
    .i("mret");
  const addresses = new Uint8Array(attempts.length * 8);
  attempts.forEach(({ address }, index) => {
    addresses.set(doubleword(BigInt.asUintN(64, address)), index * 8);
  });
  const bytes = program.bytes();
  assert.ok(bytes.length < 0xf000, "the program runs into its results");
  const outcome = endure(
    {
      fields: { pc: RAM + 0x2_0000n },
      handler,
      memory: [
        [RAM + 0x2_0000n, bytes],
        [ATTEMPTS, addresses],
      ],
    },
    { insns: 200_000 },
  );
  assert.is(outcome.stop, "idle");
  const results = outcome.state.ram.read(Number(RESULTS - RAM), attempts.length * 24);
  const view = new DataView(results.buffer);
  return attempts.map((_, index) => ({
    cause: view.getBigUint64(index * 24, true),
    trapValue: view.getBigUint64(index * 24 + 8, true),
    value: view.getBigUint64(index * 24 + 16, true),
  }));
}

const FAULT = (name: string): bigint =>
  name.startsWith("l") ? TRAP_CAUSE.loadAccessFault : TRAP_CAUSE.storeAccessFault;

const bothWays = (addresses: readonly bigint[], widths: readonly (1 | 2 | 4 | 8)[] = WIDTHS): Attempt[] =>
  addresses.flatMap((address) =>
    widths.flatMap((width) => [
      { name: LOADS[width], address },
      { name: STORES[width], address },
    ]),
  );

function allFault(attempts: readonly Attempt[]): void {
  attemptAll(attempts).forEach(({ cause, trapValue, value }, index) => {
    const attempt = attempts[index];
    if (attempt === undefined) return;
    const what = `${attempt.name} at 0x${attempt.address.toString(16)}`;
    assert.is(cause, FAULT(attempt.name), what);
    assert.is(trapValue, BigInt.asUintN(64, attempt.address), `${what}: the address in mtval`);
    assert.is(value, 0x1234_5678_9abc_def0n, `${what}: a register changed`);
  });
}

test("given addresses where nothing is, when they are accessed at every width, then each is an access fault", () => {
  const nowhere = [0n, ROM - 8n, ROM_END, 0x11_0000n, 0x1000_9000n, RAM - 8n, RAM_END, RAM_END + 0x1000n];
  allFault(bothWays(nowhere));
});

test("given addresses of 64 bits, when they are accessed, then none wraps round into RAM or a device", () => {
  const bits = [32n, 33n, 39n, 52n, 55n, 56n, 63n].map((bit) => 1n << bit);
  const wild = [...bits.map((bit) => RAM + bit), ...bits.map((bit) => 0x1000_0000n + bit), -8n, -(1n << 63n)];
  allFault(bothWays(wild, [1, 8]));
});

test("given accesses that begin in RAM and end behind it, then each is a fault and no byte is written", () => {
  const attempts = bothWays([RAM_END - 1n, RAM_END - 3n], [4, 8]);
  allFault([...attempts, ...bothWays([RAM_END - 1n], [2])]);
  const last = endure({
    program: new Program()
      .li(10, RAM_END - 4n)
      .li(11, -1n)
      .i("sd", { rs1: 10, rs2: 11 }),
  });
  assert.equal([...last.state.ram.read(0xf_fff8, 8)], [0, 0, 0, 0, 0, 0, 0, 0]);
});

test("given accesses across RAM's beginning and ROM's ends, then each is a fault", () => {
  allFault(bothWays([RAM - 1n, RAM - 4n, ROM - 1n, ROM_END - 1n], [8]));
});

test("given the mask ROM, when it is stored to, then nothing changes and nothing traps", () => {
  const attempts = bothWays([ROM, ROM + 0xffdn, ROM_END - 8n], [8]);
  for (const [index, { cause, value }] of attemptAll(attempts).entries()) {
    assert.is(cause, 0n);
    if (attempts[index]?.name === "ld") assert.is(value, 0xa5a5_a5a5_a5a5_a5a5n);
  }
});

const regions: readonly (readonly [string, Region])[] = [
  ["finisher", MEMORY_MAP.testFinisher],
  ["goldfish RTC", MEMORY_MAP.goldfishRtc],
  ["CLINT", MEMORY_MAP.clint],
  ["PLIC", MEMORY_MAP.plic],
  ["UART", MEMORY_MAP.uart16550],
  ["virtio", MEMORY_MAP.virtio[0] ?? MEMORY_MAP.testFinisher],
];

for (const [name, { base, sizeBytes }] of regions) {
  test(`given the ${name}, when it is accessed out of alignment or across its ends, then each is an access fault`, () => {
    const start = BigInt(base);
    const end = start + BigInt(sizeBytes);
    allFault([
      ...bothWays([start + 1n, end - 1n, start - 1n], [2, 4, 8]),
      ...bothWays([start + 2n, end - 2n], [4, 8]),
      ...bothWays([start + 4n, end - 4n], [8]),
    ]);
  });
}

test("given atomics on what is no memory, when they are tried, then they fault or are answered, and nothing hangs", () => {
  const nowhere = [0n, RAM_END, RAM_END - 4n, 1n << 40n].map((address) => ({ address, name: "amoadd.d" }));
  for (const [index, { cause }] of attemptAll(nowhere).entries()) {
    const isMisaligned = nowhere[index]?.address === RAM_END - 4n;
    assert.is(cause, isMisaligned ? TRAP_CAUSE.storeAddressMisaligned : TRAP_CAUSE.storeAccessFault);
  }
  const devices = regions.map(([, { base }]) => ({ address: BigInt(base), name: "amoswap.w" }));
  attemptAll(devices.slice(1));
});

function faultOfFetch(pc: bigint, memory: [bigint, Uint8Array][] = []): Outcome {
  const program = new Program().li(10, pc).i("jalr", { rd: 0, rs1: 10 });
  const handler = new Program().i("wfi").i("jal", { imm: -4 });
  return endure({ program, handler, memory });
}

test("given a jump to devices, to nowhere and past the ends of memory, then the fetch faults at that address", () => {
  const targets = [0n, ROM_END, RAM_END, RAM - 4n, 1n << 40n, -4n, ...regions.map(([, { base }]) => BigInt(base))];
  for (const target of targets) {
    const { field, stop } = faultOfFetch(target);
    const what = `a jump to 0x${target.toString(16)}`;
    assert.is(field("mcause"), TRAP_CAUSE.instructionAccessFault, what);
    assert.is(field("mepc"), BigInt.asUintN(64, target), what);
    assert.is(stop, "idle");
  }
});

test("given an instruction that begins in the last halfword of RAM, then its second half faults", () => {
  const lowHalf = Uint8Array.of(encode("addi", { rd: 1 }) & 0xff, (encode("addi", { rd: 1 }) >> 8) & 0xff);
  const { field } = faultOfFetch(RAM_END - 2n, [[RAM_END - 2n, lowHalf]]);
  assert.is(field("mcause"), TRAP_CAUSE.instructionAccessFault);
  assert.is(field("mepc"), RAM_END - 2n);
  assert.is(field("mtval"), RAM_END);
});

test("given a compressed instruction in the last halfword of RAM, then it runs and the next fetch faults", () => {
  const nop = Uint8Array.of(0x01, 0x00);
  const { field } = faultOfFetch(RAM_END - 2n, [[RAM_END - 2n, nop]]);
  assert.is(field("mepc"), RAM_END);
});

test("given code in the mask ROM, when it is run to its end, then it runs as code and the end faults", () => {
  // 0xa5a5 is c.fsdsp or the like: whatever it is, it is not RAM, and the engines agree on it.
  const { field } = faultOfFetch(ROM_END - 2n);
  assert.not.equal(field("mepc"), CODE);
  assert.is(field("mtvec"), HANDLER);
});

test.run();
