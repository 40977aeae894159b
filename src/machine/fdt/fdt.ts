/** A device tree as a value (Devicetree Specification 0.4), with functions to build and edit it. */
import { viewOf } from "./format.js";

/** A property's value is bytes. `cells`, `cells64`, `strings` and `empty` make the usual ones. */
export type FdtProperty = readonly [name: string, value: Uint8Array];

export interface FdtNode {
  /** The name without path and with unit address: `serial@10000000`. Empty at the root. */
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

/** Values of two cells each, as `reg` has them if #address-cells and #size-cells are 2. */
export const cells64 = (...values: readonly number[]): Uint8Array =>
  cells(...values.flatMap((value) => [Math.floor(value / 2 ** 32), value >>> 0]));

/** One or more strings, each with its final zero. */
export const strings = (...values: readonly string[]): Uint8Array =>
  new TextEncoder().encode(values.map((value) => `${value}\0`).join(""));

/** The value of a property that is a flag. */
export const empty: Uint8Array = new Uint8Array(0);

/** The tree with one property changed. A new node or property comes first, as in libfdt. */
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

const pathSteps = (path: string): string[] => path.split("/").filter((step) => step !== "");
