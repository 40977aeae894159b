/** `info qtree`: the machine's buses and what is on them, with QEMU's names of devices. */
import { MEMORY_MAP, type DeviceRegion, type Region } from "../../../machine/memory-map.js";
import type { MachineConfig } from "../../../reducers/machine-config.js";
import { kindOf, type VirtioSlot } from "../../../reducers/virtio-slot.js";
import { hex64 } from "../../../reducers/hex.js";

interface Node {
  readonly name: string;
  readonly properties: readonly string[];
  readonly below?: readonly Node[];
}

export const deviceTreeText = (config: MachineConfig): string => {
  const { clint, finisher, goldfishRtc, plic, uart16550, virtioMmio } = MEMORY_MAP;
  const slots = virtioMmio.map((region, slot) => transport(region, slot, config.virtio[slot] ?? "none"));
  const devices = [
    device("riscv.sifive.plic", plic),
    device("riscv.aclint", clint),
    device("riscv.sifive.test", finisher),
    device("goldfish_rtc", goldfishRtc),
    device("serial-mm", uart16550),
    ...slots,
  ];
  return lines({ name: "bus: main-system-bus", properties: ["type System"], below: devices }).join("\n");
};

const device = (type: string, region: Region | DeviceRegion, below: readonly Node[] = []): Node => ({
  name: `dev: ${type}, id ""`,
  properties: [
    ...("irq" in region ? [`irq ${String(region.irq)}`] : []),
    `mmio ${hex64(region.base)}/${hex64(region.sizeBytes)}`,
  ],
  below,
});

function transport(region: DeviceRegion, slot: number, virtio: VirtioSlot): Node {
  const kind = kindOf(virtio);
  const parameters = typeof virtio === "string" ? [] : Object.entries(virtio).filter(([name]) => name !== "kind");
  const plugged =
    kind === "none"
      ? []
      : [
          {
            name: `dev: virtio-${kind}-device, id ""`,
            properties: parameters.map(([name, value]) => `${name} = ${JSON.stringify(value)}`),
          },
        ];
  const bus = { name: `bus: virtio-mmio-bus.${String(slot)}`, properties: ["type virtio-mmio-bus"], below: plugged };
  return device("virtio-mmio", region, [bus]);
}

const lines = ({ name, properties, below = [] }: Node): string[] => [
  name,
  ...[...properties, ...below.flatMap(lines)].map((line) => `  ${line}`),
];
