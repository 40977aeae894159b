/** Places as people name them, as spots. */
import type { RegisterKey } from "../../../machine/dataflow/deed.js";
import { HART_FIELDS, type HartField } from "../../../machine/hart/fields.js";
import { seenBy } from "../../../machine/inspect.js";
import { DRAM_BASE } from "../../../machine/memory-map.js";
import { MAX_MEMORY_BYTES } from "../../../reducers/machine-config.js";
import type { Moment } from "../moment.js";
import { PlaceError } from "../names/place-error.js";
import { locate, physicalRanges, textOf, type Located, type Place } from "../names/place.js";
import { findRegister, type Register } from "../../../machine/named-registers.js";
import { registerNamed } from "../names/registers.js";
import type { MemorySpot, RegisterSpot, Spot } from "./spot.js";

export const MAX_WHENCE_BYTES = 4096;

/** A register's name means the register, unless the program has something of that name. @throws {PlaceError} */
export function spotsNamed(moment: Moment, place: Place, hart: number): readonly Spot[] {
  const plain = typeof place === "string" && !moment.recording.names.has(place) ? findRegister(place) : undefined;
  if (plain !== undefined) return [registerSpot(plain, place, hart)];
  const at = seenBy(moment.state, hart);
  const { location, bytes } = locate(place, { ...moment.scope, at });
  if (location.kind === "named") return [registerSpot(registerNamed(location.register), place, hart)];
  if (bytes > MAX_WHENCE_BYTES) {
    throw notFollowed(
      place,
      `it has ${String(bytes)} bytes, and at most ${String(MAX_WHENCE_BYTES)} are followed at once`,
    );
  }
  return spotsAt(location, bytes, { moment, place, hart });
}

interface Asked {
  readonly moment: Moment;
  readonly place: Place;
  readonly hart: number;
}

function spotsAt(location: Located["location"], bytes: number, asked: Asked): readonly Spot[] {
  const { moment, place, hart } = asked;
  switch (location.kind) {
    case "memory":
      return memorySpots(location.address, bytes, asked);
    case "register": {
      const { register } = location;
      const key = register < 32 ? (`x${register}` as const) : (`f${register - 32}` as const);
      return [wholeRegister(key, hart, Math.min(bytes, 8))];
    }
    case "pieces":
      return location.pieces.flatMap(({ bytes: part, at }) =>
        at === undefined ? [] : spotsAt(at, part, { moment, place, hart }),
      );
    default:
      throw notFollowed(place, "it is nowhere: its value is only known to the compiler");
  }
}

function memorySpots(address: bigint, bytes: number, { moment, hart }: Asked): readonly MemorySpot[] {
  const isPhysical = address >= BigInt(DRAM_BASE) && address < BigInt(DRAM_BASE + MAX_MEMORY_BYTES);
  let virtual = address;
  return physicalRanges({ address, bytes }, () => seenBy(moment.state, hart)).map((range) => {
    const spot = { kind: "memory", ...range, virtual: isPhysical ? undefined : virtual } as const;
    virtual += BigInt(range.bytes);
    return spot;
  });
}

function registerSpot(register: Register, place: Place, hart: number): RegisterSpot {
  if (register.kind === "x" && register.index === 0) throw notFollowed(place, "it is always zero");
  if (register.kind === "pc")
    throw notFollowed(place, "it is where the hart stands: ask its function's caller, as bt does");
  if (register.kind !== "csr") return wholeRegister(`${register.kind}${register.index}`, hart);
  const name = VIEWS[register.name] ?? HART_FIELDS.find((field) => field === register.name);
  if (name === undefined)
    throw notFollowed(place, "no instruction writes it: it is read from the clock or the machine");
  return wholeRegister(name, hart);
}

/** What a supervisor's CSR shows is a part of the machine's. */
const VIEWS: Readonly<Record<string, HartField>> = { sstatus: "mstatus", sie: "mie", sip: "mip" };

const wholeRegister = (key: RegisterKey, hart: number, bytes = 8): RegisterSpot => ({
  kind: "register",
  hart,
  key,
  bytes: Array.from({ length: bytes }, (_, byte) => byte),
});

const notFollowed = (place: Place, why: string): PlaceError =>
  new PlaceError("NOT_A_PLACE", `${textOf(place)} can't be followed: ${why}`);
