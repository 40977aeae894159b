/** The flattened device tree blob (Devicetree Specification 0.4, chapter 5), version 17: written, read and edited. */

/** A property's value is bytes; `cells`, `cells64`, `strings` and `empty` make the usual ones. */
export type FdtProperty = readonly [name: string, value: Uint8Array];

export interface FdtNode {
  /** Without its path, with its unit address: `serial@10000000`. Empty at the root. */
  readonly name: string;
  readonly properties: readonly FdtProperty[];
  readonly children: readonly FdtNode[];
}

export interface Fdt {
  readonly root: FdtNode;
  /** RAM that the guest must leave alone (`/memreserve/`). */
  readonly reservations?: readonly { readonly address: bigint; readonly sizeBytes: bigint }[];
  readonly bootHartId?: number;
}

export type FdtErrorCode = "fdt-not-fdt" | "fdt-truncated" | "fdt-version" | "fdt-malformed";

/** The bytes are no device tree that this reader understands; the message says why and what to do. */
export class FdtError extends Error {
  override readonly name = "FdtError";
  constructor(
    readonly code: FdtErrorCode,
    message: string,
  ) {
    super(message);
  }
}

export const node = (name: string, properties: readonly FdtProperty[], children: readonly FdtNode[] = []): FdtNode => ({
  name,
  properties,
  children,
});

/** Big-endian 32-bit cells. */
export const cells = (...values: readonly number[]): Uint8Array => {
  const bytes = new Uint8Array(values.length * 4);
  const view = viewOf(bytes);
  for (const [index, value] of values.entries()) view.setUint32(index * 4, value);
  return bytes;
};

/** Values of two cells each, as `reg` has them where #address-cells and #size-cells are 2. */
export const cells64 = (...values: readonly number[]): Uint8Array =>
  cells(...values.flatMap((value) => [Math.floor(value / 2 ** 32), value >>> 0]));

/** One or more strings, each with its final zero. */
export const strings = (...values: readonly string[]): Uint8Array =>
  new TextEncoder().encode(values.map((value) => `${value}\0`).join(""));

/** The value of a property that says all by being there. */
export const empty: Uint8Array = new Uint8Array(0);

/** The node at `path` ("/" or "/soc/serial@10000000"), or undefined. */
export const findNode = (root: FdtNode, path: string): FdtNode | undefined =>
  pathSteps(path).reduce<FdtNode | undefined>(
    (parent, step) => parent?.children.find((child) => child.name === step),
    root,
  );

export const findProperty = (fdtNode: FdtNode | undefined, name: string): Uint8Array | undefined =>
  fdtNode?.properties.find(([propertyName]) => propertyName === name)?.[1];

/** The same tree with one property changed. What is new, node or property, comes first, where libfdt puts it too. */
export const setProperty = (root: FdtNode, path: string, name: string, value: Uint8Array): FdtNode => {
  const [step, ...rest] = pathSteps(path);
  if (step === undefined) {
    const isThere = root.properties.some(([propertyName]) => propertyName === name);
    const changed: FdtProperty = [name, value];
    return {
      ...root,
      properties: isThere
        ? root.properties.map((property) => (property[0] === name ? changed : property))
        : [changed, ...root.properties],
    };
  }
  const child = root.children.find((candidate) => candidate.name === step);
  const changed = setProperty(child ?? node(step, []), rest.join("/"), name, value);
  return {
    ...root,
    children:
      child === undefined
        ? [changed, ...root.children]
        : root.children.map((candidate) => (candidate === child ? changed : candidate)),
  };
};

/** The blob, packed. */
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

/** The tree in a blob, its values views of it. `name` stands for the file in messages. @throws {FdtError} */
export const decodeFdt = (bytes: Uint8Array, name = "the device tree"): Required<Fdt> => {
  const header = viewOf(bytes);
  if (bytes.length < 4 || header.getUint32(0) !== FDT_MAGIC) {
    throw new FdtError(
      "fdt-not-fdt",
      `${name} is not a device tree blob: it does not begin with d0 0d fe ed. Compile a source with dtc -O dtb.`,
    );
  }
  const totalBytes = bytes.length < 8 ? HEADER_BYTES : header.getUint32(4);
  if (bytes.length < totalBytes || bytes.length < HEADER_BYTES) {
    throw new FdtError(
      "fdt-truncated",
      `${name} is cut short: it says ${totalBytes} bytes, and has ${bytes.length}. Copy or build it again.`,
    );
  }
  const version = header.getUint32(20);
  if (version < VERSION || header.getUint32(24) > VERSION) {
    throw new FdtError("fdt-version", `${name} has version ${version}; this reader knows ${VERSION}.`);
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

const FDT_MAGIC = 0xd00d_feed;
const FDT_BEGIN_NODE = 1;
const FDT_END_NODE = 2;
const FDT_PROP = 3;
const FDT_NOP = 4;
const FDT_END = 9;
const VERSION = 17;
const LAST_COMPATIBLE_VERSION = 16;
const HEADER_BYTES = 40;
const RESERVATION_BYTES = 16;
/** Deeper than any real tree; a hostile blob must not exhaust the stack. */
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
  const end = bytes.indexOf(0, start);
  if (start >= bytes.length || end < 0) throw malformed(name, "a name in it has no end");
  return end - start;
};

const decodeName = (withFinalZero: Uint8Array): string => new TextDecoder().decode(withFinalZero.subarray(0, -1));

const malformed = (name: string, what: string): FdtError =>
  new FdtError("fdt-malformed", `${name} is damaged: ${what}. Build it again with dtc.`);

const pathSteps = (path: string): string[] => path.split("/").filter((step) => step !== "");

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
