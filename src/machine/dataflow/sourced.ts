/** A value with what it was made of, byte by byte. */
import { NONE, union, type Origins } from "./origins.js";

export const VALUE_BYTES = 8;

/** What was not copied into a value, but decided it. */
export interface Deciders {
  /** What the addresses of the loads among its origins were made of. */
  readonly addresses: Origins;
  /** What the instruction looked at to choose this value. */
  readonly conditions: Origins;
}

export interface Sourced extends Deciders {
  /** 0 to 2^64 - 1. */
  readonly value: bigint;
  /** Lowest byte first. A byte without origins is a constant of the instruction. */
  readonly bytes: readonly Origins[];
}

/** A condition with all that was compared. */
export interface SourcedCondition extends Deciders {
  readonly value: boolean;
  readonly origins: Origins;
}

const NO_BYTES: readonly Origins[] = new Array<Origins>(VALUE_BYTES).fill(NONE);

export const constant = (value: bigint): Sourced => ({
  value: BigInt.asUintN(64, value),
  bytes: NO_BYTES,
  addresses: NONE,
  conditions: NONE,
});

export const everyByte = (origins: Origins): readonly Origins[] =>
  origins.size === 0 ? NO_BYTES : new Array<Origins>(VALUE_BYTES).fill(origins);

export const originsOf = ({ bytes }: Sourced): Origins => union(...bytes);

export const isConstant = ({ bytes }: Sourced): boolean => bytes === NO_BYTES || bytes.every(({ size }) => size === 0);

export const byteOf = (value: bigint, byte: number): number => Number((value >> BigInt(8 * byte)) & 0xffn);

export const decidersOf = (...values: readonly Deciders[]): Deciders => ({
  addresses: union(...values.map(({ addresses }) => addresses)),
  conditions: union(...values.map(({ conditions }) => conditions)),
});

/** The same value, chosen by a condition. */
export const decidedBy = (value: Sourced, { origins, addresses, conditions }: SourcedCondition): Sourced => {
  if (origins.size === 0 && addresses.size === 0 && conditions.size === 0) return value;
  return {
    ...value,
    addresses: union(value.addresses, addresses),
    conditions: union(value.conditions, origins, conditions),
  };
};
