/** The flattened device tree blob, version 17: Devicetree Specification 0.4, chapter 5. */

export const FDT_MAGIC = 0xd00d_feed;
export const FDT_BEGIN_NODE = 1;
export const FDT_END_NODE = 2;
export const FDT_PROP = 3;
export const FDT_NOP = 4;
export const FDT_END = 9;
export const VERSION = 17;
export const LAST_COMPATIBLE_VERSION = 16;
export const HEADER_BYTES = 40;
export const RESERVATION_BYTES = 16;

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
