/** What a Linux kernel leaves in memory for who reads its dumps (Documentation/admin-guide/kdump/vmcoreinfo.rst). */
import type { Ram } from "../../../machine/ram.js";

export const VMCOREINFO = "VMCOREINFO";

/**
 * The text of the kernel's own note, `KEY=VALUE` line by line. It begins a page, as an ELF note, once the kernel is up.
 * Undefined: there is none, or not yet.
 */
export function vmcoreinfoIn(ram: Ram): string | undefined {
  for (const index of ram.pageIndices()) {
    const page = ram.page(index)?.bytes;
    const text = page === undefined ? undefined : textOf(page);
    if (text !== undefined) return text;
  }
  return undefined;
}

const HEADER_BYTES = 12;
/** The name and its zero, padded to 4 bytes. */
const NAME_BYTES = 12;
const FIRST_LINE = "OSRELEASE=";

function textOf(page: Uint8Array): string | undefined {
  const header = new DataView(page.buffer, page.byteOffset, page.byteLength);
  if (header.getUint32(0, true) !== VMCOREINFO.length + 1 || header.getUint32(8, true) !== 0) return undefined;
  const bytes = header.getUint32(4, true);
  const start = HEADER_BYTES + NAME_BYTES;
  if (latin1(page, HEADER_BYTES, VMCOREINFO.length) !== VMCOREINFO || start + bytes > page.length) return undefined;
  const text = latin1(page, start, bytes);
  return text.startsWith(FIRST_LINE) ? text : undefined;
}

const latin1 = (bytes: Uint8Array, start: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(start, start + length));
