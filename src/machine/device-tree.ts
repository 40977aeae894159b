/**
 * The device tree of the machine: what QEMU 7.2 generates for `virt`, node by node and in its order, for the devices
 * that foldvm has. Left out, with their devices: pci, flash, fw-cfg, platform-bus and pmu. Different: mmu-type, because
 * the harts have only Sv39.
 */
import { TIMEBASE_HZ } from "../reducers/clint.js";
import type { Region } from "../reducers/device.js";
import type { DeviceNode, NodeProperty } from "../reducers/device-node.js";
import { devices, type Unit } from "../reducers/devices.js";
import { hex } from "../reducers/hex.js";
import type { PlatformConfig } from "../reducers/platform-config.js";
import { cells, cells64, empty, node, setProperty, strings, type FdtNode, type FdtProperty } from "./fdt/fdt.js";
import { DRAM_BASE } from "./memory-map.js";

export interface DeviceTreeConfiguration extends PlatformConfig {
  readonly memoryBytes: number;
}

/** What the loader tells the guest under /chosen. */
export interface Chosen {
  /** The kernel's command line. Absent or empty: no property, as in QEMU. */
  readonly bootargs?: string | undefined;
  /** An input: the same seed gives the same tree. QEMU makes 32 random bytes. */
  readonly rngSeed?: Uint8Array | undefined;
  /** Physical addresses; `end` is the first byte after it. */
  readonly initrd?: { readonly start: number; readonly end: number } | undefined;
}

/** The hart's extensions, as QEMU 7.2 spells them for an equally limited `-cpu rv64`. */
const ISA = "rv64imafdc_zicsr_zifencei";

/** The root of the tree. /chosen names only the console. */
export const virtDeviceTree = (config: DeviceTreeConfiguration): FdtNode => {
  const { memoryBytes, harts: hartCount } = config;
  const units = devices(config);
  const phandles = assignPhandles(hartCount, units);
  const harts = Array.from({ length: hartCount }, (_, hart) => hart);
  const stdout = units.find(({ device }) => device.node.isStdout);
  return node(
    "",
    [
      ["#address-cells", cells(2)],
      ["#size-cells", cells(2)],
      ["compatible", strings("riscv-virtio")],
      ["model", strings("riscv-virtio,qemu")],
    ],
    [
      node("chosen", stdout === undefined ? [] : [["stdout-path", strings(`/soc/${unitName(stdout)}`)]]),
      ...units.flatMap((unit) =>
        Object.entries(unit.device.node.syscons ?? {}).map(([name, value]) =>
          syscon(name, phandles.device(unit), value),
        ),
      ),
      node(`memory@${hex(DRAM_BASE)}`, [
        ["device_type", strings("memory")],
        ["reg", cells64(DRAM_BASE, memoryBytes)],
      ]),
      node(
        "cpus",
        [
          ["#address-cells", cells(1)],
          ["#size-cells", cells(0)],
          ["timebase-frequency", cells(TIMEBASE_HZ)],
        ],
        [
          ...harts.map((hart) => hartNode(hart, phandles)),
          node(
            "cpu-map",
            [],
            [
              node(
                "cluster0",
                [],
                harts.map((hart) => node(`core${hart}`, [["cpu", cells(phandles.hart(hart))]])),
              ),
            ],
          ),
        ],
      ),
      socNode(units, harts, phandles),
    ],
  );
};

/** The tree, generated or given by the user, with the loader's properties set in /chosen. */
export const withChosen = (root: FdtNode, { bootargs, rngSeed, initrd }: Chosen): FdtNode =>
  [
    ...(bootargs === undefined || bootargs === "" ? [] : [["bootargs", strings(bootargs)] as const]),
    ...(rngSeed === undefined ? [] : [["rng-seed", rngSeed] as const]),
    ...(initrd === undefined
      ? []
      : [["linux,initrd-start", cells(initrd.start)] as const, ["linux,initrd-end", cells(initrd.end)] as const]),
  ].reduce((tree, [name, value]) => setProperty(tree, "/chosen", name, value), root);

interface Phandles {
  hart(hart: number): number;
  intc(hart: number): number;
  device(unit: Unit): number;
  /** The phandle of the controller that devices' lines go to. */
  readonly interruptParent: number;
}

// QEMU numbers phandles from 1 in order of creation: the harts from last to first, then the devices that a node refers
// to.
const assignPhandles = (hartCount: number, units: readonly Unit[]): Phandles => {
  const pointedAt = units.filter(({ device }) => device.node.properties.includes("phandle"));
  const ofDevice = (unit: Unit | undefined): number =>
    unit === undefined ? 0 : 2 * hartCount + 1 + pointedAt.indexOf(unit);
  const controller = pointedAt.find(({ device }) =>
    device.node.properties.some(([name]) => name === "interrupt-controller"),
  );
  return {
    hart: (hart) => 2 * (hartCount - 1 - hart) + 1,
    intc: (hart) => 2 * (hartCount - 1 - hart) + 2,
    device: ofDevice,
    interruptParent: ofDevice(controller),
  };
};

const hartNode = (hart: number, phandles: Phandles): FdtNode =>
  node(
    `cpu@${hex(hart)}`,
    [
      ["phandle", cells(phandles.hart(hart))],
      ["device_type", strings("cpu")],
      ["reg", cells(hart)],
      ["status", strings("okay")],
      ["compatible", strings("riscv")],
      ["riscv,isa", strings(ISA)],
      // QEMU 7.2 says sv48 for every hart. Linux reads it as the deepest mode to try.
      ["mmu-type", strings("riscv,sv39")],
    ],
    [
      node("interrupt-controller", [
        ["#interrupt-cells", cells(1)],
        ["interrupt-controller", empty],
        ["compatible", strings("riscv,cpu-intc")],
        ["phandle", cells(phandles.intc(hart))],
      ]),
    ],
  );

/** QEMU puts each node before those that it made earlier. */
const socNode = (units: readonly Unit[], harts: readonly number[], phandles: Phandles): FdtNode =>
  node(
    "soc",
    [
      ["#address-cells", cells(2)],
      ["#size-cells", cells(2)],
      ["compatible", strings("simple-bus")],
      ["ranges", empty],
    ],
    units.toReversed().map((unit) =>
      node(
        unitName(unit),
        unit.device.node.properties.flatMap((property) => properties(property, unit, harts, phandles)),
      ),
    ),
  );

const properties = (
  property: NodeProperty,
  unit: Unit,
  harts: readonly number[],
  phandles: Phandles,
): readonly FdtProperty[] => {
  const { device, place } = unit;
  switch (property) {
    case "interrupts":
      return [
        ["interrupts", cells(place.source ?? 0)],
        ["interrupt-parent", cells(phandles.interruptParent)],
      ];
    case "reg":
      return [reg(place)];
    case "phandle":
      return [["phandle", cells(phandles.device(unit))]];
    case "interrupts-extended":
      return [["interrupts-extended", hartInterrupts(device.node, harts, phandles)]];
    default: {
      const [name, value] = property;
      if (value === true) return [[name, empty]];
      return [[name, typeof value === "number" ? cells(value) : strings(...value)]];
    }
  }
};

const hartInterrupts = (
  { hartInterrupts: codes = [] }: DeviceNode,
  harts: readonly number[],
  phandles: Phandles,
): Uint8Array => cells(...harts.flatMap((hart) => codes.flatMap((code) => [phandles.intc(hart), code])));

const syscon = (name: string, regmap: number, value: number): FdtNode =>
  node(name, [
    ["value", cells(value)],
    ["offset", cells(0)],
    ["regmap", cells(regmap)],
    ["compatible", strings(`syscon-${name}`)],
  ]);

const unitName = ({ device, place }: Unit): string => `${device.node.name}@${hex(place.base)}`;

const reg = ({ base, sizeBytes }: Region): FdtProperty => ["reg", cells64(base, sizeBytes)];
