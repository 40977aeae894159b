/**
 * A device's node in the device tree, as data. The machine fills in what follows from the device's place and wiring.
 */

export interface DeviceNode {
  /** Without its unit address. */
  readonly name: string;
  /** In QEMU's order. */
  readonly properties: readonly NodeProperty[];
  /** The mcause codes of the interrupts that the device raises at each hart. */
  readonly hartInterrupts?: readonly number[];
  /** Firmware and kernels print to this console. */
  readonly isStdout?: true;
  /**
   * Nodes at the root. Each tells the guest which value to store to the device's first register to power off or to
   * reboot.
   */
  readonly syscons?: Readonly<Record<string, number>>;
}

/**
 * `interrupts` (with its parent), `reg`, `interrupts-extended` and `phandle` are filled in from the device's place and
 * wiring. The others hold their value: a cell, a list of strings, or nothing but their name.
 */
export type NodeProperty =
  | "interrupts"
  | "reg"
  | "interrupts-extended"
  | "phandle"
  | readonly [name: string, value: number | readonly string[] | true];
