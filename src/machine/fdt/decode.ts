/** Decodes a device tree blob. The blob may come from anywhere, so everything is checked. */
import type { Fdt, FdtNode, FdtProperty } from "./fdt.js";
import {
  FDT_BEGIN_NODE,
  FDT_END,
  FDT_END_NODE,
  FDT_MAGIC,
  FDT_NOP,
  FDT_PROP,
  HEADER_BYTES,
  RESERVATION_BYTES,
  VERSION,
  viewOf,
} from "./format.js";

export type FdtErrorCode = "FDT_NOT_FDT" | "FDT_TOO_LARGE" | "FDT_TRUNCATED" | "FDT_VERSION" | "FDT_MALFORMED";

/** The bytes are not a device tree that this reader understands. The message says why and what to do. */
export class FdtError extends Error {
  override readonly name = "FdtError";
  constructor(
    readonly code: FdtErrorCode,
    message: string,
  ) {
    super(message);
  }
}

/** The tree in a blob. Its values are views of the blob. `name` is the file's name for messages. @throws {FdtError} */
export const decodeFdt = (bytes: Uint8Array, name = "the device tree"): Required<Fdt> => {
  const header = viewOf(bytes);
  if (bytes.length < 4 || header.getUint32(0) !== FDT_MAGIC) {
    throw new FdtError(
      "FDT_NOT_FDT",
      `${name} is not a device tree blob: it does not begin with d0 0d fe ed. Compile a source with dtc -O dtb.`,
    );
  }
  if (bytes.length > MAX_BLOB_BYTES) {
    throw new FdtError("FDT_TOO_LARGE", `${name} has ${bytes.length} bytes, and a tree at most ${MAX_BLOB_BYTES}.`);
  }
  const totalBytes = bytes.length < 8 ? HEADER_BYTES : header.getUint32(4);
  if (bytes.length < totalBytes || bytes.length < HEADER_BYTES) {
    throw new FdtError(
      "FDT_TRUNCATED",
      `${name} is cut short: it says ${totalBytes} bytes, and has ${bytes.length}. Copy or build it again.`,
    );
  }
  const version = header.getUint32(20);
  if (version < VERSION || header.getUint32(24) > VERSION) {
    throw new FdtError("FDT_VERSION", `${name} has version ${version}; this reader knows ${VERSION}.`);
  }
  const block = (what: string, offset: number, length: number): Uint8Array => {
    if (offset + length > totalBytes) throw malformed(name, `its ${what} block ends outside it`);
    return bytes.subarray(offset, offset + length);
  };
  const structure = block("structure", header.getUint32(8), header.getUint32(36));
  const names = block("strings", header.getUint32(12), header.getUint32(32));
  return {
    root: readStructure(structure, names, name),
    reservations: readReservations(block("reservation", header.getUint32(16), 0), bytes.subarray(0, totalBytes), name),
    bootHartId: header.getUint32(28),
  };
};

/** Linux maps 2 MiB for a tree on most machines, and 4 MiB at most. A tree is decoded and encoded anew at once. */
export const MAX_BLOB_BYTES = 16 << 20;
/** The Devicetree Specification has 31. All the properties of a hostile blob may share one name as long as the blob. */
const MAX_NAME_BYTES = 255;
/** Deeper than any real tree. A hostile blob must not exhaust the stack. */
const MAX_DEPTH = 64;

const readStructure = (structure: Uint8Array, names: Uint8Array, name: string): FdtNode => {
  const view = viewOf(structure);
  let offset = 0;
  const cell = (): number => {
    if (offset + 4 > structure.length) throw malformed(name, "its structure block ends inside a node");
    offset += 4;
    return view.getUint32(offset - 4);
  };
  const token = (): number => {
    let value = cell();
    while (value === FDT_NOP) value = cell();
    return value;
  };
  const padded = (length: number): Uint8Array => {
    if (offset + length > structure.length) throw malformed(name, "a value ends outside its structure block");
    const bytes = structure.subarray(offset, offset + length);
    offset = Math.ceil((offset + length) / 4) * 4;
    return bytes;
  };
  const readNode = (depth: number): FdtNode => {
    if (depth > MAX_DEPTH) throw malformed(name, `its nodes nest deeper than ${String(MAX_DEPTH)}`);
    const nodeName = padded(nameLength(structure, offset, name) + 1);
    const properties: FdtProperty[] = [];
    const children: FdtNode[] = [];
    for (;;) {
      const next = token();
      if (next === FDT_END_NODE) return { name: decodeName(nodeName), properties, children };
      if (next === FDT_BEGIN_NODE) children.push(readNode(depth + 1));
      else if (next === FDT_PROP) {
        const length = cell();
        const start = cell();
        const propertyName = names.subarray(start, start + nameLength(names, start, name) + 1);
        properties.push([decodeName(propertyName), padded(length)]);
      } else throw malformed(name, `its structure block has the unknown token ${next}`);
    }
  };
  if (token() !== FDT_BEGIN_NODE) throw malformed(name, "it has no root node");
  const root = readNode(0);
  if (token() !== FDT_END) throw malformed(name, "something follows its root node");
  return root;
};

const readReservations = (start: Uint8Array, bytes: Uint8Array, name: string): Required<Fdt>["reservations"] => {
  const view = viewOf(bytes);
  const reservations: { address: bigint; sizeBytes: bigint }[] = [];
  for (let offset = start.byteOffset - bytes.byteOffset; ; offset += RESERVATION_BYTES) {
    if (offset + RESERVATION_BYTES > bytes.length) throw malformed(name, "its reservations have no end");
    const address = view.getBigUint64(offset);
    const sizeBytes = view.getBigUint64(offset + 8);
    if (address === 0n && sizeBytes === 0n) return reservations;
    reservations.push({ address, sizeBytes });
  }
};

const nameLength = (bytes: Uint8Array, start: number, name: string): number => {
  const end = bytes.subarray(start, start + MAX_NAME_BYTES + 1).indexOf(0);
  if (end >= 0) return end;
  const isTooLong = start + MAX_NAME_BYTES < bytes.length;
  throw malformed(name, isTooLong ? `a name in it has more than ${MAX_NAME_BYTES} bytes` : "a name in it has no end");
};

const decodeName = (withFinalZero: Uint8Array): string => new TextDecoder().decode(withFinalZero.subarray(0, -1));

const malformed = (name: string, what: string): FdtError =>
  new FdtError("FDT_MALFORMED", `${name} is damaged: ${what}. Build it again with dtc.`);
