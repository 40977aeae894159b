/** Compares what two machines made of an image, case by case, and words the differences. */
import { disassemble } from "../../src/machine/isa/disassemble.js";
import type { Case, Image } from "./case.js";
import { KNOWN_DIFFERENCES } from "./known-differences.js";
import {
  CSRS_OUT,
  CURRENT_SLOT_OFFSET,
  FIRST_SLOT,
  LOG_ENTRY_BYTES,
  LOG_FIELDS,
  MAX_TRAPS,
  RAM_BASE,
  RECORD,
} from "./slot.js";
import { trapLog } from "./trap-log.js";

const SHOWN_FIELDS = 40;

/** A text for each case that ended differently. */
export function compare(image: Image, qemu: Uint8Array, ours: Uint8Array): readonly string[] {
  return image.cases.flatMap((given, index) => {
    const start = FIRST_SLOT + index * image.slotBytes;
    const theirs = new DataView(qemu.buffer, qemu.byteOffset + start, image.slotBytes);
    const mine = new DataView(ours.buffer, ours.byteOffset + start, image.slotBytes);
    const fields = differingFields(given, theirs, mine);
    if (fields.length === 0) return [];
    const traps = [...describeTraps("QEMU", theirs), ...describeTraps("ours", mine)];
    return [[...describeCase(given, index, start), ...traps, ...fields.slice(0, SHOWN_FIELDS)].join("\n")];
  });
}

/** The case that a machine hangs in: the runtime knows where it is. */
export function hangs(image: Image, ram: Uint8Array): string {
  const view = new DataView(ram.buffer, ram.byteOffset, ram.length);
  const start = Number(view.getBigUint64(CURRENT_SLOT_OFFSET, true) - RAM_BASE);
  const index = Math.floor((start - FIRST_SLOT) / image.slotBytes);
  const given = image.cases[index];
  if (given === undefined) return `no case: the current slot starts at RAM + ${String(start)}`;
  const slot = new DataView(ram.buffer, ram.byteOffset + start, image.slotBytes);
  return [...describeCase(given, index, start), ...describeTraps("its", slot)].join("\n");
}

function differingFields(given: Case, theirs: DataView, mine: DataView): string[] {
  const lines: string[] = [];
  for (let offset = 0; offset < theirs.byteLength; offset += 8) {
    const [qemu, ours] = [theirs.getBigUint64(offset, true), mine.getBigUint64(offset, true)];
    if (qemu === ours) continue;
    const { field, trap } = fieldAt(offset);
    const [qemuTrap, ourTrap] = trap === undefined ? [] : [trapLog(theirs)[trap], trapLog(mine)[trap]];
    const traps = { ...(qemuTrap && { qemuTrap }), ...(ourTrap && { ourTrap }) };
    if (KNOWN_DIFFERENCES.some(({ applies }) => applies({ given, field, qemu, ours, ...traps }))) continue;
    lines.push(`  ${trap === undefined ? "" : `trap ${String(trap)}: `}${field}: QEMU ${hex(qemu)}, ours ${hex(ours)}`);
  }
  return lines;
}

function fieldAt(offset: number): { readonly field: string; readonly trap?: number } {
  const within = (base: number, count: number): number | undefined => {
    const index = (offset - base) / 8;
    return index >= 0 && index < count ? index : undefined;
  };
  const x = within(RECORD.xOut, 32);
  if (x !== undefined) return { field: `x${String(x)}` };
  const f = within(RECORD.fOut, 32);
  if (f !== undefined) return { field: `f${String(f)}` };
  const csr = within(RECORD.csrsOut, CSRS_OUT.length);
  if (csr !== undefined) return { field: CSRS_OUT[csr]! };
  const entry = within(RECORD.log, (MAX_TRAPS * LOG_ENTRY_BYTES) / 8);
  const fields = LOG_FIELDS.length;
  if (entry !== undefined) {
    return { field: `trap.${LOG_FIELDS[entry % fields]!}`, trap: Math.floor(entry / fields) };
  }
  return { field: offset === RECORD.traps ? "number of traps" : `memory +${hex(BigInt(offset))}` };
}

function describeCase(given: Case, index: number, start: number): string[] {
  const list = (names: readonly (readonly [string, bigint])[]): string =>
    names.map(([name, value]) => `${name}=${hex(value)}`).join(" ");
  const registers = given.x.map((value, register) => [`x${String(register)}`, value] as const).slice(1);
  return [
    `case ${String(index)} at ${hex(RAM_BASE + BigInt(start))}, code at ${hex(given.codeVa)}`,
    `  ${list(Object.entries(given.csrs).map(([name, value]) => [name, value ?? 0n]))}`,
    `  ${list(registers)}`,
    ...listing(given),
  ];
}

function listing({ code, codeVa }: Case): string[] {
  const view = new DataView(code.buffer, code.byteOffset, code.length);
  const lines: string[] = [];
  for (let at = 0; at + 2 <= code.length;) {
    const low = view.getUint16(at, true);
    const isLong = (low & 3) === 3 && at + 4 <= code.length;
    const raw = isLong ? view.getUint32(at, true) : low;
    const digits = raw.toString(16).padStart(isLong ? 8 : 4, "0");
    lines.push(`    ${hex(codeVa + BigInt(at))}: ${digits.padEnd(8)}  ${disassemble(raw)}`);
    at += isLong ? 4 : 2;
  }
  return lines;
}

const describeTraps = (whose: string, slot: DataView): string[] =>
  trapLog(slot).map((entry, trap) => {
    const fields = Object.entries(entry).map(([name, value]) => `${name}=${hex(value)}`);
    return `  ${whose} trap ${String(trap)}: ${fields.join(" ")}`;
  });

const hex = (value: bigint): string => `0x${BigInt.asUintN(64, value).toString(16)}`;
