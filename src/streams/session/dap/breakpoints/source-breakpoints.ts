/** Where a line of a client's file begins in the guest's program, or the next line that has instructions. */
import { PlaceError } from "../../../past/names/place-error.js";
import { lineBeginsOf } from "../../stepping/step-lines.js";
import type { Debuggee } from "../debuggee.js";

export interface LinePlace {
  readonly file: string;
  readonly line: number;
  readonly addresses: readonly bigint[];
}

/** @throws {PlaceError} */
export function linePlace({ target: { names }, paths }: Debuggee, path: string, line: number): LinePlace {
  const file = paths.namesOf(path).find((name) => names.linesOf(name).length > 0);
  if (file === undefined) {
    throw new PlaceError(
      "NO_SUCH_NAME",
      `no image tells of lines of ${path}: compile it with -g, name its ELF file in symbols, or say in sourceMap where it was compiled`,
    );
  }
  const lines = names.linesOf(file);
  const next = lines.find((one) => one >= line);
  if (next === undefined) {
    throw new PlaceError(
      "NO_SUCH_NAME",
      `no line from ${String(line)} on has instructions; the last one is ${String(lines.at(-1))}`,
    );
  }
  const addresses = names.breakAddressesOf(file, next);
  const compiled = addresses.map((address) => names.lineAt(address)?.file).find((told) => told?.endsWith(file));
  if (compiled !== undefined) paths.learn(compiled, path);
  return { file, line: next, addresses };
}

/** Those that have instructions; empty where no image tells of the file. */
export function linesOf({ target: { names }, paths }: Debuggee, path: string): readonly number[] {
  const file = paths.namesOf(path).find((name) => names.linesOf(name).length > 0);
  return file === undefined ? [] : names.linesOf(file);
}

/** Behind the beginning of a function, where its parameters are. @throws {PlaceError} */
export function functionPlace({ target: { names } }: Debuggee, name: string): readonly bigint[] {
  const functions = names.functionsNamed(name);
  if (functions.length === 0) throw names.missing(name);
  return functions.map(({ address }) => {
    const code = names.functionCode(address);
    return lineBeginsOf({ code }).find((begin) => begin >= address) ?? address;
  });
}
