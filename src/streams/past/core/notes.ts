/** The notes of a core (System V gABI, "Note Section"): the registers of each hart, and what its kernel tells. */
import type { HartState } from "../../../machine/hart/registers.js";
import { VMCOREINFO } from "./vmcoreinfo.js";

/** Two notes for each hart, in their order, and the kernel's own where it has one. */
export function notesOf(harts: readonly HartState[], vmcoreinfo: string | undefined): Uint8Array {
  const notes = harts.flatMap((hart, index) => [
    note("CORE", NT_PRSTATUS, prstatus(hart, index)),
    note("CORE", NT_PRFPREG, floatRegisters(hart)),
  ]);
  if (vmcoreinfo !== undefined) notes.push(note(VMCOREINFO, 0, latin1(vmcoreinfo)));
  return joined(notes);
}

const NT_PRSTATUS = 1;
const NT_PRFPREG = 2;

/** `struct elf_prstatus` of Linux on a 64-bit machine: where its parts lie that are not zero. */
const PRSTATUS = { pid: 32, registers: 112, bytes: 376 } as const;
/** `struct user_regs_struct` of riscv: pc in the place of x0. */
const REGISTERS = 32;

/** A debugger's thread needs a number above 0. */
function prstatus({ x, fields }: HartState, hart: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(PRSTATUS.bytes));
  view.setUint32(PRSTATUS.pid, hart + 1, true);
  for (let index = 0; index < REGISTERS; index += 1)
    view.setBigUint64(PRSTATUS.registers + 8 * index, index === 0 ? fields.pc : (x[index] ?? 0n), true);
  return new Uint8Array(view.buffer);
}

/** `struct __riscv_d_ext_state`: f0 to f31, fcsr, and what fills the last word. */
function floatRegisters({ f, fields }: HartState): Uint8Array {
  const view = new DataView(new ArrayBuffer((REGISTERS + 1) * 8));
  f.forEach((value, index) => {
    view.setBigUint64(8 * index, value, true);
  });
  view.setUint32(8 * REGISTERS, Number((fields.frm << 5n) | fields.fflags), true);
  return new Uint8Array(view.buffer);
}

/** Name and descriptor each end at a multiple of 4 bytes. */
function note(name: string, type: number, descriptor: Uint8Array): Uint8Array {
  const nameBytes = aligned(name.length + 1);
  const bytes = new Uint8Array(12 + nameBytes + aligned(descriptor.length));
  const header = new DataView(bytes.buffer);
  [name.length + 1, descriptor.length, type].forEach((word, index) => {
    header.setUint32(4 * index, word, true);
  });
  bytes.set(latin1(name), 12);
  bytes.set(descriptor, 12 + nameBytes);
  return bytes;
}

const aligned = (bytes: number): number => Math.ceil(bytes / 4) * 4;

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
