/** The plain parts of a state, each with its codec: one section a part, so that a new device is one by itself. */
import * as t from "io-ts";

import { HART_FIELDS } from "../../../machine/hart/fields.js";
import type { HartState } from "../../../machine/hart/registers.js";
import { romOf } from "../../../machine/initial-state.js";
import { MROM } from "../../../machine/memory-map.js";
import { printable } from "../../../machine/printed-state.js";
import type { MachineState } from "../../../machine/state.js";
import { ClockState } from "../../../reducers/clock.js";
import { Position } from "../../../reducers/position.js";
import { MachineConfig } from "../../../reducers/machine-config.js";
import { PLATFORM_CODECS } from "../../../reducers/platform.js";
import { PowerState } from "../../../reducers/power.js";
import { Bytes, U64 } from "../../../reducers/scalars.js";
import { ScheduleState } from "../../../reducers/schedule.js";

const REGISTERS = 32;

const Registers = t.refinement(t.readonlyArray(U64), ({ length }) => length === REGISTERS, "32 registers");

const HartStateCodec: t.Type<HartState> = t.readonly(
  t.type({ x: Registers, f: Registers, fields: t.type(Object.fromEntries(HART_FIELDS.map((name) => [name, U64]))) }),
) as unknown as t.Type<HartState>;

/** All of a state but RAM and disks, which are pages, and the platform, whose slices are parts by themselves. */
const FIELD_CODECS: Readonly<Record<Exclude<keyof MachineState, "ram" | "disks" | "platform">, t.Mixed>> = {
  config: MachineConfig,
  position: Position,
  history: U64,
  clock: ClockState,
  power: PowerState,
  harts: t.readonlyArray(HartStateCodec),
  schedule: ScheduleState,
  rom: t.refinement(Bytes, ({ length }) => length === MROM.sizeBytes, `${String(MROM.sizeBytes)} bytes of ROM`),
};

const SLICE = "platform.";

/** A section's name and the codec of what it holds. */
export const PART_CODECS: Readonly<Record<string, t.Mixed>> = {
  ...FIELD_CODECS,
  ...Object.fromEntries(Object.entries(PLATFORM_CODECS).map(([slice, codec]) => [`${SLICE}${slice}`, codec])),
};

export type Parts = Readonly<Record<string, unknown>>;

export const partsOf = ({ ram: _ram, disks: _disks, platform, rom, ...fields }: MachineState): Parts => ({
  ...fields,
  rom: rom.read(0, rom.byteLength),
  ...Object.fromEntries(
    Object.entries(platform).map(([slice, state]: [string, unknown]) => [`${SLICE}${slice}`, state]),
  ),
});

/** The state from parts that their codecs have accepted. */
export const stateFrom = (parts: Parts, disks: MachineState["disks"], ram: MachineState["ram"]): MachineState => {
  const pick = (names: readonly string[], prefix = ""): Record<string, unknown> =>
    Object.fromEntries(names.map((name) => [name, parts[`${prefix}${name}`]]));
  const platform = pick(Object.keys(PLATFORM_CODECS), SLICE);
  const { rom, ...fields } = pick(Object.keys(FIELD_CODECS));
  return printable({ ...fields, platform, disks, ram, rom: romOf(rom as Uint8Array) } as unknown as MachineState);
};
