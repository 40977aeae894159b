/** The options that say where the guest's consoles and the monitor end: QEMU's words for a character device. */
import type { CharacterDeviceOptions } from "../streams/host/character-device.js";
import type { ConsoleName } from "../streams/session/consoles.js";
import type { MonitorPlace } from "../streams/session/monitor/monitor-place.js";
import type { ConsolePlace } from "../streams/session/consoles.js";
import { chardevPlace, type ChardevPlaces } from "./chardev-arguments.js";
import { UsageError } from "./problems.js";
import { integer } from "./values.js";

const KINDS = "stdio, null, file:PATH, unix:PATH (of which socat makes a pty) or unix:PATH,server=off";

/** QEMU's -serial: `unix:PATH` listens, as there `unix:PATH,server=on,wait=off` does. */
export function consolePlace(option: string, text: string, chardevs: ChardevPlaces = new Map()): ConsolePlace {
  // On the standard streams console and monitor are one: Ctrl-A C leads from the one to the other.
  if (text === "stdio" || text === "mon:stdio") return "stdio";
  if (text === "null" || text === "none") return { kind: "null" };
  const [, kind = text, rest = ""] = /^([a-z]+):(.*)$/s.exec(text) ?? [];
  if (rest !== "" && kind === "file") return { kind, path: rest };
  if (rest !== "" && kind === "unix") return unixSocket(option, rest);
  if (rest !== "" && kind === "chardev") return chardevPlace(option, rest, chardevs);
  throw new UsageError(`${option} ${text}: a console ends at ${KINDS}`);
}

/** `wait=on` is for what can wait for a reader: see `waitedSocket`. @throws {UsageError} */
export function unixSocket(option: string, text: string): Extract<CharacterDeviceOptions, { readonly kind: "unix" }> {
  const [path = "", ...flags] = text.split(",");
  let server = true;
  for (const flag of flags) {
    if (flag === "server=off") server = false;
    else if (flag === "wait=on")
      throw new UsageError(`${option} ${flag}: the guest never waits for a connection; leave it out`);
    else if (flag !== "server" && flag !== "server=on" && flag !== "wait=off" && flag !== "nowait")
      throw new UsageError(`${option} ${flag}: use server=on or server=off`);
  }
  return { kind: "unix", path, server };
}

/** The same of a place that a run can wait at, until its first reader is there: `wait=on`. @throws {UsageError} */
export function waitedSocket(
  option: string,
  text: string,
): ReturnType<typeof unixSocket> & { readonly waits: boolean } {
  const waits = text.split(",").includes("wait=on");
  const socket = unixSocket(option, text.replaceAll(/,wait=on(?=,|$)/g, ""));
  if (waits && !socket.server) throw new UsageError(`${option} wait=on: who listens waits; leave server=off out`);
  return { ...socket, waits };
}

/** QEMU's -monitor; without a value: the standard streams; `none`: there is none. */
export function monitorPlace(text: string | undefined): MonitorPlace | undefined {
  if (text === undefined || text === "none" || text === "null") return undefined;
  // On a terminal Ctrl-A C leads to it.
  if (text === "mon:stdio") return undefined;
  if (text === "" || text === "stdio") return "stdio";
  const [, path] = /^unix:(.+)$/s.exec(text) ?? [];
  const place = path === undefined ? undefined : unixSocket("--monitor", path);
  if (place?.server === true) return place;
  throw new UsageError(`--monitor=${text}: a monitor is at stdio or listens at unix:PATH`);
}

/** SLOT=PLACE, several with commas; a comma within a place is followed by no SLOT=. */
export function virtioConsolePlaces(text: string | undefined): ReadonlyMap<number, ConsolePlace> {
  if (text === undefined) return new Map();
  const places = new Map<number, ConsolePlace>();
  for (const part of text.split(/,(?=\d+=)/)) {
    const [, slot, place] = /^(\d+)=(.*)$/s.exec(part) ?? [];
    if (slot === undefined || place === undefined)
      throw new UsageError(`--console ${part}: give SLOT=PLACE, such as 1=file:console.log`);
    if (places.has(Number(slot))) throw new UsageError(`--console: slot ${slot} is given twice`);
    places.set(Number(slot), consolePlace("--console", place));
  }
  return places;
}

/** The UART, or a virtio console by its slot; `virtio`: the first of these. */
export function consoleName(option: string, value: string): ConsoleName | "virtio" {
  if (value === "uart") return "uart16550";
  if (value === "virtio") return value;
  if (!/^\d+$/.test(value))
    throw new UsageError(`${option} ${value}: use uart, virtio, or the slot of a virtio console`);
  return integer(option, value);
}
