/** A driver's accesses, as instructions of a bare-metal guest. */
import type { Program } from "./assemble.js";
import { X } from "./assemble.js";
import type { RegisterAccess } from "./register-access.js";

const STORES = { 1: "sb", 2: "sh", 4: "sw", 8: "sd" } as const;

/** Uses t0 and t1. */
export const stores = (program: Program, accesses: readonly RegisterAccess[]): void => {
  for (const { address, width, value = 0n } of accesses) {
    program
      .li(X.t0, BigInt(address))
      .li(X.t1, BigInt.asIntN(64, value))
      .i(STORES[width], { rs1: X.t0, rs2: X.t1, imm: 0 });
  }
};

/** Stores one to the test finisher, and stays there. */
export const tellFinisher = (program: Program, value: bigint): Program => {
  // A label of its own each time.
  const end = `end${String(program.length)}`;
  return program
    .li(X.t0, FINISHER)
    .li(X.t1, value)
    .i("sw", { rs1: X.t0, rs2: X.t1, imm: 0 })
    .label(end)
    .i("jal", { imm: end });
};

const FINISHER = 0x10_0000n;
export const POWER_OFF = 0x5555n;
export const RESET = 0x7777n;
