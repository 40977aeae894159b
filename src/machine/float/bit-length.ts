/** The number of bits of a positive bigint. */
const scratch = new DataView(new ArrayBuffer(8));

export const bitLength = (positive: bigint): number => {
  const approximate = Number(positive);
  if (approximate === Infinity) return 1000 + bitLength(positive >> 1000n);
  scratch.setFloat64(0, approximate);
  const high = scratch.getUint32(0);
  const length = (high >>> 20) - 1022;
  // The conversion rounds to nearest, which can carry 2^n - 1 up to 2^n. Only then is the fraction zero.
  const mayHaveCarried = (high & 0xfffff) === 0 && length > 53;
  return mayHaveCarried && positive >> BigInt(length - 1) === 0n ? length - 1 : length;
};
