/** What a system call is called: a Linux kernel's own table of them says. */
import { integerOf } from "../../src/machine/little-endian.js";
import { readMemory } from "../../src/streams/past/names/memory.js";
import type { Opened } from "./opened.js";

const A7 = 7;
const POINTER_BYTES = 8;
/** More than any kernel has. */
const SYSTEM_CALLS = 1024n;

/** Of a0 to a7. By its number where there is no such table. */
export function systemCallNames({ recording }: Opened): (args: readonly bigint[]) => string {
  const { names } = recording;
  const known = new Map<bigint, string>();
  const table = names.has("sys_call_table") ? names.named("sys_call_table").address : undefined;
  const nameOf = (number: bigint): string => {
    const entry =
      table === undefined || number >= SYSTEM_CALLS
        ? undefined
        : readMemory(recording.at(), table + number * BigInt(POINTER_BYTES), POINTER_BYTES);
    const called = entry && names.functionAt(integerOf(entry))?.name;
    return called?.replace(/^(?:__riscv_)?(?:__do_)?(?:compat_)?sys_/, "") ?? String(number);
  };
  return (args) => {
    const number = args[A7] ?? 0n;
    const name = known.get(number) ?? nameOf(number);
    known.set(number, name);
    return name;
  };
}
