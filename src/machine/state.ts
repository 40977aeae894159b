/** The machine as a value. A state that somebody holds stays as it is for ever. */
import type { ClockState } from "../reducers/clock.js";
import type { Position } from "../reducers/events.js";
import type { MachineConfig } from "../reducers/machine-config.js";
import type { PlatformState } from "../reducers/platform.js";
import type { PowerState } from "../reducers/power.js";
import type { DiskState } from "./disk/disk-state.js";
import type { HartState } from "./hart/registers.js";
import type { Ram } from "./ram.js";

export interface MachineState {
  readonly config: MachineConfig;
  readonly position: Position;
  /** Of the inputs up to here: see `history.ts`. */
  readonly history: bigint;
  readonly clock: ClockState;
  readonly harts: readonly HartState[];
  readonly platform: PlatformState;
  readonly power: PowerState;
  /** What was written to each disk, by slot. */
  readonly disks: readonly DiskState[];
  readonly ram: Ram;
  /** The mask ROM: what the boot images made of it. */
  readonly rom: Uint8Array;
}
