/** How a frame is left, by what its function's code was seen to do. */
import { integerOf } from "../../../machine/little-endian.js";
import { FP, SP, type Prologue } from "./frame-scan.js";
import type { FrameReader, UnwindRules } from "./name-source.js";

export type AddressIn = (frame: FrameReader) => bigint | undefined;

export interface ScannedRules extends Pick<UnwindRules, "returnRegister" | "isSignalFrame"> {
  readonly canonicalFrameAddress: AddressIn;
  /** Of registers, from the canonical frame address. */
  readonly saved: ReadonlyMap<number, number>;
  /** Whether a register that was not saved is still the caller's. */
  readonly isKept: (register: number) => boolean;
}

export const scannedRules = ({ saved, isKept, ...rules }: ScannedRules): UnwindRules => ({
  ...rules,
  register: (register, frame, address) => {
    if (register === SP) return address;
    const offset = saved.get(register);
    if (offset === undefined) return isKept(register) ? frame.register(register) : undefined;
    const bytes = frame.read(moved(address, offset), REGISTER_BYTES);
    return bytes && integerOf(bytes);
  },
});

/** Behind a prologue. */
export const addressBehind =
  ({ framePointerBytes, frameBytes }: Prologue): AddressIn =>
  (frame) =>
    framePointerBytes === undefined
      ? offsetFrom(frame.register(SP), frameBytes)
      : offsetFrom(frame.register(FP), framePointerBytes);

export const offsetFrom = (address: bigint | undefined, bytes: number): bigint | undefined =>
  address === undefined ? undefined : moved(address, bytes);

const moved = (address: bigint, bytes: number): bigint => BigInt.asUintN(64, address + BigInt(bytes));

const REGISTER_BYTES = 8;
