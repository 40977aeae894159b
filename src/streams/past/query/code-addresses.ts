/** Where code is that somebody names: `main`, `main+0x68`, `link.c:30`, an address. */
import type { Scope } from "../names/expression/index.js";
import { PlaceError } from "../names/place-error.js";
import { locateInMemory, type Place } from "../names/place.js";

/** A name's width is as well behind a colon, but no name ends in a dot and letters there. */
const LINE = /^(?<file>[^\s:]*[^\s:./]\.\w+):(?<line>\d+)$/;

/** As harts see it. A line may begin at several instructions. @throws {PlaceError} */
export const codeAddresses = (place: Place, scope: Scope): readonly bigint[] =>
  addressesAt(place, scope, (file, line) => scope.names.addressesOf(file, line));

/** The same for who stops there: once in a pass through a line. @throws {PlaceError} */
export const breakAddresses = (place: Place, scope: Scope): readonly bigint[] =>
  addressesAt(place, scope, (file, line) => scope.names.breakAddressesOf(file, line));

function addressesAt(
  place: Place,
  scope: Scope,
  ofLine: (file: string, line: number) => readonly bigint[],
): readonly bigint[] {
  const { file, line } = (typeof place === "string" ? LINE.exec(place)?.groups : undefined) ?? {};
  if (file === undefined || line === undefined) return [locateInMemory(place, scope).address];
  const addresses = ofLine(file, Number(line));
  if (addresses.length > 0) return addresses;
  throw noCode(file, Number(line), scope.names.linesOf(file));
}

function noCode(file: string, line: number, lines: readonly number[]): PlaceError {
  if (lines.length === 0) {
    return new PlaceError("NO_SUCH_NAME", `no image tells of lines of a file ${file}: compile it with -g`);
  }
  const [before, after] = [lines.filter((one) => one < line).at(-1), lines.find((one) => one > line)];
  const near = [before, after].flatMap((one) => (one === undefined ? [] : [String(one)])).join(" and ");
  return new PlaceError(
    "NO_SUCH_NAME",
    `line ${String(line)} of ${file} has no instruction; nearest with some: ${near}`,
  );
}
