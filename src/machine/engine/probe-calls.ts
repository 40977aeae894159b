/** The code of a probed interpreter that finds out whether something must be told. */
import type { Assembler, Local } from "../wasm/assembler.js";
import { CONTROL, PAGE_FLAG, PAGE_SHIFT, type ControlField, type Layout } from "./layout.js";

/** Runs `body` if the page of an address in this memory, which is RAM or ROM, is probed, or `all` is not 0. */
export function ifProbed(asm: Assembler, layout: Layout, host: Local, body: () => void, all?: ControlField): void {
  asm.get(host);
  asm.i32(layout.ram);
  asm.op("i32.sub");
  asm.i32(PAGE_SHIFT);
  asm.op("i32.shr_u");
  asm.memory("i32.load8_u", layout.pageFlags);
  asm.i32(PAGE_FLAG.probed);
  asm.op("i32.and");
  if (all !== undefined) {
    asm.i32(0);
    asm.memory("i32.load", CONTROL[all]);
    asm.op("i32.or");
  }
  asm.if(body);
}

/** Runs `body` if a control variable is not 0. */
export function ifSet(asm: Assembler, name: ControlField, body: () => void): void {
  asm.i32(0);
  asm.memory("i32.load", CONTROL[name]);
  asm.if(body);
}
