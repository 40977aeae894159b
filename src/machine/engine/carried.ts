/**
 * The other end of a copy between a device and RAM: where the first byte comes from or goes to. Absent: the device made
 * the bytes, or used them, by itself, as it does with its rings.
 */
export type Carried =
  /** The disk in a virtio slot; the offset in bytes. */
  | { readonly kind: "disk"; readonly slot: number; readonly offset: number }
  /** A stream of bytes that came in for the device, counted from where the present event's begin: -1 came before it. */
  | { readonly kind: "stream"; readonly offset: number }
  /** The bytes of the present event. What lies before them is a header that the device made. */
  | { readonly kind: "message"; readonly offset: number };

export const carriedFrom = (carried: Carried | undefined, bytes: number): Carried | undefined =>
  carried && { ...carried, offset: carried.offset + bytes };
