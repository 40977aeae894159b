/** A hart's registers, and which of them changed. */
import { CSRS } from "../../src/machine/hart/csr.js";
import { hartOf, readCsr, type Inspected } from "../../src/machine/inspect.js";
import { floatRegister, integerRegister } from "../../src/machine/isa/registers.js";
import { floatText } from "../../src/streams/session/dap/data/registers.js";
import type { MomentAnswer, RegisterRow } from "../protocol.js";
import type { Looking } from "./looking.js";

const INDEXES = Array.from({ length: 32 }, (_, index) => index);

/** pc, and x1 to x31 by the ABI's names; x0 is 0. */
export const integerRows = (looking: Looking): readonly RegisterRow[] => [
  pointing(looking, "pc", "pc", (at) => hartIn(at)?.fields.pc),
  ...INDEXES.slice(1).map((index) =>
    pointing(looking, integerRegister(index), `x${String(index)}`, (at) => hartIn(at)?.x[index]),
  ),
];

export const floatRows = (looking: Looking): readonly RegisterRow[] =>
  INDEXES.map((index) => {
    const row = registerRow(looking, floatRegister(index), `f${String(index)}`, (at) => hartIn(at)?.f[index]);
    return { ...row, meaning: floatText(row.value) };
  });

/** In the order of their numbers. */
export const controlRows = (looking: Looking): readonly RegisterRow[] =>
  [...CSRS]
    .sort(([a], [b]) => a - b)
    .map(([number, { name }]) =>
      pointing(looking, name, `0x${number.toString(16).padStart(3, "0")}`, (at) => readCsr(at, name)),
    );

const PRIVILEGES: Readonly<Record<string, MomentAnswer["privilege"]>> = { "0": "U", "1": "S" };

export const privilegeOf = (at: Inspected): MomentAnswer["privilege"] =>
  PRIVILEGES[String(hartIn(at)?.fields.privilege)] ?? "M";

type Read = (at: Inspected) => bigint | undefined;

/** With the name of what it points at. */
function pointing(looking: Looking, name: string, alias: string, read: Read): RegisterRow {
  const row = registerRow(looking, name, alias, read);
  const pointed = looking.names.of(row.value);
  return pointed === undefined ? row : { ...row, meaning: `<${pointed}>` };
}

function registerRow({ at, before }: Looking, name: string, alias: string, read: Read): RegisterRow {
  const value = read(at) ?? 0n;
  return { name, alias, value, meaning: null, isChanged: before !== undefined && (read(before) ?? 0n) !== value };
}

const hartIn = (at: Inspected): Inspected["harts"][number] | undefined => at.harts[hartOf(at)];
