/** What lies at a place of a frame, and where a part of it lies. */
import { bitsOf, bytesAt, signedOf } from "../location-bytes.js";
import type { FrameReader } from "../name-source.js";
import { bytesOf, isSigned as isSignedType, type FoundMember } from "../type-layout.js";
import type { Type } from "../type.js";
import { isScalar, type Operand, type PlaceOf } from "./operand.js";
import type { Value } from "./operators.js";

/** Its value is read when it is asked for. */
export function operandAt(type: Type, place: PlaceOf, frame: FrameReader, isDeclared = false): Operand {
  const { location, bits } = place;
  const isSigned = isSignedType(type);
  const read = (): Value => {
    // An array stands for its address, as in C; so does a structure, which nothing else can be computed from.
    if (!isScalar(type)) return location.kind === "memory" ? location.address : "unmapped";
    const bytes = placeBytes(type, place, frame);
    if (bytes === undefined) return "unmapped";
    const value = bits === undefined ? signedOf(bytes, isSigned) : bitsOf(bytes, bits, isSigned);
    return BigInt.asUintN(64, value);
  };
  return { read, isSigned, type, place, isDeclared };
}

/** All that its bits lie in. Undefined: not mapped, or not known. */
export const placeBytes = (type: Type, { location, bits }: PlaceOf, frame: FrameReader): Uint8Array | undefined =>
  location.kind === "named"
    ? undefined
    : bytesAt(location, bits === undefined ? bytesOf(type) : Math.ceil((bits.offset + bits.width) / 8), frame);

/** Of a structure that lies at a place. */
export function memberPlace({ location, bits }: PlaceOf, { offsetBits, member }: FoundMember): PlaceOf {
  const width = member.widthBits;
  const offset = Math.floor(offsetBits / 8);
  const ofBytes = width === undefined ? undefined : { offset: offsetBits % 8, width };
  // A small structure in one register, and what it is a part of: the bits are taken from there.
  const ofWhole = (): NonNullable<PlaceOf["bits"]> => ({
    offset: (bits?.offset ?? 0) + offsetBits,
    width: width ?? 8 * bytesOf(member.type()),
  });
  switch (location.kind) {
    case "memory":
      return {
        location: { kind: "memory", address: BigInt.asUintN(64, location.address + BigInt(offset)) },
        bits: ofBytes,
      };
    case "value":
      return { location: { kind: "value", value: location.value >> BigInt(8 * offset) }, bits: ofBytes };
    case "register":
      return { location, bits: ofWhole() };
    case "pieces": {
      let start = 0;
      for (const piece of location.pieces) {
        const end = start + 8 * piece.bytes;
        const isInside = bits === undefined && offsetBits >= start && offsetBits + ofWhole().width <= end;
        // Of the other pieces nothing needs to be known.
        if (isInside && piece.at === undefined) return { location: { kind: "pieces", pieces: [piece] }, bits: ofBytes };
        if (isInside && piece.at !== undefined) {
          return memberPlace({ location: piece.at }, { member, offsetBits: offsetBits - start });
        }
        start = end;
      }
      return { location, bits: ofWhole() };
    }
    case "named":
      return { location, bits: ofBytes };
  }
}
