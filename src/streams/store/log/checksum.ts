/** The checksum of everything in a recording: CRC-32 as in zlib, gzip and PNG, so that any tool can check it. */
import * as zlib from "node:zlib";

/** Finds every flipped bit and every burst of up to 32 bits; it is no defence against somebody who forges. Needs Node 20.15. */
export const checksum = (bytes: Uint8Array): number => zlib.crc32(bytes);
