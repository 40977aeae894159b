/**
 * A state in a few lines, where a program or a test's runner prints it: nobody reads what it holds, and `diff` says in
 * what two of them differ.
 */
import { hexAddress } from "../reducers/hex.js";
import type { HartState } from "./hart/registers.js";
import { floatRegister, integerRegister } from "./isa/registers.js";
import type { Ram } from "./ram.js";
import type { MachineState } from "./state.js";

/** The state, which prints shortly from now on. It has no other member than it had. */
export const printable = (state: MachineState): MachineState =>
  Object.assign(Object.create(PRINTED) as MachineState, state);

/** Lines for people. */
const textOf = ({ position: { seq, icount }, harts, ram }: MachineState): string =>
  [
    `MachineState at instruction ${String(icount)}, event ${String(seq)}; RAM ${shownPages(ram)}`,
    ...harts.map(
      ({ fields: { pc, privilege } }, hart) => `  hart ${String(hart)} at ${hexAddress(pc)}, ${modeOf(privilege)}`,
    ),
  ].join("\n");

/** Plain data of which each entry is one line of what may differ. */
const jsonOf = ({ harts, platform, disks, ram, rom, history, config, ...rest }: MachineState): object => ({
  ...Object.fromEntries(Object.entries(rest).map(([name, part]: [string, unknown]) => [name, oneLine(part)])),
  harts: harts.map(jsonOfHart),
  platform: Object.fromEntries(
    Object.entries(platform).map(([name, part]: [string, unknown]) => [name, eachOnALine(part)]),
  ),
  disks: disks.map(({ overlay, ...disk }) => oneLine({ ...disk, overlay: shownPages(overlay) })),
  ram: shownPages(ram),
  rom: shownPages(rom),
  history: hexAddress(history, 16),
  config: oneLine(config),
});

/** The registers that are not zero. */
const jsonOfHart = ({ x, f, fields }: HartState): object =>
  Object.fromEntries(
    [
      ...Object.entries<bigint>(fields),
      ...x.map((value, index) => [integerRegister(index), value] as const),
      ...f.map((value, index) => [floatRegister(index), value] as const),
    ].flatMap(([name, value]) => (value === 0n ? [] : [[name, hexAddress(value)]])),
  );

const eachOnALine = (part: unknown): unknown => (Array.isArray(part) ? part.map(oneLine) : oneLine(part));

const oneLine = (part: unknown): string =>
  JSON.stringify(part, (_name, value: unknown) =>
    typeof value === "bigint"
      ? hexAddress(value)
      : value instanceof Uint8Array
        ? `${String(value.length)} bytes`
        : value,
  );

const shownPages = ({ digest, pageCount }: Pick<Ram, "digest" | "pageCount">): string =>
  `of ${String(pageCount)} pages, digest ${hexAddress(digest, 16)}`;

const modeOf = (privilege: bigint): string => `${["U", "S", "", "M"][Number(privilege)] ?? ""} mode`;

/** The methods that printers look for: of Node and its test runner, of vitest and `JSON.stringify`, of `String`. */
const PRINTED: object = Object.defineProperties(
  {},
  Object.fromEntries(
    (
      [
        [Symbol.for("nodejs.util.inspect.custom"), textOf],
        ["toJSON", jsonOf],
        ["toString", textOf],
      ] as const
    ).map(([name, print]) => [
      name,
      {
        value(this: MachineState): unknown {
          return print(this);
        },
      },
    ]),
  ),
);
