/** `info`: what the machine is, and how it is. */
import { type Inspected, virtualNsOf } from "../../../machine/inspect.js";
import { hexAddress, hexOfBytes } from "../../../reducers/hex.js";
import { completedName } from "./completion.js";
import { valueOf } from "./evaluate.js";
import { required, type MonitorCommand } from "./monitor-command.js";
import { MonitorError } from "../target/monitor-error.js";
import { memoryMapText } from "./mtree.js";
import { orList } from "../../../options/nearest.js";
import { localsText } from "./frames.js";
import { pointsText } from "./stopping.js";
import { hartsText, scheduleText } from "./harts.js";
import { deviceTreeText } from "./qtree.js";
import { tasksText } from "./tasks.js";
import { namedRegistersText, ofEachHart, registersText } from "./registers.js";
import type { MonitorTarget } from "../target/target.js";

/** As QEMU has it. */
const ALL_HARTS = "-a";

const INFO: Readonly<Record<string, (target: MonitorTarget, operands: string) => string>> = {
  registers(target, operands) {
    const words = operands.split(/\s+/).filter((word) => word !== "");
    const registers = words.filter((word) => word !== ALL_HARTS);
    const text = (at: Inspected): string =>
      registers.length === 0 ? registersText(at) : namedRegistersText(registers, target, at);
    return words.includes(ALL_HARTS) ? ofEachHart(target.present(), text) : text(target.present());
  },
  cpus: (target) => hartsText(target.present()),
  schedule: (target) => scheduleText(target.present()),
  tasks: tasksText,
  status: (target) => `VM status: ${statusOf(target)}`,
  replay(target) {
    const { position } = target.state();
    const end = target.lastIcount === undefined ? "" : ` of ${String(target.lastIcount)}`;
    return `${target.mode}: instruction count = ${String(position.icount)}${end}, event = ${String(position.seq)}, virtual clock = ${String(virtualNsOf(target.state()))} ns${endOf(target)}`;
  },
  snapshots(target) {
    const rows = target.snapshots();
    if (rows.length === 0) return "There is no snapshot available.";
    return [
      "NAME ICOUNT EVENT SIZE",
      ...rows.map(({ name, icount, seq, size }) => `${name} ${String(icount)} ${String(seq)} ${String(size)}`),
    ].join("\n");
  },
  breakpoints: pointsText,
  locals: localsText,
  devices: (target) => JSON.stringify(target.state().platform, forJson, 2),
  qtree: (target) => deviceTreeText(target.state().config),
  mtree: (target) => memoryMapText(target.state().config),
  symbol(target, operands) {
    const address = valueOf(required(operands, "an address"), target);
    return `${hexAddress(address)} is ${target.names.of(address) ?? "in nothing that has a name"}`;
  },
};

const SUBJECTS = Object.keys(INFO);
/** As gdb has it: `i r`. */
const SHORT: Readonly<Record<string, string>> = { r: "registers" };

export const INFO_COMMAND: MonitorCommand = {
  names: ["info"],
  operands: `${SUBJECTS.join("|")} [-a|REGISTER...|ADDRESS]`,
  help: "show something of the machine; registers: all, of all harts with -a, or those named; symbol: what lies at an address",
  run(target, text) {
    const [, word = "", operands = ""] = /^(\S*)\s*(.*)$/s.exec(text) ?? [];
    return INFO[subjectOf(word)]?.(target, operands);
  },
  complete: (target, operands) =>
    /\s/.test(operands) ? completedName(target, operands) : SUBJECTS.filter((subject) => subject.startsWith(operands)),
};

/** @throws {MonitorError} */
function subjectOf(word: string): string {
  const begun = SUBJECTS.filter((subject) => subject.startsWith(word));
  if (SUBJECTS.includes(word)) return word;
  const subject = SHORT[word] ?? begun[0];
  if (word === "") throw new MonitorError("MISSING_OPERAND", `info ${orList(SUBJECTS)}`);
  if (subject === undefined) {
    throw new MonitorError("UNKNOWN_COMMAND", `there is no info ${word}; there are ${SUBJECTS.join(", ")}`);
  }
  if (begun.length > 1 && SHORT[word] === undefined) {
    throw new MonitorError("AMBIGUOUS_COMMAND", `info ${word} can be ${orList(begun)}`);
  }
  return subject;
}

function statusOf(target: MonitorTarget): string {
  const { control } = target;
  if (control.hasEnded || target.state().power.off !== null) return `shutdown${endOf(target)}`;
  return control.isPaused ? "paused" : "running";
}

/** How the run ended, in the words of `foldvm info`. */
function endOf(target: MonitorTarget): string {
  const { off } = target.state().power;
  if (off !== null) return ` (${off.cause}, code ${String(off.code)})`;
  return target.control.hasEnded ? " (stopped; the guest was still on)" : "";
}

const forJson = (_key: string, value: unknown): unknown =>
  typeof value === "bigint" ? hexAddress(value) : value instanceof Uint8Array ? hexOfBytes(value) : value;
