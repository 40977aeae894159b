/**
 * The device tree of the machine: what QEMU 7.2 generates for `virt`, node by node and in its order, for the devices that we have.
 * Left out, with their devices: pci, flash, fw-cfg, platform-bus and pmu. Different: mmu-type, since our harts have Sv39 alone.
 */
import { cells, cells64, empty, node, setProperty, strings, type FdtNode, type FdtProperty } from "./fdt/fdt.js";
import { DRAM_BASE, MEMORY_MAP, PLIC_SOURCES, TIMEBASE_HZ, UART_CLOCK_HZ, type Region } from "./memory-map.js";
import { hex } from "../reducers/hex.js";

export interface DeviceTreeConfiguration {
  readonly memoryBytes: number;
  readonly hartCount: number;
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

/** What a hart can do, as QEMU 7.2 spells it for `-cpu rv64` limited to the same extensions. */
const ISA = "rv64imafdc_zicsr_zifencei";

/** The root of the tree, with no more in /chosen than the console. */
export const virtDeviceTree = ({ memoryBytes, hartCount }: DeviceTreeConfiguration): FdtNode => {
  const phandles = assignPhandles(hartCount);
  const harts = Array.from({ length: hartCount }, (_, hart) => hart);
  return node(
    "",
    [
      ["#address-cells", cells(2)],
      ["#size-cells", cells(2)],
      ["compatible", strings("riscv-virtio")],
      ["model", strings("riscv-virtio,qemu")],
    ],
    [
      node("chosen", [["stdout-path", strings(`/soc/${unitName("serial", MEMORY_MAP.uart16550)}`)]]),
      syscon("poweroff", phandles.finisher, FINISHER_PASS),
      syscon("reboot", phandles.finisher, FINISHER_RESET),
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
      socNode(harts, phandles),
    ],
  );
};

/** The tree, generated or given by the user, with what the loader has to say set in /chosen. */
export const withChosen = (root: FdtNode, { bootargs, rngSeed, initrd }: Chosen): FdtNode =>
  [
    ...(bootargs === undefined || bootargs === "" ? [] : [["bootargs", strings(bootargs)] as const]),
    ...(rngSeed === undefined ? [] : [["rng-seed", rngSeed] as const]),
    ...(initrd === undefined
      ? []
      : [["linux,initrd-start", cells(initrd.start)] as const, ["linux,initrd-end", cells(initrd.end)] as const]),
  ].reduce((tree, [name, value]) => setProperty(tree, "/chosen", name, value), root);

/** Values that the test finisher takes (QEMU, sifive_test): pass powers off, reset restarts. */
const FINISHER_PASS = 0x5555;
const FINISHER_RESET = 0x7777;

/** The interrupts of a hart's own controller: mcause codes (Privileged Architecture, table 3.6). */
const INTERRUPT = { machineSoftware: 3, machineTimer: 7, supervisorExternal: 9, machineExternal: 11 };

interface Phandles {
  hart(hart: number): number;
  intc(hart: number): number;
  readonly plic: number;
  readonly finisher: number;
}

// QEMU numbers from 1 as it creates: the harts from the last to the first, then the PLIC, then the finisher.
const assignPhandles = (hartCount: number): Phandles => ({
  hart: (hart) => 2 * (hartCount - 1 - hart) + 1,
  intc: (hart) => 2 * (hartCount - 1 - hart) + 2,
  plic: 2 * hartCount + 1,
  finisher: 2 * hartCount + 2,
});

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
      // QEMU 7.2 says sv48 whatever the hart has. Linux takes this as the deepest mode that it may try.
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

const socNode = (harts: readonly number[], phandles: Phandles): FdtNode => {
  const { goldfishRtc, uart16550, finisher, virtioMmio, plic, clint } = MEMORY_MAP;
  const interrupt = (irq: number): FdtProperty[] => [
    ["interrupts", cells(irq)],
    ["interrupt-parent", cells(phandles.plic)],
  ];
  const hartInterrupts = (...codes: readonly number[]): Uint8Array =>
    cells(...harts.flatMap((hart) => codes.flatMap((code) => [phandles.intc(hart), code])));
  return node(
    "soc",
    [
      ["#address-cells", cells(2)],
      ["#size-cells", cells(2)],
      ["compatible", strings("simple-bus")],
      ["ranges", empty],
    ],
    [
      node(unitName("rtc", goldfishRtc), [
        ...interrupt(goldfishRtc.irq),
        reg(goldfishRtc),
        ["compatible", strings("google,goldfish-rtc")],
      ]),
      node(unitName("serial", uart16550), [
        ...interrupt(uart16550.irq),
        ["clock-frequency", cells(UART_CLOCK_HZ)],
        reg(uart16550),
        ["compatible", strings("ns16550a")],
      ]),
      node(unitName("test", finisher), [
        ["phandle", cells(phandles.finisher)],
        reg(finisher),
        ["compatible", strings("sifive,test1", "sifive,test0", "syscon")],
      ]),
      ...virtioMmio
        .toReversed()
        .map((slot) =>
          node(unitName("virtio_mmio", slot), [
            ...interrupt(slot.irq),
            reg(slot),
            ["compatible", strings("virtio,mmio")],
          ]),
        ),
      node(unitName("plic", plic), [
        ["phandle", cells(phandles.plic)],
        ["riscv,ndev", cells(PLIC_SOURCES)],
        reg(plic),
        ["interrupts-extended", hartInterrupts(INTERRUPT.machineExternal, INTERRUPT.supervisorExternal)],
        ["interrupt-controller", empty],
        ["compatible", strings("sifive,plic-1.0.0", "riscv,plic0")],
        ["#address-cells", cells(0)],
        ["#interrupt-cells", cells(1)],
      ]),
      node(unitName("clint", clint), [
        ["interrupts-extended", hartInterrupts(INTERRUPT.machineSoftware, INTERRUPT.machineTimer)],
        reg(clint),
        ["compatible", strings("sifive,clint0", "riscv,clint0")],
      ]),
    ],
  );
};

const syscon = (name: string, regmap: number, value: number): FdtNode =>
  node(name, [
    ["value", cells(value)],
    ["offset", cells(0)],
    ["regmap", cells(regmap)],
    ["compatible", strings(`syscon-${name}`)],
  ]);

const unitName = (name: string, { base }: Region): string => `${name}@${hex(base)}`;

const reg = ({ base, sizeBytes }: Region): FdtProperty => ["reg", cells64(base, sizeBytes)];
