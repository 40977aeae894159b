/** The machine as an immutable value. A state stays valid for as long as it is held. */
import type { ClockState } from "../reducers/clock.js";
import type { Position } from "../reducers/position.js";
import type { MachineConfig } from "../reducers/machine-config.js";
import type { PlatformState } from "../reducers/platform.js";
import type { PowerState } from "../reducers/power.js";
import type { ScheduleState } from "../reducers/schedule.js";
import type { DiskState } from "./disk/disk-state.js";
import type { HartState } from "./hart/registers.js";
import type { Ram } from "./ram.js";

export interface MachineState {
  readonly config: MachineConfig;
  readonly position: Position;
  /** The digest of the inputs so far: see `history.ts`. */
  readonly history: bigint;
  readonly clock: ClockState;
  readonly harts: readonly HartState[];
  readonly schedule: ScheduleState;
  readonly platform: PlatformState;
  readonly power: PowerState;
  /** What was written to each disk, by slot. */
  readonly disks: readonly DiskState[];
  readonly ram: Ram;
  /** The mask ROM, built from the boot images: pages as RAM's. */
  readonly rom: Ram;
}
