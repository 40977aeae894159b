/** Commands that show memory and numbers. */
import { completedName } from "./completion.js";
import { formatOf, memoryText } from "./examine.js";
import { Expression } from "../../past/names/expression/index.js";
import { readPlace } from "../../past/names/read-place.js";
import { valueText } from "../../past/names/value.js";
import { scopeOf, valueOf } from "./evaluate.js";
import { required, type MonitorCommand } from "./monitor-command.js";
import { MonitorError } from "../target/monitor-error.js";
import { numberText } from "./number-text.js";
import type { MonitorTarget } from "../target/target.js";
import { where } from "./told.js";

const FORMAT =
  "/FMT is a count, a letter (x d u o c, or i for instructions) and a size (b h w g: 1, 2, 4, 8 bytes); x, w and 1 go without saying.";

export const LOOKING_COMMANDS: readonly MonitorCommand[] = [
  {
    names: ["when"],
    help: "where it stands: instructions retired, events folded",
    run: (target) => where(target),
  },
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
    help: "a number, such as $a0, $pc+4, main, link.count or *(int *)0x80001000",
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
  const parsed = new Expression(text);
  const { isDeclared, symbol } = parsed.in(scopeOf(target));
  if (isDeclared === true && format === undefined) return typedText(text, target);
  const value = numberText(parsed.value(scopeOf(target)), letter, 64);
  return symbol !== undefined && READ_SIZES.includes(symbol.sizeBytes)
    ? `${value} (the address; *${text} is the value)`
    : value;
}

/** As gdb prints it, with its type's names. @throws {PlaceError} */
const typedText = (text: string, target: MonitorTarget): string => {
  const { value, type } = readPlace(text, scopeOf(target));
  return valueText(value, type);
};

/** What `*name` reads where the name has no type. */
const READ_SIZES = [1n, 2n, 4n, 8n];

function examine(target: MonitorTarget, operands: string, isPhysical: boolean): string {
  const [, format, address = ""] = /^(\/\S*)?\s*(.*)$/s.exec(operands) ?? [];
  const { names } = target;
  const present = target.present();
  const at = valueOf(required(address, "an address"), target);
  return memoryText(isPhysical ? { present } : { present, names }, at, formatOf(format), isPhysical);
}
