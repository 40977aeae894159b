/** Where `run` and `record` begin: at reset, or in a saved state. */
import { hostEngine } from "../streams/host/host-engine.js";
import { packagedFirmware } from "../streams/host/firmware.js";
import { missingFirmware } from "../streams/session/firmware.js";
import {
  openMachine,
  type MachineOptions,
  type OpenedMachine,
  type Probing,
} from "../streams/session/machine-options.js";
import { openSavedMachine } from "../streams/session/saved-machine.js";
import type { Arguments } from "./arguments.js";
import type { Devices } from "./device-arguments.js";
import { machineArguments, MACHINE_OPTIONS } from "./machine-arguments.js";

export const START_OPTIONS = {
  ...MACHINE_OPTIONS,
  from: {
    value: "STATE",
    file: "read",
    help: "begin in a saved state (FILE) or a recording's snapshot (FILE#NAME), and its machine",
  },
} as const;

export interface StartingPoint {
  /** Throws what opening a machine does. */
  readonly open: (probing?: Probing) => OpenedMachine;
  /** For a machine that another process opens: throws where the package has no firmware. */
  readonly machine: () => MachineOptions;
  readonly from: string | undefined;
  readonly devices: Devices;
  /** What will probably go wrong. */
  readonly warning: string | undefined;
}

/** @throws {UsageError} */
export function startingPoint(args: Arguments<typeof START_OPTIONS>): StartingPoint {
  const from = args.get("from");
  const [bios, kernel] = [args.get("bios"), args.get("kernel")];
  const isBare = from === undefined && (bios === undefined || bios === "none");
  const { options, devices } = machineArguments(args);
  const machine = (): MachineOptions => (bios === "default" ? { ...options, bios: packagedFirmware() } : options);
  const open = (probing?: Probing): OpenedMachine =>
    from === undefined
      ? openMachine(machine(), hostEngine, probing)
      : openSavedMachine(from, { machine: machine(), probing });
  const warning = isBare && kernel !== undefined ? missingFirmware(kernel) : undefined;
  return { open, machine, from, devices, warning };
}
