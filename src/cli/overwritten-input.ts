/** What a command writes must not be what it reads: with --force, the only copy would be gone before it was read. */
import { placeOfFile } from "../streams/host/same-file.js";
import type { Arguments, Options } from "./arguments.js";

/** The problems of a command line whose outputs are its inputs. */
export function overwrittenInputs(args: Arguments<Options>, options: Options, operand?: string): readonly string[] {
  const read = new Map<string, string>();
  for (const path of args.operands) note(read, path, operand ?? "the operand");
  for (const { name, path } of named(args, options, "read")) note(read, path, name);
  return named(args, options, "written").flatMap(({ name, path }) => {
    const place = placeOfFile(path);
    const input = place === undefined ? undefined : read.get(place);
    return input === undefined ? [] : [`${name} ${path} is what ${input} names: write to another file`];
  });
}

function note(read: Map<string, string>, path: string, name: string): void {
  const place = placeOfFile(path);
  if (place !== undefined) read.set(place, name);
}

interface Named {
  readonly name: string;
  readonly path: string;
}

const named = (args: Arguments<Options>, options: Options, file: "read" | "written"): readonly Named[] =>
  Object.entries(options).flatMap(([option, { file: use }]) =>
    use === file
      ? args.all(option).flatMap((value) => pathsIn(value).map((path) => ({ name: `--${option}`, path })))
      : [],
  );

/** Whatever of a value may be a path: `x`, `file=x,format=raw`, `1=file:x`, `x#snapshot`, `x,y`. */
const pathsIn = (value: string): readonly string[] => {
  const parts = [value, ...value.split(",")];
  const named = parts.flatMap((part) => [part, part.replace(/^[^=]*=/, "")]);
  return [...new Set(named.flatMap((part) => [part, part.replace(/^file:/, ""), part.replace(/#[^#]*$/, "")]))];
};
