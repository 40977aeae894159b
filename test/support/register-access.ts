// What a guest does to device registers and RAM: lists of accesses, which run on QEMU and here alike.

export interface RegisterAccess {
  readonly address: number;
  readonly width: 1 | 2 | 4 | 8;
  /** Stored when given, else the register is loaded. */
  readonly value?: bigint;
  /** Lets the virtual clock go on by this much before what the guest sees is sampled. */
  readonly waitMs?: number;
}

export interface Observation {
  /** What the load returned, zero-extended; 0 for a store. */
  readonly value: bigint;
  /** The trap's mcause plus 1, or 0. */
  readonly trap: number;
  /** MEIP, SEIP, MTIP and MSIP in mip. */
  readonly mip: bigint;
}

export const load = (address: number, width: RegisterAccess["width"], waitMs = 0): RegisterAccess => ({
  address,
  width,
  waitMs,
});

export const store = (
  address: number,
  width: RegisterAccess["width"],
  value: number | bigint,
  waitMs = 0,
): RegisterAccess => ({
  address,
  width,
  value: BigInt(value),
  waitMs,
});

/** For the message of a failure. */
export const shown = ({ address, width, value }: RegisterAccess, index: number): string =>
  `access ${String(index)}: ${value === undefined ? "load" : "store"} of ${String(width)} bytes ` +
  `at 0x${address.toString(16)}${value === undefined ? "" : ` value 0x${value.toString(16)}`}`;
