/** `devices`: what harts asked of devices' registers, and what was answered. */
import type { MemoryRange } from "../../../machine/engine/probes.js";
import { maybe, oneOrList, value } from "../../../options/codecs.js";
import { nearestWords, orList } from "../../../options/nearest.js";
import { devices as unitsOf, type Unit } from "../../../reducers/devices.js";
import type { Recording } from "../recording.js";
import { checkQuery, type AskedOptions } from "./asked.js";
import { PlaceError } from "../names/place-error.js";
import { Query } from "./query.js";
import { readingOf, type Kind, type Reading } from "./question.js";
import { hartThere, Namer, type RowOfHart, type Unnamed } from "./row.js";

export interface DevicesOptions extends AskedOptions {
  /**
   * A device's name, as `uart16550`, `virtio` or `virtio0`; or physical addresses, also as `0x10000000:8` (one byte
   * where no width is given). All if it is left out.
   */
  readonly of?: string | MemoryRange | readonly (string | MemoryRange)[] | undefined;
}

/** A load or store of a device's register. */
export interface DeviceAccess extends RowOfHart {
  /** Undefined: no device lies there. */
  readonly device: string | undefined;
  readonly access: "load" | "store";
  /** Physical. */
  readonly address: number;
  readonly bytes: number;
  /** Undefined: nothing answers, and the access faults. */
  readonly value: bigint | undefined;
}

const isRange = (given: unknown): boolean =>
  typeof given === "object" &&
  given !== null &&
  ["address", "bytes"].every((name) => Number.isSafeInteger((given as Record<string, unknown>)[name]));
const DEVICE = value("a device's name, or { address, bytes }", (given) => typeof given === "string" || isRange(given));
/** Physical addresses as a text. */
const ADDRESSES = /^(?<address>0[xX][0-9a-fA-F]+|\d+)(?::(?<bytes>\d+))?$/;
const EVERYWHERE: MemoryRange = { address: 0, bytes: 2 ** 64 };

/** Accesses to devices, in order. @throws {PlaceError} and, when it is read, as a replay does */
export function devices(recording: Recording, options: DevicesOptions = {}): Query<DeviceAccess> {
  checkQuery("devices", recording, options, {
    of: maybe(oneOrList(DEVICE)),
  });
  const { of = EVERYWHERE, from, until } = options;
  const wanted = Array.isArray(of) ? (of as readonly (string | MemoryRange)[]) : [of as string | MemoryRange];
  const units = unitsOf(recording.config);
  const open = (): Reading<DeviceAccess> => {
    const ranges = wanted.flatMap((one) => (typeof one === "string" ? placesOf(one, units) : one));
    const namer = new Namer(recording.names);
    return readingOf(devicesKind, ranges, ({ access, address, bytes, value, ...where }) =>
      Object.assign(namer.name<RowOfHart>(where), {
        device: unitAt(address, units)?.label,
        access,
        address,
        bytes,
        value,
      }),
    );
  };
  return new Query(recording, open, { from, until });
}

export const devicesKind: Kind<readonly MemoryRange[], Unnamed<Omit<DeviceAccess, "device">>> = {
  name: "devices",
  listen: (ranges) => ({
    probes: { devices: ranges },
    told: (machine, icount, probed) => {
      if (probed.type !== "device/loaded" && probed.type !== "device/stored") return undefined;
      const { address, bytes, value: answered } = probed;
      const access = probed.type === "device/loaded" ? "load" : "store";
      return { ...hartThere(machine, icount), access, address: Number(address), bytes, value: answered };
    },
  }),
};

const unitAt = (address: number, units: readonly Unit[]): Unit | undefined =>
  units.find(({ place }) => address >= place.base && address < place.base + place.sizeBytes);

/** @throws {PlaceError} */
function placesOf(name: string, units: readonly Unit[]): readonly MemoryRange[] {
  const { address, bytes = "1" } = ADDRESSES.exec(name)?.groups ?? {};
  if (address !== undefined) return [{ address: Number(address), bytes: Number(bytes) }];
  const named = units.filter(({ label, device }) => label === name || device.name === name);
  if (named.length > 0) return named.map(({ place }) => ({ address: place.base, bytes: place.sizeBytes }));
  const names = [...new Set(units.map(({ device }) => device.name))];
  const near = nearestWords(name, names);
  const meant = near.length > 0 ? `is ${orList(near)} meant?` : `there are ${names.join(", ")}`;
  throw new PlaceError("NO_SUCH_NAME", `the machine has no device ${name}; ${meant}`);
}
