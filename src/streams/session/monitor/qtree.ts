/** `info qtree`: the machine's buses and what is on them, with QEMU's names of devices. */
import type { DeviceBus } from "../../../reducers/device.js";
import { devices, type Unit } from "../../../reducers/devices.js";
import { hex64 } from "../../../reducers/hex.js";
import type { MachineConfig } from "../../../reducers/machine-config.js";

interface Node {
  readonly name: string;
  readonly properties: readonly string[];
  readonly below?: readonly Node[];
}

export const deviceTreeText = (config: MachineConfig): string => {
  const below = devices(config).map((unit) => deviceNode(unit, config));
  return lines({ name: "bus: main-system-bus", properties: ["type System"], below }).join("\n");
};

const deviceNode = ({ device, place, index = 0 }: Unit, config: MachineConfig): Node => ({
  name: deviceName(device.model),
  properties: [
    ...(place.source === undefined ? [] : [`irq ${String(place.source)}`]),
    `mmio ${hex64(place.base)}/${hex64(place.sizeBytes)}`,
  ],
  below: device.bus === undefined ? [] : [busNode(device.bus, index, config)],
});

function busNode(bus: DeviceBus, unit: number, config: MachineConfig): Node {
  const { type } = bus;
  const device = bus.plugged(config, unit);
  return {
    name: `bus: ${type}.${String(unit)}`,
    properties: [`type ${type}`],
    below: device === undefined ? [] : [{ name: deviceName(device.model), properties: parameters(device.properties) }],
  };
}

const deviceName = (model: string): string => `dev: ${model}, id ""`;

const parameters = (properties: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(properties).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);

const lines = ({ name, properties, below = [] }: Node): string[] => [
  name,
  ...[...properties, ...below.flatMap(lines)].map((line) => `  ${line}`),
];
