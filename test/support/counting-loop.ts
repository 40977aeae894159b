/** A small program that gets hot; its sum says which one ran. */
import { Program } from "./assemble.js";

/** Adds `step` to x2 in each of x1 rounds of three instructions, then stays where it is. */
export const countingLoop = (step: number): Program =>
  new Program()
    .i("addi", { rd: 2, rs1: 2, imm: step })
    .i("addi", { rd: 1, rs1: 1, imm: -1 })
    .i("bne", { rs1: 1, rs2: 0, imm: -8 })
    .i("jal", { imm: 0 });
