/** --drive, as QEMU writes it: names and values between commas; a comma in a file's name is doubled. */
import type { DriveOptions } from "../streams/disks/drives.js";
import { UsageError } from "./arguments.js";

/** @throws {UsageError} */
export function driveOption(text: string): DriveOptions {
  const given = new Map<string, string>();
  for (const part of parts(text)) {
    const equals = part.indexOf("=");
    // A file alone is taken for one.
    const [name, value] = equals < 0 ? ["file", part] : [part.slice(0, equals), part.slice(equals + 1)];
    if (!Object.hasOwn(NAMES, name)) throw unknown(name);
    if (given.has(name)) throw new UsageError(`--drive: ${name}= is given twice`);
    given.set(name, value);
  }
  const file = given.get("file");
  if (file === undefined || file === "") throw new UsageError("--drive: which file? Name it with file=FILE");
  for (const [name, values] of Object.entries(SAME)) choice(given, name, values);
  const format = choice(given, "format", ["raw", "qcow2"] as const);
  const readonly = flag(given, "readonly") ?? flag(given, "read-only");
  if (flag(given, "snapshot") === false && flag(given, "writeback") !== true)
    throw new UsageError("--drive snapshot=off: say writeback=on to have the image changed when the session ends");
  return { file, format, readonly, serial: given.get("serial"), writeback: flag(given, "writeback") };
}

/** What there is, and what the message says that it is for. */
const NAMES: Readonly<Record<string, string>> = {
  file: "FILE",
  format: "raw or qcow2",
  readonly: "on or off",
  "read-only": "on or off",
  serial: "TEXT",
  snapshot: "on",
  writeback: "on or off",
  if: "virtio or none",
  id: "TEXT",
  media: "disk",
};

/** QEMU's, with the values that mean here what they mean there. */
const SAME: Readonly<Record<string, readonly string[]>> = { if: ["virtio", "none"], media: ["disk"] };

const unknown = (name: string): UsageError =>
  new UsageError(
    `--drive ${name}=: there is no such option; use ${Object.entries(NAMES)
      .map(([known, values]) => `${known}=${values}`)
      .join(", ")}`,
  );

function choice<T extends string>(
  given: ReadonlyMap<string, string>,
  name: string,
  values: readonly T[],
): T | undefined {
  const value = given.get(name);
  const chosen = values.find((one) => one === value);
  if (value !== undefined && chosen === undefined)
    throw new UsageError(`--drive ${name}=${value}: use ${values.map((one) => `${name}=${one}`).join(" or ")}`);
  return chosen;
}

function flag(given: ReadonlyMap<string, string>, name: string): boolean | undefined {
  const value = choice(given, name, ["on", "off"]);
  return value === undefined ? undefined : value === "on";
}

/** Between single commas; a double one is part of a value. No argument of a process holds a NUL. */
const parts = (text: string): readonly string[] =>
  text
    .replaceAll(",,", "\0")
    .split(",")
    .map((part) => part.replaceAll("\0", ","));
