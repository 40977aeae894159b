/** A device's node in the device tree, as data: what follows from its place and wiring is named, and filled in by the machine. */

export interface DeviceNode {
  /** Without its unit address. */
  readonly name: string;
  /** In QEMU's order. */
  readonly properties: readonly NodeProperty[];
  /** mcause codes of the interrupts that it raises at each hart. */
  readonly hartInterrupts?: readonly number[];
  /** The console that firmware and kernels print to. */
  readonly isStdout?: true;
  /** Nodes at the root that have the guest store a value to its first register: how to power off, how to reboot. */
  readonly syscons?: Readonly<Record<string, number>>;
}

/**
 * `interrupts` (with its parent), `reg`, `interrupts-extended` and `phandle` say where the device is and what it is wired
 * to; the others say what it is: a cell, a list of strings, or nothing but their name.
 */
export type NodeProperty =
  | "interrupts"
  | "reg"
  | "interrupts-extended"
  | "phandle"
  | readonly [name: string, value: number | readonly string[] | true];
