import { UsageError } from "./problems.js";

/** The name that stands for standard input or output in the place of a file's. */
export const STANDARD_STREAM = "-";

/** For what is written out of order, or beside what is printed. @throws {UsageError} */
export function requireFile(option: string, path: string | undefined, why: string): void {
  if (path === STANDARD_STREAM) throw new UsageError(`${option} -: ${why}; name a file`);
}
