/** --chardev: where something ends, by an id that consoles name. */
import type { ConsolePlace } from "../streams/session/consoles.js";
import type { Arguments } from "./arguments.js";
import { KeyValues } from "./key-values.js";
import { readEach, UsageError } from "./problems.js";

export const CHARDEV_OPTIONS = {
  chardev: { value: "KIND,id=ID,...", file: "written", isRepeatable: true, isQemuOnly: true, help: "" },
} as const;

export type ChardevPlaces = ReadonlyMap<string, ConsolePlace>;

/** @throws {UsageError} */
export const chardevPlaces = (args: Arguments<typeof CHARDEV_OPTIONS>): ChardevPlaces =>
  new Map(
    readEach(args.all("chardev"), (text) => {
      const values = new KeyValues("--chardev", text, "backend");
      const id = values.one("id");
      if (id === undefined) throw new UsageError(`--chardev ${text}: id= is missing, by which others name it`);
      // On the standard streams, console and monitor are one anyway.
      values.flag("mux");
      values.flag("signal");
      const place = placeOf(values);
      values.finish("use stdio, null, file with path=, or socket with path= and server=");
      return [id, place] as const;
    }),
  );

/** @throws {UsageError} */
export function chardevPlace(option: string, id: string, places: ChardevPlaces): ConsolePlace {
  const place = places.get(id);
  if (place === undefined) throw new UsageError(`${option}: chardev ${id} names no --chardev`);
  return place;
}

function placeOf(values: KeyValues): ConsolePlace {
  const kind = values.word;
  const path = values.one("path") ?? "";
  if (kind === "stdio") return kind;
  if (kind === "null") return { kind };
  if (kind === "file" && path !== "") return { kind, path };
  if (kind === "socket" && path !== "") {
    const server = values.flag("server") ?? false;
    if (values.flag("wait") === true)
      throw new UsageError("--chardev wait=on: the guest never waits for a connection; say wait=off");
    return { kind: "unix", path, server };
  }
  throw new UsageError(`--chardev ${kind}: use stdio, null, file with path=, or socket with path=`);
}
