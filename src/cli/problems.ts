/** What is wrong with a command line: all of it, told at once. */
import { OptionError } from "../streams/session/machine-options.js";
import { ScriptError } from "../streams/session/script-file.js";

/** The command line is wrong; each problem names the word and the remedy. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly problems: readonly string[];

  constructor(...problems: readonly string[]) {
    // What two readers need may be wrong for both.
    const different = [...new Set(problems)];
    super(different.join("; "));
    this.problems = different;
  }
}

type Reader = () => unknown;

/** Reads each, and answers what they read by name. @throws {UsageError} with the problems of all. */
export function readAll<Readers extends Readonly<Record<string, Reader>>>(
  readers: Readers,
): { readonly [Name in keyof Readers]: ReturnType<Readers[Name]> } {
  const names = Object.keys(readers);
  const values = readEach(names, (name) => readers[name]?.());
  return Object.fromEntries(names.map((name, index) => [name, values[index]])) as {
    [Name in keyof Readers]: ReturnType<Readers[Name]>;
  };
}

/** Reads each of a list. @throws {UsageError} with the problems of all. */
export function readEach<In, Out>(items: readonly In[], read: (item: In, index: number) => Out): readonly Out[] {
  const problems: string[] = [];
  const values = items.flatMap((item, index) => {
    try {
      return [read(item, index)];
    } catch (error) {
      problems.push(...problemsOf(error));
      return [];
    }
  });
  if (problems.length > 0) throw new UsageError(...problems);
  return values;
}

/** Of an error that is the user's; any other is thrown on. */
export function problemsOf(error: unknown): readonly string[] {
  if (error instanceof UsageError) return error.problems;
  if (error instanceof OptionError || error instanceof ScriptError) return [error.message];
  throw error;
}
