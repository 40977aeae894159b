/** Addresses and registers as QEMU's monitor prints them: sixteen digits. */
export const hex = (value: number | bigint): string => value.toString(16).padStart(16, "0");
