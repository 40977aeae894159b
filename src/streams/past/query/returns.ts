/**
 * Calls and their returns: one has returned where a hart comes to its return address, with that in ra and with its
 * stack pointer.
 */
import type { Probes } from "../../../machine/engine/probes.js";
import { MAX_PROBES } from "../../../machine/engine/probes.js";
import { PRIVILEGE } from "../../../machine/hart/mstatus.js";
import type { Machine } from "../../../machine/machine.js";
import type { Instant } from "../../../reducers/stream-event.js";
import { physicalIn } from "../names/memory.js";
import type { Carried, Needed } from "../names/passed-values.js";
import { PlaceError } from "../names/place-error.js";
import { carriedAtReturn } from "./call-values.js";
import { instantThere } from "./row.js";

/** Rows wait for the oldest call that is under way; then it counts as one that has not returned. */
export const MAX_UNRETURNED_CALLS = 1 << 16;

/** What became of calls, by their numbers: counted from 0 in the order of the calls. */
export interface Settled {
  readonly calls: readonly number[];
  /** Undefined: they will never return. */
  readonly returned: (Instant & { readonly carried: Carried }) | undefined;
}

interface Pending {
  readonly call: number;
  readonly needed: Needed | undefined;
  readonly a0: bigint;
}

export class Returns {
  private calls = 0;
  /** By return address, stack pointer and address space: a function that jumps to another returns with it. */
  private readonly pending = new Map<string, Pending[]>();
  /** Physical addresses that calls return to, and those of the instructions that call, with their lengths. */
  private readonly ends = new Set<number>();
  private readonly sites = new Map<number, bigint>();
  private watched: Probes;

  constructor(private readonly functions: readonly number[]) {
    this.watched = { arrivals: functions };
  }

  get probes(): Probes {
    return this.watched;
  }

  /** A hart has come to the first instruction of a function. */
  called(machine: Machine, needed: Needed | undefined): void {
    const call = this.calls++;
    const address = machine.x(RA);
    this.watch(machine, address);
    const key = keyOf(machine, address);
    const pending = { call, needed, a0: machine.x(A0) };
    const same = this.pending.get(key);
    if (same === undefined) this.pending.set(key, [pending]);
    else same.push(pending);
    if (call % MAX_UNRETURNED_CALLS === 0) this.forgetBefore(call - MAX_UNRETURNED_CALLS);
  }

  /** A hart has come to an instruction. Undefined: that settles nothing. */
  reached(machine: Machine, icount: number, address: number): Settled | undefined {
    if (this.ends.has(address)) {
      const settled = this.taken(keyOf(machine, machine.pc));
      if (settled !== undefined) {
        // A branch leads here too. Only a return leaves its own address in ra.
        if (machine.x(RA) !== machine.pc) return { calls: settled.map(({ call }) => call), returned: undefined };
        const [{ needed, a0 } = { needed: undefined, a0: 0n }] = settled;
        const carried = carriedAtReturn(machine, needed, a0);
        return { calls: settled.map(({ call }) => call), returned: { ...instantThere(machine, icount), carried } };
      }
    }
    const length = this.sites.get(address);
    if (length === undefined) return undefined;
    // Whoever calls again from the same frame has left that call in another way, as longjmp does.
    const left = this.taken(keyOf(machine, machine.pc + length));
    return left && { calls: left.map(({ call }) => call), returned: undefined };
  }

  private taken(key: string): readonly Pending[] | undefined {
    const found = this.pending.get(key);
    if (found !== undefined) this.pending.delete(key);
    return found;
  }

  /** The return may be the next instruction: the run ends here, and what is watched follows. */
  private watch(machine: Machine, virtual: bigint): void {
    const end = physicalIn(() => machine.present, virtual);
    if (end === undefined || this.ends.has(end)) return;
    this.ends.add(end);
    for (const length of [2n, 4n]) {
      const site = physicalIn(() => machine.present, virtual - length);
      if (site !== undefined && isCall(machine.codeAt(virtual - length), length)) this.sites.set(site, length);
    }
    const arrivals = [...new Set([...this.functions, ...this.ends, ...this.sites.keys()])];
    if (arrivals.length > MAX_PROBES) {
      const message = `these functions are called from more than ${String(this.ends.size)} places, whose results can't all be watched: name fewer, or leave results out`;
      throw new PlaceError("AMBIGUOUS_NAME", message);
    }
    this.watched = { arrivals };
    machine.breakOff();
  }

  private forgetBefore(call: number): void {
    for (const [key, calls] of this.pending) {
      const young = calls.filter((one) => one.call >= call);
      if (young.length === 0) this.pending.delete(key);
      else if (young.length < calls.length) this.pending.set(key, young);
    }
  }
}

const RA = 1;
const SP = 2;
const A0 = 10;

/** Programs have the same addresses; a process is told by its page table, and keeps it. A kernel's stacks are apart. */
function keyOf(machine: Machine, returnAddress: bigint): string {
  const { fields } = machine.present.harts[machine.hart] ?? {};
  const space = fields?.privilege === PRIVILEGE.user ? fields.satp & PAGE_TABLE : 0n;
  return `${String(returnAddress)} ${String(machine.x(SP))} ${String(space)}`;
}

/** Of satp, without mode and ASID. */
const PAGE_TABLE = (1n << 44n) - 1n;

/** jal ra, jalr ra, c.jalr. */
function isCall(raw: number | undefined, length: bigint): boolean {
  if (raw === undefined) return false;
  if (length === 2n) return (raw & 0xf07f) === 0x9002 && (raw & 0x0f80) !== 0;
  return (raw & 0xfff) === 0x0ef || (raw & 0x7fff) === 0x00e7;
}
