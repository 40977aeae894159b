// What tests ask of a device tree.
import type { FdtNode } from "../../src/machine/fdt/fdt.js";

/** The node at `path` ("/" or "/soc/serial@10000000"), or undefined. */
export const findNode = (root: FdtNode, path: string): FdtNode | undefined =>
  path
    .split("/")
    .filter((step) => step !== "")
    .reduce<FdtNode | undefined>((parent, step) => parent?.children.find((child) => child.name === step), root);

export const findProperty = (fdtNode: FdtNode | undefined, name: string): Uint8Array | undefined =>
  fdtNode?.properties.find(([propertyName]) => propertyName === name)?.[1];
