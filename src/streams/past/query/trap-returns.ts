/**
 * Traps and the xRETs (privileged spec §3.3.2) that end them: one that goes back to the same level with the same stack
 * pointer; to a program, by the same task, whatever its handler did to the program's stack.
 */
import type { Probes } from "../../../machine/engine/probes.js";
import { PRIVILEGE } from "../../../machine/hart/mstatus.js";
import { INTERRUPT_BIT } from "../../../machine/hart/trap-causes.js";
import type { Machine } from "../../../machine/machine.js";
import { MAX_UNRETURNED_CALLS, type Settled } from "./returns.js";
import { instantThere } from "./row.js";

interface Pending {
  readonly trap: number;
  /** Behind an ecall, where a0 is what came of it. Undefined: it is none. */
  readonly behind: bigint | undefined;
}

const SRET = 0x1020_0073;
const MRET = 0x3020_0073;

/** What it takes to see traps and their ends. */
export const TRAPS_AND_RETURNS: Probes = { traps: true, encodings: (raw) => raw === SRET || raw === MRET };

export class TrapReturns {
  private traps = 0;
  /** By level and stack pointer, or task. */
  private readonly pending = new Map<string, Pending>();

  /** A hart is about to take a trap. Answers what that settles: who traps there again has left the trap before. */
  taken(machine: Machine, cause: bigint): Settled | undefined {
    const fields = machine.present.harts[machine.hart]?.fields;
    if (fields === undefined) return undefined;
    const key = keyOf(fields.privilege, machine, fields.sscratch);
    const left = this.pending.get(key) ?? this.oldestOfTooMany();
    this.pending.delete(key);
    this.pending.set(key, { trap: this.traps++, behind: isEcall(cause) ? machine.pc + ECALL_BYTES : undefined });
    return left && { calls: [left.trap], returned: undefined };
  }

  /** A hart has come to an xRET. Undefined: it ends no trap. */
  reached(machine: Machine, icount: number): Settled | undefined {
    const fields = machine.present.harts[machine.hart]?.fields;
    if (fields === undefined) return undefined;
    const isMret = machine.codeAt(machine.pc) === MRET;
    const to = isMret ? (fields.mstatus >> MPP_SHIFT) & 3n : (fields.mstatus >> SPP_SHIFT) & 1n;
    const key = keyOf(to, machine, fields.sscratch);
    const found = this.pending.get(key);
    if (found === undefined) return undefined;
    this.pending.delete(key);
    const target = isMret ? fields.mepc : fields.sepc;
    const a = target === found.behind ? [machine.x(A0)] : [];
    const carried = { a, fa: [], stack: [], memory: [] };
    return { calls: [found.trap], returned: { ...instantThere(machine, icount), carried } };
  }

  private oldestOfTooMany(): Pending | undefined {
    if (this.pending.size < MAX_UNRETURNED_CALLS) return undefined;
    const [oldest] = this.pending;
    if (oldest !== undefined) this.pending.delete(oldest[0]);
    return oldest?.[1];
  }
}

const SP = 2;
const A0 = 10;
const ECALL_BYTES = 4n;
const SPP_SHIFT = 8n;
const MPP_SHIFT = 11n;

/** Linux has the task of a program in sscratch while that runs; a kernel's stacks are apart. */
const keyOf = (privilege: bigint, machine: Machine, sscratch: bigint): string =>
  privilege === PRIVILEGE.user && sscratch !== 0n
    ? `task ${String(sscratch)}`
    : `${String(privilege)} ${String(machine.x(SP))}`;

/** The ecalls of U, S and M: 8, 9 and 11. */
const isEcall = (cause: bigint): boolean => (cause & INTERRUPT_BIT) === 0n && cause >= 8n && cause <= 11n;
