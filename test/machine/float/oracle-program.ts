/**
 * A bare-metal RISC-V program that executes one floating-point instruction a case and prints result and fflags on the
 * UART, for a machine that is not ours to run; and, row by row, what ours does for the same instruction.
 */
import * as float from "../../../src/machine/float/float.js";

export interface OracleCase {
  readonly operation: number;
  readonly rm: float.RoundingMode;
  readonly a: bigint;
  readonly b: bigint;
  readonly c: bigint;
}

interface OracleOperation {
  /** Operands: fa1, fa2, fa3, or the integer register a1; the result: fa0 or a0. */
  readonly instruction: string;
  readonly operands: "s" | "d" | "x";
  readonly result: "s" | "d" | "x";
  readonly roundingModes: readonly float.RoundingMode[];
  /** The register's 64 bits, or the number's 32. */
  readonly ours: (c: OracleCase) => float.Rounded;
}

/** Where QEMU's virt machine is told to put the cases, and what each of them takes there and on the UART. */
export const CASES_ADDRESS = 0x8100_0000;
const CASE_BYTES = 40;
export const RESULT_BYTES = 9;

const ALL_MODES = [0, 1, 2, 3, 4] as const;
const NO_MODES = [0] as const;

const operationsOf = (letter: "s" | "d", format: float.Format): readonly OracleOperation[] => {
  const rounded = (instruction: string, ours: OracleOperation["ours"]): OracleOperation => ({
    instruction,
    operands: letter,
    result: letter,
    roundingModes: ALL_MODES,
    ours,
  });
  const unrounded = (
    instruction: string,
    result: OracleOperation["result"],
    ours: OracleOperation["ours"],
  ): OracleOperation => ({ instruction, operands: letter, result, roundingModes: NO_MODES, ours });
  const other =
    letter === "s"
      ? ({ letter: "d", format: float.binary64 } as const)
      : ({ letter: "s", format: float.binary32 } as const);
  const negate = (bits: bigint): bigint => bits ^ format.signBit;
  const integers = [
    ["w", { width: 32, signed: true }],
    ["wu", { width: 32, signed: false }],
    ["l", { width: 64, signed: true }],
    ["lu", { width: 64, signed: false }],
  ] as const;
  return [
    rounded(`fadd.${letter} fa0, fa1, fa2`, ({ a, b, rm }) => float.add(format, a, b, rm)),
    rounded(`fsub.${letter} fa0, fa1, fa2`, ({ a, b, rm }) => float.sub(format, a, b, rm)),
    rounded(`fmul.${letter} fa0, fa1, fa2`, ({ a, b, rm }) => float.mul(format, a, b, rm)),
    rounded(`fdiv.${letter} fa0, fa1, fa2`, ({ a, b, rm }) => float.div(format, a, b, rm)),
    rounded(`fsqrt.${letter} fa0, fa1`, ({ a, rm }) => float.sqrt(format, a, rm)),
    rounded(`fmadd.${letter} fa0, fa1, fa2, fa3`, ({ a, b, c, rm }) => float.fma(format, a, b, c, rm)),
    rounded(`fmsub.${letter} fa0, fa1, fa2, fa3`, ({ a, b, c, rm }) => float.fma(format, a, b, negate(c), rm)),
    rounded(`fnmsub.${letter} fa0, fa1, fa2, fa3`, ({ a, b, c, rm }) => float.fma(format, negate(a), b, c, rm)),
    rounded(`fnmadd.${letter} fa0, fa1, fa2, fa3`, ({ a, b, c, rm }) => float.fma(format, negate(a), b, negate(c), rm)),
    unrounded(`fmin.${letter} fa0, fa1, fa2`, letter, ({ a, b }) => float.min(format, a, b)),
    unrounded(`fmax.${letter} fa0, fa1, fa2`, letter, ({ a, b }) => float.max(format, a, b)),
    unrounded(`feq.${letter} a0, fa1, fa2`, "x", ({ a, b }) => float.eq(format, a, b)),
    unrounded(`flt.${letter} a0, fa1, fa2`, "x", ({ a, b }) => float.lt(format, a, b)),
    unrounded(`fle.${letter} a0, fa1, fa2`, "x", ({ a, b }) => float.le(format, a, b)),
    unrounded(`fclass.${letter} a0, fa1`, "x", ({ a }) => ({ bits: float.classify(format, a), flags: 0 })),
    {
      ...rounded(`fcvt.${other.letter}.${letter} fa0, fa1`, ({ a, rm }) => float.convert(format, other.format, a, rm)),
      result: other.letter,
    },
    ...integers.flatMap(([suffix, type]): OracleOperation[] => [
      {
        ...rounded(`fcvt.${suffix}.${letter} a0, fa1`, ({ a, rm }) => float.toInt(format, a, type, rm)),
        result: "x",
      },
      {
        ...rounded(`fcvt.${letter}.${suffix} fa0, a1`, ({ a, rm }) => float.fromInt(format, a, type, rm)),
        operands: "x",
      },
    ]),
  ];
};

export const OPERATIONS: readonly OracleOperation[] = [
  ...operationsOf("s", float.binary32),
  ...operationsOf("d", float.binary64),
];

/** The cases' image: their count, then five doublewords each. */
export const imageOf = (cases: readonly OracleCase[]): Uint8Array => {
  const image = new Uint8Array(8 + cases.length * CASE_BYTES);
  const view = new DataView(image.buffer);
  view.setBigUint64(0, BigInt(cases.length), true);
  cases.forEach(({ operation, rm, a, b, c }, index) => {
    [BigInt(operation), BigInt(rm), a, b, c].forEach((doubleword, field) =>
      view.setBigUint64(8 + index * CASE_BYTES + field * 8, doubleword, true),
    );
  });
  return image;
};

/** To be assembled for rv64gc and linked at 0x80000000. It powers the machine off by the test finisher. */
export const source = (): string => `
.globl _start
_start:
  li t0, 0x6000                # mstatus.FS = dirty
  csrs mstatus, t0
  li s0, ${CASES_ADDRESS}
  ld s1, 0(s0)
  addi s0, s0, 8
  li s2, 0x10000000            # UART
next:
  beqz s1, finish
  ld t0, 0(s0)
  ld t1, 8(s0)
  ld a1, 16(s0)
  ld a2, 24(s0)
  ld a3, 32(s0)
  fsrm t1
  la t2, operations
  slli t0, t0, 3
  add t2, t2, t0
  ld t2, 0(t2)
  jr t2
${OPERATIONS.map(block).join("")}
print:
  mv t0, a0
  li t1, 8
1:
  call transmit
  srli t0, t0, 8
  addi t1, t1, -1
  bnez t1, 1b
  mv t0, a4
  call transmit
  addi s0, s0, ${CASE_BYTES}
  addi s1, s1, -1
  j next
transmit:                      # low byte of t0, when the holding register is empty
  lbu t2, 5(s2)
  andi t2, t2, 0x20
  beqz t2, transmit
  sb t0, 0(s2)
  ret
finish:
  li t0, 0x100000
  li t1, 0x5555
  sw t1, 0(t0)
  j finish
.balign 8
operations:
${OPERATIONS.map((_, index) => `  .dword operation${index}\n`).join("")}`;

const block = ({ instruction, operands, result }: OracleOperation, index: number): string => `
operation${index}:
${operands === "x" ? "" : [1, 2, 3].map((register) => `  fmv.${operands === "s" ? "w" : "d"}.x fa${register}, a${register}\n`).join("")}\
  csrw fflags, zero
  ${instruction}
  csrr a4, fflags
${result === "x" ? "" : `  fmv.x.${result === "s" ? "w" : "d"} a0, fa0\n`}\
${result === "s" ? "  slli a0, a0, 32\n  srli a0, a0, 32\n" : ""}\
  j print
`;
