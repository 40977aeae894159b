/** The checksum of everything in a recording: CRC-32 as in zlib, gzip and PNG, so that other tools can check it. */
import crc32 from "crc-32";

/** Detects every flipped bit and every burst of up to 32 bits. It does not protect against forgery. */
export const checksum = (bytes: Uint8Array): number => crc32.buf(bytes) >>> 0;
