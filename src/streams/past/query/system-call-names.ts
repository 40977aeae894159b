/** What a Linux kernel calls its system calls: by the functions that its own table of them names. */
import { integerOf } from "../../../machine/little-endian.js";
import { readMemory } from "../names/memory.js";
import type { Recording } from "../recording.js";

/** arch/riscv/kernel/syscall_table.c. */
const TABLE = "sys_call_table";
const POINTER_BYTES = 8n;
/** There are 463 in Linux 6.12. A program may ask for any number. */
export const MAX_SYSTEM_CALLS = 1024;
/** Where no call has the number. */
const NOT_THERE = "ni_syscall";
/** `__riscv_sys_openat`, `sys_ni_syscall`, `__se_sys_read`. */
const PREFIX = /^(?:__\w+?_)?sys_/;

export class SystemCallNames {
  private readonly known = new Map<number, string | undefined>();
  private table: { readonly address: bigint | undefined } | undefined;

  constructor(private readonly recording: Recording) {}

  /** Undefined: no kernel tells. */
  of(number: number): string | undefined {
    if (number < 0 || number >= MAX_SYSTEM_CALLS) return undefined;
    if (!this.known.has(number)) this.known.set(number, this.look(number));
    return this.known.get(number);
  }

  /** Empty: no kernel tells. */
  all(): readonly string[] {
    if (this.tableAddress() === undefined) return [];
    const names = Array.from({ length: MAX_SYSTEM_CALLS }, (_, number) => this.of(number));
    return names.filter((name) => name !== undefined && name !== NOT_THERE) as readonly string[];
  }

  private tableAddress(): bigint | undefined {
    this.table ??= { address: this.recording.kernel?.symbols().find(({ name }) => name === TABLE)?.address };
    return this.table.address;
  }

  private look(number: number): string | undefined {
    const { names } = this.recording;
    const table = this.tableAddress();
    if (table === undefined) return undefined;
    const entry = readMemory(this.recording.at(), table + BigInt(number) * POINTER_BYTES, Number(POINTER_BYTES));
    const name = entry && names.functionAt(integerOf(entry))?.name;
    return name !== undefined && PREFIX.test(name) ? name.replace(PREFIX, "") : undefined;
  }
}
