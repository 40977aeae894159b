/** Help, from the same tables that the command line is read with. */
import { HELP_OPTION, type Option } from "./arguments.js";
import type { Command } from "./command.js";

export function helpOf(command: Command): string {
  const { summary, options, notes } = command;
  const usage = ["usage: foldvm", called(command), "[options]"].join(" ");
  const rows = Object.entries<Option>({ ...options, ...HELP_OPTION })
    .filter(([, { isQemuOnly }]) => isQemuOnly !== true)
    .map(optionRow);
  return `${usage}\n${summary}\n\n${table(rows)}${notes === undefined ? "" : `\n${notes}`}`;
}

/** `FILE...`: one and more of them. */
const called = ({ name, operand, more }: Command): string =>
  [name, more?.words === `${operand ?? ""}...` ? undefined : operand, more?.words]
    .filter((part) => part !== undefined)
    .join(" ");

export function overview(commands: readonly Command[]): string {
  const rows = commands.map((command): [string, string] => [called(command), command.summary]);
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
