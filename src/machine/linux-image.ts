/** The header of a RISC-V Linux Image (Linux, Documentation/arch/riscv/boot-image-header.rst). */

export interface LinuxImageHeader {
  /** The kernel's load offset from the start of RAM, in bytes: 2 MiB on RV64. */
  readonly textOffsetBytes: bigint;
  /** The size of the running kernel, with its .bss. It is larger than the file. */
  readonly imageBytes: bigint;
  /** Header version as (major, minor). */
  readonly version: readonly [number, number];
}

/** The header; undefined if the bytes are not an Image, as for any other raw binary. */
export const readLinuxImageHeader = (bytes: Uint8Array): LinuxImageHeader | undefined => {
  if (bytes.length < HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // The first magic is deprecated since header version 0.2, but still present. The second one decides.
  if (view.getUint32(56, true) !== MAGIC2) return undefined;
  const version = view.getUint32(32, true);
  return {
    textOffsetBytes: view.getBigUint64(8, true),
    imageBytes: view.getBigUint64(16, true),
    version: [version >>> 16, version & 0xffff],
  };
};

/** Why these bytes would not run as a raw binary although they are a kernel; undefined: no reason found. */
export const packedKernel = (bytes: Uint8Array): string | undefined =>
  PACKINGS.find(({ offset, magic }) => magic.every((byte, index) => bytes[offset + index] === byte))?.remedy;

const HEADER_BYTES = 64;
/** "RSC\x05" */
const MAGIC2 = 0x0543_5352;

const PACKINGS = [
  { offset: 0, magic: [0x1f, 0x8b], remedy: "it is compressed with gzip: unpack it with gunzip" },
  { offset: 0, magic: [0x28, 0xb5, 0x2f, 0xfd], remedy: "it is compressed with zstd: unpack it with zstd -d" },
  { offset: 0, magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a], remedy: "it is compressed with xz: unpack it with unxz" },
  { offset: 0, magic: [0x27, 0x05, 0x19, 0x56], remedy: "it is a U-Boot image: take the payload out with dumpimage" },
  // EFI zboot: a PE program that unpacks itself. It needs EFI firmware.
  { offset: 4, magic: [0x7a, 0x69, 0x6d, 0x67], remedy: "it is an EFI zboot image: use the Image it was made from" },
] as const;
