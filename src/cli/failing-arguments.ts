/** The options that say what counts as failing. */
import type { Failing } from "../streams/past/branch/index.js";
import type { Arguments } from "./arguments.js";
import { UsageError } from "./problems.js";
import { integer } from "./values.js";

export const FAILING_OPTIONS = {
  "fail-text": { value: "TEXT", help: "a future fails that prints it; /PATTERN/: whose output matches" },
  "fail-code": { value: "N", help: "a future fails whose guest ends with this code (any but 0)" },
} as const;

/** Undefined: any exit code but 0. @throws {UsageError} */
export function failingArguments(args: Arguments<typeof FAILING_OPTIONS>): Failing | undefined {
  const [text, code] = [args.get("fail-text"), args.get("fail-code")];
  if (text !== undefined && code !== undefined) throw new UsageError("--fail-text and --fail-code: give one");
  if (code !== undefined) return integer("--fail-code", code);
  const [, pattern, flags] = /^\/(.+)\/([a-z]*)$/s.exec(text ?? "") ?? [];
  if (pattern === undefined) return text;
  try {
    return new RegExp(pattern, flags);
  } catch (fault) {
    throw new UsageError(`--fail-text ${String(text)}: ${fault instanceof Error ? fault.message : String(fault)}`);
  }
}
