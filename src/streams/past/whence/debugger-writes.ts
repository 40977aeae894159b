/** What a debugger wrote into registers: nothing that an instruction did. */
import type { RegisterKey } from "../../../machine/dataflow/deed.js";
import { HART_FIELDS } from "../../../machine/hart/fields.js";
import { findRegister } from "../../../machine/named-registers.js";
import type { Log } from "../../store/log/index.js";
import type { Recording } from "../recording.js";
import type { Place } from "./windows-back.js";

export interface RegistersWritten extends Place {
  readonly hart: number;
  readonly keys: readonly RegisterKey[];
}

/** A log is read once for them: each tree asks again. */
const known = new WeakMap<Log, readonly RegistersWritten[]>();

/** All of a recording's, in order. */
export function registersWritten({ log }: Recording): readonly RegistersWritten[] {
  const written = known.get(log) ?? [...writtenIn(log)];
  known.set(log, written);
  return written;
}

function* writtenIn(log: Log): Generator<RegistersWritten, void> {
  for (const { seq, icount, event } of log.events()) {
    if (event.type === "debugger/registerWritten")
      yield { seq, icount, hart: event.hart, keys: keysOf(event.register) };
  }
}

/** CSRs of the supervisor that are part of the machine's. */
const PARTS: Readonly<Record<string, string>> = { sstatus: "mstatus", sie: "mie", sip: "mip" };

function keysOf(name: string): readonly RegisterKey[] {
  const register = findRegister(name);
  switch (register?.kind) {
    case "x":
    case "f":
      return [`${register.kind}${register.index}`];
    case "pc":
      return ["pc"];
    case "csr":
      if (register.name === "fcsr") return ["fflags", "frm"];
      return HART_FIELDS.filter((field) => field === (PARTS[register.name] ?? register.name));
    default:
      return [];
  }
}
