/** What a command writes must not be what it reads: with --force, the only copy would be gone before it was read. */
import { placeOfFile, placeOfNewFile } from "../streams/host/same-file.js";
import { placesOf } from "../streams/host/images.js";
import { imagesOf } from "../streams/session/verify/recordings-in.js";
import type { ImageDigest } from "../streams/store/log/index.js";
import type { Arguments, FileUse, Options } from "./arguments.js";
import { UsageError } from "./problems.js";

export type Given = Pick<Arguments<Options>, "operands" | "filesOf">;

/** The problems of a command line whose outputs are its inputs, or each other. */
export function overwrittenInputs(args: Given, operand?: string): readonly string[] {
  const taken = new Map<string, string>();
  for (const path of args.operands) note(taken, path, what(operand ?? "the operand"));
  for (const { name, path } of named(args, "read")) note(taken, path, what(name));
  const overwritten = named(args, "written").flatMap(({ name, path }) => {
    const problem = clash(taken, path, name);
    note(taken, path, what(name));
    return problem;
  });
  return [...overwritten, ...writtenTwice(args)];
}

/** New files that several would write. */
function writtenTwice(args: Given): readonly string[] {
  const taken = new Map<string, string>();
  return named(args, "written", newPathsIn).flatMap(({ name, path }) => {
    const place = placeOfNewFile(path);
    if (place === undefined) return [];
    const other = taken.get(place);
    taken.set(place, what(name));
    return other === undefined || other === what(name) ? [] : [written(name, path, other)];
  });
}

/**
 * The same for the images of a recording or a saved state, which no option names: for every place at which they are
 * looked for. `besideOf`: the recording. @throws {UsageError}
 */
export function requireImagesKept(args: Given, images: readonly ImageDigest[], besideOf: string | undefined): void {
  const taken = new Map<string, string>();
  noteImages(taken, images, besideOf);
  requireFree(args, taken);
}

/** The same for recordings and their images, of which the operand names the folder. @throws {UsageError} */
export function requireRecordingsKept(args: Given, recordings: readonly string[]): void {
  if (args.filesOf("written").length === 0) return;
  const taken = new Map<string, string>();
  for (const recording of recordings) noteImages(taken, imagesOf(recording), recording);
  for (const recording of recordings) note(taken, recording, "a recording that is verified");
  requireFree(args, taken);
}

function noteImages(taken: Map<string, string>, images: readonly ImageDigest[], besideOf: string | undefined): void {
  for (const { role, path } of images)
    for (const place of placesOf(path, besideOf)) note(taken, place, `the ${role} of the recorded machine`);
}

function requireFree(args: Given, taken: ReadonlyMap<string, string>): void {
  const problems = named(args, "written").flatMap(({ name, path }) => clash(taken, path, name));
  if (problems.length > 0) throw new UsageError(...problems);
}

const what = (name: string): string => `what ${name} names`;

function note(taken: Map<string, string>, path: string, use: string): void {
  const place = placeOfFile(path);
  if (place !== undefined) taken.set(place, use);
}

function clash(taken: ReadonlyMap<string, string>, path: string, name: string): readonly string[] {
  const place = placeOfFile(path);
  const other = place === undefined ? undefined : taken.get(place);
  if (other === undefined || other === what(name)) return [];
  return [written(name, path, other)];
}

const written = (name: string, path: string, other: string): string =>
  `${name} ${path} is ${other}: write to another file`;

interface Named {
  readonly name: string;
  readonly path: string;
}

const named = (args: Given, use: FileUse, paths = pathsIn): readonly Named[] =>
  args.filesOf(use).flatMap(({ name, value }) => paths(value).map((path) => ({ name, path })));

/** Whatever of a value may be a path: `x`, `file=x,format=raw`, `1=file:x`, `x#snapshot`, `x,y`. */
const pathsIn = (value: string): readonly string[] => {
  const parts = [value, ...value.split(",")];
  const named = parts.flatMap((part) => [part, part.replace(/^[^=]*=/, "")]);
  return [...new Set(named.flatMap((part) => [part, part.replace(/^file:/, ""), part.replace(/#[^#]*$/, "")]))];
};

/** What surely is one, since nothing is there yet to tell: `x`, `file:x`, `1=file:x`, `file,path=x`. */
function newPathsIn(value: string): readonly string[] {
  const named = [...value.matchAll(/(?:^|[,=])(?:file:|path=)(?<path>[^,]+)/g)].map(({ groups }) => groups?.["path"]);
  const all = /^(-|null|stdio)$|[:=]/.test(value) ? named : [...named, value];
  return all.filter((path) => path !== undefined);
}
