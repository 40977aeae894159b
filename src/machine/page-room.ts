/** Room for pages that are kept: they share small slabs, so allocations are few, and a page keeps few others alive. */

const SLAB_PAGES = 16;

/** Each call of what it returns gives the room for one more page, all zeros. */
export function roomFor(pageBytes: number): () => Uint8Array {
  let slab = new Uint8Array(0);
  let used = 0;
  return () => {
    if (used === slab.length) {
      slab = new Uint8Array(SLAB_PAGES * pageBytes);
      used = 0;
    }
    used += pageBytes;
    return slab.subarray(used - pageBytes, used);
  };
}
