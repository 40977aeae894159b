/** Where `run` and `record` begin: at reset, or in a saved state. */
import { openMachine, type OpenedMachine } from "../streams/session/machine-options.js";
import { openSavedMachine } from "../streams/session/saved-machine.js";
import { readState } from "../streams/host/state-file.js";
import type { Arguments } from "./arguments.js";
import { machineOptions, MACHINE_OPTIONS } from "./machine-arguments.js";

export const START_OPTIONS = {
  ...MACHINE_OPTIONS,
  from: {
    value: "STATE",
    help: "begin in a saved state (FILE) or a recording's snapshot (FILE#NAME), and its machine",
  },
} as const;

export interface StartingPoint {
  /** Throws what opening a machine does. */
  readonly open: () => OpenedMachine;
  /** What its network devices are connected to. */
  readonly nics: ReturnType<typeof machineOptions>["nics"];
  readonly drives: ReturnType<typeof machineOptions>["drives"];
}

/** @throws {UsageError} */
export function startingPoint(args: Arguments<typeof START_OPTIONS>): StartingPoint {
  const options = machineOptions(args);
  const from = args.get("from");
  const open = (): OpenedMachine => {
    if (from === undefined) return openMachine(options);
    const { bytes, path } = readState(from);
    return openSavedMachine(bytes, { machine: options, path });
  };
  return { open, nics: options.nics, drives: options.drives };
}
