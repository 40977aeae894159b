/** Inflates a compressed section (gABI, "Section Compression"; RFC 1950). */
import { unzlibSync } from "fflate";
import type { Section } from "./section.js";

/** Inflated whole, so in memory: many times what a kernel's largest section has compressed. */
export const MAX_INFLATED_BYTES = 2 ** 30;
/** Deflate makes no more than 1,032 bytes of one: what announces more would only take memory. */
const DEFLATE_RATIO = 1032;
const ELFCOMPRESS_ZLIB = 1;
const REMEDY = "objcopy --decompress-debug-sections makes a file that is read";

/** `GNU`: with the header of the sections called `.zdebug_`. @throws {DwarfError} */
export function inflated(section: Section, form: "gABI" | "GNU"): Uint8Array {
  const header = section.cursor(0);
  let size: bigint;
  if (form === "GNU") {
    if (header.u32() !== ZLIB_MAGIC) throw section.error("DAMAGED", 0, "it does not begin with ZLIB");
    size = bigEndian64(header.block(8));
  } else {
    const kind = header.u32();
    if (kind !== ELFCOMPRESS_ZLIB) {
      throw section.error("UNSUPPORTED", 0, `compression ${String(kind)} is not read, only zlib`, REMEDY);
    }
    header.skip(4);
    size = header.u64();
    header.skip(8);
  }
  const compressed = header.block(header.left);
  if (size > MAX_INFLATED_BYTES) throw section.error("TOO_LARGE", 0, `it has ${String(size)} bytes inflated`, REMEDY);
  if (size > BigInt(compressed.length) * BigInt(DEFLATE_RATIO)) {
    throw section.error("DAMAGED", 0, `${String(compressed.length)} bytes cannot hold ${String(size)}`);
  }
  return inflate(section, compressed, Number(size));
}

const ZLIB_MAGIC = 0x4249_4c5a;

function inflate(section: Section, compressed: Uint8Array, size: number): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = unzlibSync(compressed, { out: new Uint8Array(size) });
  } catch (fault) {
    throw section.error("DAMAGED", 0, `it cannot be inflated (${fault instanceof Error ? fault.message : "zlib"})`);
  }
  const told = Number(bigEndian64(Uint8Array.of(0, 0, 0, 0, ...compressed.subarray(-4))));
  if (bytes.length !== size || adler32(bytes) !== told) {
    throw section.error("DAMAGED", 0, "what it inflates to is not what was compressed");
  }
  return bytes;
}

const bigEndian64 = (bytes: Uint8Array): bigint => new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0);

/** RFC 1950, section 8: the library does not look at it. */
function adler32(bytes: Uint8Array): number {
  let low = 1;
  let high = 0;
  // The sums of so many bytes fit 32 bits.
  for (let from = 0; from < bytes.length; from += 3800) {
    const end = Math.min(from + 3800, bytes.length);
    for (let at = from; at < end; at++) {
      low += bytes[at]!;
      high += low;
    }
    low %= 65_521;
    high %= 65_521;
  }
  return ((high << 16) | low) >>> 0;
}
