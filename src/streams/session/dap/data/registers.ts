/** A hart's registers as a frame has them. */
import { CSRS } from "../../../../machine/hart/csr.js";
import { hartOf, readCsr } from "../../../../machine/inspect.js";
import { floatRegister, integerRegister } from "../../../../machine/isa/registers.js";
import { findRegister } from "../../../../machine/named-registers.js";
import { hexAddress } from "../../../../reducers/hex.js";
import { FIRST_FLOAT_REGISTER } from "../../../past/names/frame.js";
import { addressText } from "./pointer-text.js";
import { partsOf, type Parts, type Shown, type View } from "./shown.js";

const INDEXES = Array.from({ length: 32 }, (_, index) => index);

/** pc and x1 to x31; x0 is 0. */
export const integerRegisters = (view: View): Parts =>
  partsOf(["pc", ...INDEXES.slice(1).map(integerRegister)], (name, _format, index) => {
    return registerShown(name, name === "pc" ? view.frame.pc : view.frame.register(index), view);
  });

/** Each as a number, and its bits. */
export const floatRegisters = (view: View): Parts =>
  partsOf(INDEXES, (index) => {
    return registerShown(floatRegister(index), view.frame.register(FIRST_FLOAT_REGISTER + index), view);
  });

/** By what they are for, and in the order of their numbers. */
export const controlRegisters = (view: View): Parts =>
  partsOf([PRIVILEGE_GROUP, ...GROUPS], (group) => {
    if (group === PRIVILEGE_GROUP) return privilegeOf(view);
    const names = [...CSRS]
      .filter(([number]) => groupOf(number) === group)
      .sort(([a], [b]) => a - b)
      .map(([, { name }]) => name);
    return {
      name: group,
      value: `${String(names.length)} registers`,
      isReadOnly: true,
      parts: partsOf(names, (name) => {
        return registerShown(name, readCsr(view.at, name), view);
      }),
    };
  });

/** `value`: undefined where a callee did not keep it. */
export const registerShown = (name: string, value: bigint | undefined, view: View): Shown => ({
  name,
  value: value === undefined ? "<not kept by what it called>" : registerText(name, value, view),
  evaluateName: `$${name}`,
  memoryReference: value === undefined ? undefined : hexAddress(value),
  // A caller's registers are what its callees keep for it: there is no place to write to.
  ...(view.frame.isCaller === true || value === undefined
    ? { isReadOnly: true }
    : { place: { place: { location: { kind: "named", register: name } }, type: undefined, view } }),
});

const registerText = (name: string, value: bigint, view: View): string =>
  findRegister(name)?.kind === "f" ? floatText(value) : addressText(value, view);

const PRIVILEGE_GROUP = "privilege";
const PRIVILEGES: Readonly<Record<string, string>> = { "0": "U", "1": "S", "3": "M" };

function privilegeOf({ at }: View): Shown {
  const privilege = String(at.harts[hartOf(at)]?.fields.privilege ?? 0n);
  return { name: PRIVILEGE_GROUP, value: PRIVILEGES[privilege] ?? privilege, isReadOnly: true };
}

const GROUPS = ["machine", "supervisor", "floating point", "memory protection", "counters"] as const;

/** By the ranges of the privileged specification (table 2.3 on). */
function groupOf(number: number): (typeof GROUPS)[number] {
  if (number <= 0x003) return "floating point";
  if (number >= 0x3a0 && number <= 0x3ef) return "memory protection";
  if (number >= 0xf11 && number <= 0xf15) return "machine";
  if (number >= 0xb00 || (number >= 0x320 && number <= 0x33f)) return "counters";
  return number >= 0x300 ? "machine" : "supervisor";
}

/** A single is boxed: the upper half is all ones (unprivileged specification, "NaN Boxing of Narrower Values"). */
const BOX = 0xffff_ffffn;

export function floatText(bits: bigint): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits);
  const value = bits >> 32n === BOX ? view.getFloat32(4) : view.getFloat64(0);
  return `${String(value)} (${hexAddress(bits)})`;
}
