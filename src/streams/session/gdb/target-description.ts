/** What gdb is told of the machine, as XML (its manual, "Target Descriptions", "Memory Map Format"). */
import { MROM } from "../../../machine/memory-map.js";
import { hexAddress } from "../../../reducers/hex.js";
import { FEATURES, GDB_REGISTERS, type Feature } from "./registers.js";

const feature = (name: Feature): string => {
  const types = name === "fpu" ? DOUBLE : "";
  const registers = GDB_REGISTERS.map((register, number) => ({ ...register, number }))
    .filter((register) => register.feature === name)
    .map(
      ({ name: called, bits, type, number }) =>
        `<reg name="${called}" bitsize="${String(bits)}" type="${type}" regnum="${String(number)}"${GROUPS[name]}/>`,
    );
  return `<feature name="org.gnu.gdb.riscv.${name}">${types}${registers.join("")}</feature>`;
};

/** A register of 64 bits is either. */
const DOUBLE =
  '<union id="riscv_double"><field name="float" type="ieee_single"/><field name="double" type="ieee_double"/></union>';

const GROUPS: Readonly<Record<Feature, string>> = {
  cpu: "",
  fpu: ' group="float"',
  virtual: ' group="system"',
  csr: ' group="system"',
};

/**
 * Without an operating system, since gdb takes any RISC-V program for one of Linux otherwise, and steps by a breakpoint
 * of its own on the next instruction: past whatever an interrupt does before that.
 */
export const TARGET_XML =
  '<?xml version="1.0"?><!DOCTYPE target SYSTEM "gdb-target.dtd"><target version="1.0">' +
  `<architecture>riscv:rv64</architecture><osabi>none</osabi>${FEATURES.map(feature).join("")}</target>`;

const MROM_END = MROM.base + MROM.sizeBytes;
const TOP = (1n << 64n) - 1n;

const memory = (type: "ram" | "rom", from: number, to: number | bigint): string =>
  `<memory type="${type}" start="${hexAddress(from)}" length="${hexAddress(BigInt(to) - BigInt(from))}"/>`;

/** All but the ROM may be written: gdb takes what is not listed for not there, and what is virtual is not listed. */
export const MEMORY_MAP_XML =
  '<?xml version="1.0"?><!DOCTYPE memory-map PUBLIC "+//IDN gnu.org//DTD GDB Memory Map V1.0//EN" ' +
  '"http://sourceware.org/gdb/gdb-memory-map.dtd"><memory-map>' +
  [memory("ram", 0, MROM.base), memory("rom", MROM.base, MROM_END), memory("ram", MROM_END, TOP)].join("") +
  "</memory-map>";
