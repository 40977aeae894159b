/** Help, from the same tables that the command line is read with. */
import { HELP_OPTION, type Option } from "./arguments.js";
import type { Command } from "./command.js";

export function helpOf({ name, operand, summary, options, notes }: Command): string {
  const usage = ["usage: foldvm", name, ...(operand === undefined ? [] : [operand]), "[options]"].join(" ");
  const rows = Object.entries<Option>({ ...options, ...HELP_OPTION })
    .filter(([, { isQemuOnly }]) => isQemuOnly !== true)
    .map(optionRow);
  return `${usage}\n${summary}\n\n${table(rows)}${notes === undefined ? "" : `\n${notes}`}`;
}

export function overview(commands: readonly Command[]): string {
  const rows = commands.map(({ name, operand, summary }): [string, string] => [
    operand === undefined ? name : `${name} ${operand}`,
    summary,
  ]);
  return (
    "usage: foldvm COMMAND [options]\n" +
    "A RISC-V computer that records what happens to it and replays it exactly.\n\n" +
    table(rows) +
    "\nfoldvm COMMAND --help lists a command's options; --version prints the version.\n"
  );
}

function optionRow([name, { short, value, isOptional, help }]: [string, Option]): [string, string] {
  const written = `${short === undefined ? "    " : `-${short}, `}--${name}`;
  if (value === undefined) return [written, help];
  return [isOptional === true ? `${written}[=${value}]` : `${written} ${value}`, help];
}

const table = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, right]) => `  ${left.padEnd(width)}${right}\n`).join("");
};
