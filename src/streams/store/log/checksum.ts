/** The checksum of everything in a recording: CRC-32 as in zlib, gzip and PNG, so that any tool can check it. */
import crc32 from "crc-32";

/** Finds every flipped bit and every burst of up to 32 bits; it is no defence against somebody who forges. */
export const checksum = (bytes: Uint8Array): number => crc32.buf(bytes) >>> 0;
