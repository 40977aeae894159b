/** What a hart did in one go: an instruction, or the way into a trap; with all that it wrote, and of what. */
import type { HartField } from "../hart/fields.js";
import type { Sourced } from "./sourced.js";

/** A register or field of a hart, as a key: `x10`, `f8`, `sepc`. */
export type RegisterKey = `x${number}` | `f${number}` | HartField;

export interface Deed {
  /** `trap`: the instruction did not retire. */
  readonly kind: "instruction" | "trap" | "interrupt";
  readonly pc: bigint;
  /** The instruction's encoding; undefined: none could be fetched, or none was. */
  readonly raw: number | undefined;
  /** As in xcause, of a trap or an interrupt. */
  readonly cause: bigint | undefined;
  readonly registers: ReadonlyMap<RegisterKey, Sourced>;
  readonly stores: readonly Store[];
  /** What a conditional branch compared; or what a jump's target was made of. */
  readonly target: Sourced | undefined;
}

export interface Store {
  /** Physical, of each byte; of a device's register, of the first. */
  readonly addresses: readonly number[];
  readonly isDevice: boolean;
  /** As the hart sees the first byte; undefined: a page-table walk stored it. */
  readonly virtual: bigint | undefined;
  /** The low bytes are stored. `addresses` of it: what the store's own address was made of, too. */
  readonly value: Sourced;
}
