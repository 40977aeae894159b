/** A physical address in two halves, as a bus takes it: a bigint at each access would cost as much as the device. */

export const halvesOf = (address: bigint): readonly [high: number, low: number] => [
  Number(BigInt.asUintN(32, address >> 32n)),
  Number(BigInt.asUintN(32, address)),
];

/** The address of two halves, of any sign. */
export const addressOf = (high: number, low: number): bigint => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
