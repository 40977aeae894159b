/** The lines and registers of a machine's devices, as a logic analyser would have them: names, widths, values. */
import { readRegister, type Inspected } from "../../../machine/inspect.js";
import { interruptLinesOf } from "../../../machine/interrupt-lines.js";
import { devices, type Unit } from "../../../reducers/devices.js";
import { stateOf } from "../../../reducers/platform.js";

export interface Signal {
  /** `uart16550.LSR`: the device, and the line or register. */
  readonly name: string;
  readonly bits: number;
}

interface Register {
  readonly name: string;
  readonly offset: number;
  /** Of the access that reads it. */
  readonly bytes: number;
  /** Those that it has. */
  readonly bits: number;
}

const byte = (name: string, offset: number): Register => ({ name, offset, bytes: 1, bits: 8 });
const word = (name: string, offset: number, bits: number): Register => ({ name, offset, bytes: 4, bits });

/** PC16550D §8; virtio 1.2 §4.2.2; SiFive's PLIC: pending bits of sources 0 to 31. */
const REGISTERS: Readonly<Record<string, readonly Register[]>> = {
  uart16550: [byte("IER", 1), byte("IIR", 2), byte("LCR", 3), byte("MCR", 4), byte("LSR", 5)],
  virtio: [word("InterruptStatus", 0x60, 2), word("Status", 0x70, 8)],
  plic: [word("pending", 0x1000, 32)],
};

/** Bits of mip that controllers raise: privileged spec §3.1.9. */
const LINES_OF_HART = [
  { name: "msip", bit: 3 },
  { name: "mtip", bit: 7 },
  { name: "seip", bit: 9 },
  { name: "meip", bit: 11 },
] as const;

export class DeviceSignals {
  readonly signals: readonly Signal[];
  private readonly units: readonly Unit[];
  private readonly harts: number;

  constructor({ config }: Pick<Inspected, "config">) {
    // A slot with nothing in it has no signals.
    this.units = devices(config).filter(
      ({ device, index = 0 }) => device.name !== "virtio" || (config.virtio[index] ?? "none") !== "none",
    );
    this.harts = config.harts;
    this.signals = [
      ...this.units.flatMap(({ device, label }): readonly Signal[] => [
        ...(device.interruptLine === undefined ? [] : [{ name: `${label}.irq`, bits: 1 }]),
        ...(REGISTERS[device.name] ?? []).map(({ name, bits }) => ({ name: `${label}.${name}`, bits })),
      ]),
      ...Array.from({ length: this.harts }, (_, hart) =>
        LINES_OF_HART.map(({ name }) => ({ name: `hart${String(hart)}.${name}`, bits: 1 })),
      ).flat(),
    ];
  }

  /** In the order of `signals`. Nothing of the machine changes by it. */
  valuesIn(seen: Inspected): readonly bigint[] {
    const lines = interruptLinesOf(seen);
    const ofUnit = (unit: Unit): readonly bigint[] => {
      const { device, place } = unit;
      const line = device.interruptLine?.(stateOf(seen.platform, unit));
      const registers = REGISTERS[device.name] ?? [];
      return [
        ...(line === undefined ? [] : [line ? 1n : 0n]),
        ...registers.map(({ offset, bytes }) => readRegister(seen, place.base + offset, bytes) ?? 0n),
      ];
    };
    const ofHart = (hart: number): readonly bigint[] =>
      LINES_OF_HART.map(({ bit }) => BigInt((lines.of(hart) >> bit) & 1));
    return [...this.units.flatMap(ofUnit), ...Array.from({ length: this.harts }, (_, hart) => ofHart(hart)).flat()];
  }
}
