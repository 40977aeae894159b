/** The devices of a machine in QEMU's words, each in the slot that it has in QEMU. */
import type { DriveOptions } from "../streams/host/disks/drives.js";
import type { ConsolePlace } from "../streams/session/consoles.js";
import type { MachineOptions } from "../streams/session/machine-options.js";
import { defaultMac, nicConfigs, type NicOptions } from "../streams/session/nics.js";
import { virtioSlots } from "../streams/session/virtio-slots.js";
import type { Arguments } from "./arguments.js";
import { CHARDEV_OPTIONS, chardevPlaces } from "./chardev-arguments.js";
import { checkDrivers, devicesOf, type Device } from "./device-option.js";
import { driveOption } from "./drive-option.js";
import { netdevs, nicArguments, NETWORK_OPTIONS } from "./network-arguments.js";
import { readAll, readEach, UsageError } from "./problems.js";
import { randomSources } from "./random-sources.js";

export const DEVICE_OPTIONS = {
  drive: {
    file: "read",
    value: "file=FILE,...",
    isRepeatable: true,
    help: "a disk; format=raw|qcow2, readonly=on, serial=TEXT, writeback=on; may be repeated",
  },
  virtio: { value: "KIND,...", help: "devices of the virtio slots 0 to 7: rng, console or none" },
  ...NETWORK_OPTIONS,
  ...CHARDEV_OPTIONS,
  object: { value: "rng-random,id=ID", isRepeatable: true, isQemuOnly: true, help: "" },
  device: {
    value: "DRIVER,...",
    isRepeatable: true,
    help: "virtio-blk-device, virtio-net-device, virtio-rng-device, virtio-serial-device or virtconsole, as QEMU's",
  },
} as const;

export interface Devices {
  /** Absent where only drives and --nic are named, which find slots of their own. */
  readonly virtio: MachineOptions["virtio"];
  readonly drives: readonly DriveOptions[];
  /** Of --nic. */
  readonly nics: readonly NicOptions[];
  /** All cards with what they are plugged into, in the order of their slots. */
  readonly cards: readonly NicOptions[];
  /** Where consoles end that name a --chardev, by slot. */
  readonly consoles: ReadonlyMap<number, ConsolePlace>;
}

/** @throws {UsageError} */
export function deviceArguments(args: Arguments<typeof DEVICE_OPTIONS>): Devices {
  const { named, drives, plainNics, ...backends } = readAll({
    named: () => readEach(args.get("virtio")?.split(",") ?? [], virtioKind),
    drives: () => readEach(args.all("drive"), driveOption),
    plainNics: () => nicArguments(args),
    networks: () => netdevs(args),
    places: () => chardevPlaces(args),
    randomSources: () => randomSources(args.all("object")),
    drivers: () => {
      checkDrivers(args.all("device"));
    },
  });
  const devices = devicesOf(args.all("device"), { drives, ...backends });
  const cardCount = devices.filter(({ kind }) => kind === "net").length;
  const nics = plainNics.map((nic, index) => ({ ...nic, mac: nic.mac ?? defaultMac(cardCount + index) }));
  const placed = inSlots(named, nics, devices);
  return {
    virtio: virtioOf(named, placed),
    drives: [
      ...placed.flatMap(({ device, slot }) => (device.kind === "blk" ? [{ ...device.drive, slot }] : [])),
      ...drives.filter(({ isUnplugged }) => !isUnplugged).map(({ options }) => options),
    ],
    nics,
    // Those of --nic have the first slots.
    cards: [...nics, ...placed.flatMap(({ device }) => (device.kind === "net" ? [device.nic] : []))],
    consoles: new Map(
      placed.flatMap(({ device, slot }) =>
        device.kind === "console" && device.place !== undefined ? [[slot, device.place] as const] : [],
      ),
    ),
  };
}

type Slots = NonNullable<MachineOptions["virtio"]>;

interface Placed {
  readonly device: Device;
  readonly slot: number;
}

/** As QEMU does: each in the last slot that is free, unless it names one. In the order of the slots. */
function inSlots(named: Slots, nics: readonly NicOptions[], devices: readonly Device[]): readonly Placed[] {
  const { driveSlots } = virtioSlots(named, nicConfigs(nics), devices);
  return devices.map((device, index) => ({ device, slot: driveSlots[index] ?? -1 })).sort((a, b) => a.slot - b.slot);
}

function virtioOf(named: Slots, placed: readonly Placed[]): Slots | undefined {
  const slots = [...named];
  for (const { device, slot } of placed) {
    if (device.kind === "blk") continue;
    while (slots.length < slot) slots.push("none");
    slots[slot] = device.kind === "net" ? { kind: "net", mac: device.mac } : device.kind;
  }
  return slots.length === 0 ? undefined : slots;
}

const VIRTIO_KINDS = ["none", "rng", "console"] as const;

function virtioKind(word: string): (typeof VIRTIO_KINDS)[number] {
  const kind = VIRTIO_KINDS.find((known) => known === word);
  if (kind === undefined)
    throw new UsageError(`--virtio ${word}: there is no such device; use ${VIRTIO_KINDS.join(", ")}`);
  return kind;
}
