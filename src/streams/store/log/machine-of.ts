/** The machine that a recording's header describes. */
import { isLeft } from "fp-ts/lib/Either.js";

import { MachineConfig } from "../../../reducers/machine-config.js";
import type { LogHeader } from "./header.js";
import { LogError } from "./log-error.js";

/** What a message shows of a value. */
const MAX_SHOWN_LETTERS = 60;

/** @throws {LogError} INVALID_HEADER, with the field, if this version can't make the machine */
export const machineOf = ({ machine }: LogHeader): MachineConfig => {
  const decoded = MachineConfig.decode(machine);
  if (!isLeft(decoded)) return decoded.right;
  const [fault] = decoded.left;
  const path = (fault?.context ?? []).map(({ key }) => key).filter((key) => key !== "");
  const value = ((JSON.stringify(fault?.value) as string | undefined) ?? "nothing").slice(0, MAX_SHOWN_LETTERS);
  const reason = fault?.message === undefined ? "" : ` (${fault.message})`;
  const what = `the recording's machine has ${path.join("/")} ${value}${reason}; a newer foldvm may run it, this one can't`;
  throw new LogError("INVALID_HEADER", what, { field: path.join("/") || "machine" });
};
