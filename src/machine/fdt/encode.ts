/** Encodes a device tree as a blob. */
import { cells, strings, type Fdt, type FdtNode } from "./fdt.js";
import {
  FDT_BEGIN_NODE,
  FDT_END,
  FDT_END_NODE,
  FDT_MAGIC,
  FDT_PROP,
  HEADER_BYTES,
  LAST_COMPATIBLE_VERSION,
  RESERVATION_BYTES,
  VERSION,
  viewOf,
} from "./format.js";

/** The packed blob. */
export const encodeFdt = ({ root, reservations = [], bootHartId = 0 }: Fdt): Uint8Array => {
  const structure: number[] = [];
  const names: number[] = [];
  const nameOffsets = new Map<string, number>();
  const pushCell = (value: number): void => {
    structure.push((value >>> 24) & 0xff, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
  };
  const pushPadded = (bytes: Uint8Array): void => {
    for (const byte of bytes) structure.push(byte);
    while (structure.length % 4 !== 0) structure.push(0);
  };
  const nameOffset = (name: string): number => {
    const known = nameOffsets.get(name);
    if (known !== undefined) return known;
    const offset = names.length;
    nameOffsets.set(name, offset);
    names.push(...strings(name));
    return offset;
  };
  const pushNode = ({ name, properties, children }: FdtNode): void => {
    pushCell(FDT_BEGIN_NODE);
    pushPadded(strings(name));
    for (const [propertyName, value] of properties) {
      pushCell(FDT_PROP);
      pushCell(value.length);
      pushCell(nameOffset(propertyName));
      pushPadded(value);
    }
    children.forEach(pushNode);
    pushCell(FDT_END_NODE);
  };
  pushNode(root);
  pushCell(FDT_END);

  const structureOffset = HEADER_BYTES + (reservations.length + 1) * RESERVATION_BYTES;
  const stringsOffset = structureOffset + structure.length;
  const bytes = new Uint8Array(stringsOffset + names.length);
  bytes.set(
    cells(
      FDT_MAGIC,
      bytes.length,
      structureOffset,
      stringsOffset,
      HEADER_BYTES,
      VERSION,
      LAST_COMPATIBLE_VERSION,
      bootHartId,
      names.length,
      structure.length,
    ),
  );
  const view = viewOf(bytes);
  for (const [index, { address, sizeBytes }] of reservations.entries()) {
    view.setBigUint64(HEADER_BYTES + index * RESERVATION_BYTES, address);
    view.setBigUint64(HEADER_BYTES + index * RESERVATION_BYTES + 8, sizeBytes);
  }
  bytes.set(structure, structureOffset);
  bytes.set(names, stringsOffset);
  return bytes;
};
