/** A descriptor of a split virtqueue, as a driver lays it out in RAM (virtio 1.2, 2.7.5). */
export const DESCRIPTOR_BYTES = 16;

/** Flags. */
export const NEXT = 1;
export const WRITE = 2;
export const INDIRECT = 4;

export const descriptor = (address: bigint, length: number, flags = 0, next = 0): Uint8Array => {
  const bytes = new Uint8Array(DESCRIPTOR_BYTES);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, address, true);
  view.setUint32(8, length, true);
  view.setUint16(12, flags, true);
  view.setUint16(14, next, true);
  return bytes;
};
