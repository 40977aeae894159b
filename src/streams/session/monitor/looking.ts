/** Commands that show memory and numbers. */
import { completedName } from "./completion.js";
import { formatOf, memoryText } from "./examine.js";
import { expressionOf, readValue, valueOf } from "./expression.js";
import { required, type MonitorCommand } from "./monitor-command.js";
import { MonitorError } from "./monitor-error.js";
import { numberText } from "./number-text.js";
import type { MonitorTarget } from "./target.js";

const FORMAT =
  "/FMT is a count, a letter (x d u o c, or i for instructions) and a size (b h w g: 1, 2, 4, 8 bytes); x, w and 1 go without saying.";

export const LOOKING_COMMANDS: readonly MonitorCommand[] = [
  {
    names: ["x"],
    operands: "/FMT ADDRESS",
    help: "virtual memory, such as x /8xw $sp, x /5i main or x /2dw counters",
    details: FORMAT,
    run: (target, operands) => examine(target, operands, false),
    complete: completedName,
  },
  {
    names: ["xp"],
    operands: "/FMT ADDRESS",
    help: "physical memory; a device's register without a read's effects",
    details: FORMAT,
    run: (target, operands) => examine(target, operands, true),
    complete: completedName,
  },
  {
    names: ["print", "p"],
    operands: "[/x|d|u|o|c] EXPRESSION",
    help: "a number, such as $a0, $pc+4, main or *(int *)counters",
    details:
      "It has 64 bits: /d prints it as a signed one, /u as an unsigned, /o in octal, /c its low byte as a character.\n" +
      "C's operators over numbers, $registers, names (their address) and memory: *(TYPE *)ADDRESS, TYPE as in C or stdint.h.",
    run: (target, operands) => print(target, operands),
    complete: completedName,
  },
];

/** @throws {MonitorError} */
function print(target: MonitorTarget, operands: string): string {
  const [, format, expression = ""] = /^(\/\S*)?\s*(.*)$/s.exec(operands) ?? [];
  const [, letter] = /^\/([xduoc])$/.exec(format ?? "/x") ?? [];
  if (letter === undefined) {
    throw new MonitorError("INVALID_FORMAT", `${format ?? ""}: a number is printed as /x, /d, /u, /o or /c`);
  }
  const text = required(expression, "an expression").trim();
  const parsed = expressionOf(text, target.names);
  const value = numberText(readValue(text, parsed, target.present()), letter, 64);
  return target.names.has(text) && parsed.pointee !== undefined
    ? `${value} (the address; *${text} is the value)`
    : value;
}

function examine(target: MonitorTarget, operands: string, isPhysical: boolean): string {
  const [, format, address = ""] = /^(\/\S*)?\s*(.*)$/s.exec(operands) ?? [];
  const { names } = target;
  const present = target.present();
  const at = valueOf(required(address, "an address"), names, present);
  return memoryText(isPhysical ? { present } : { present, names }, at, formatOf(format), isPhysical);
}
