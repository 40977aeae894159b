/** `/PATTERN/flags`, as a person writes a regular expression. */
import { OptionError } from "../../options/option-error.js";

/** A pattern; any other text as it is. @throws {OptionError} where it is no regular expression */
export function patternOf(text: string): string | RegExp {
  const [, pattern, flags] = /^\/(.*)\/([a-z]*)$/s.exec(text) ?? [];
  if (pattern === undefined) return text;
  try {
    return new RegExp(pattern, flags);
  } catch (fault) {
    throw new OptionError(`${text}: ${fault instanceof Error ? fault.message : String(fault)}`, { value: text });
  }
}
