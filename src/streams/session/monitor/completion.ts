/** What a line editor can make of the end of a line. */
import type { MonitorTarget } from "../target/target.js";

/** The name or register that a line ends with, as far as it was typed. */
export const begunName = (line: string): string => /[\w.$]*$/.exec(line)?.[0] ?? "";

/** Names of the machine's; none where not even a letter was typed, since a kernel has a hundred thousand. */
export const completedName = ({ names }: MonitorTarget, operands: string): readonly string[] => {
  const begun = begunName(operands);
  return begun === "" ? [] : names.startingWith(begun);
};
