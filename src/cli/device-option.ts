/** --device, as QEMU writes it: a driver, and the ids of what is behind it. */
import type { DriveOptions } from "../streams/host/disks/drives.js";
import type { ConsolePlace } from "../streams/session/consoles.js";
import type { NetworkOptions } from "../streams/session/network-options.js";
import { defaultMac, type NicOptions } from "../streams/session/nics.js";
import { chardevPlace, type ChardevPlaces } from "./chardev-arguments.js";
import type { Drive } from "./drive-option.js";
import { KeyValues } from "./key-values.js";
import { absentDevice } from "./absent-devices.js";
import { nearestOf } from "../options/nearest.js";
import { macOf } from "./network-arguments.js";
import { problemsOf, readEach, UsageError } from "./problems.js";
import { integer } from "./values.js";

export type Device = { readonly slot: number | undefined } & (
  | { readonly kind: "blk"; readonly drive: DriveOptions }
  | { readonly kind: "net"; readonly nic: NicOptions; readonly mac: string }
  | { readonly kind: "rng" }
  | { readonly kind: "console"; place: ConsolePlace | undefined }
);

/** What devices name by its id. */
export interface Backends {
  readonly drives: readonly Drive[];
  readonly networks: ReadonlyMap<string, NetworkOptions>;
  readonly places: ChardevPlaces;
  readonly randomSources: ReadonlySet<string>;
}

/** That there are such devices, whatever is behind them. @throws {UsageError} */
export function checkDrivers(texts: readonly string[]): void {
  readEach(texts, (text) => {
    const driver = text.split(",")[0]?.replace(/^driver=/, "") ?? "";
    if (!Object.hasOwn(KEYS, driver)) throw new UsageError(`--device ${driver}: ${whyNot(driver)}`);
  });
}

/** In their order, after `checkDrivers`. Each drive and network must be plugged in once. @throws {UsageError} */
export function devicesOf(texts: readonly string[], backends: Backends): readonly Device[] {
  const sockets = new Sockets(backends);
  const problems: string[] = [];
  for (const read of [() => readEach(texts, (text) => sockets.plug(text)), () => sockets.requireAllPlugged()]) {
    try {
      read();
    } catch (error) {
      problems.push(...problemsOf(error));
    }
  }
  if (problems.length > 0) throw new UsageError(...problems);
  return sockets.devices;
}

interface SerialBus {
  readonly id: string | undefined;
  readonly device: Extract<Device, { readonly kind: "console" }>;
  hasConsole: boolean;
}

class Sockets {
  readonly devices: Device[] = [];
  private readonly drives: Map<string, Drive>;
  private readonly networks: Map<string, NetworkOptions>;
  private readonly buses: SerialBus[] = [];
  private cards = 0;

  constructor(private readonly backends: Backends) {
    this.drives = new Map(
      backends.drives.flatMap((drive) => (drive.isUnplugged ? [[drive.id ?? "", drive] as const] : [])),
    );
    this.networks = new Map(backends.networks);
  }

  plug(text: string): void {
    const values = new KeyValues("--device", text, "driver");
    const driver = values.word;
    const id = values.one("id");
    switch (driver) {
      case "virtio-blk-device":
        this.devices.push(this.disk(values));
        break;
      case "virtio-net-device":
        this.devices.push(this.card(values));
        break;
      case "virtio-rng-device":
        this.devices.push(this.rng(values));
        break;
      case "virtio-serial-device":
        this.addBus(values, id);
        break;
      case "virtconsole":
        this.addConsole(values);
        break;
      default:
        checkDrivers([text]);
    }
    values.finish(`${driver} has ${KEYS[driver] ?? ""}`);
  }

  requireAllPlugged(): void {
    const problems = [
      ...[...this.drives.keys()].map((id) =>
        id === ""
          ? "--drive if=none: id= is missing, by which --device names it"
          : `--drive id=${id} is plugged into nothing: give --device virtio-blk-device,drive=${id}, or leave if=none out`,
      ),
      ...[...this.networks.keys()].map(
        (id) => `--netdev ${id} has no card: give --device virtio-net-device,netdev=${id}`,
      ),
      ...this.buses
        .filter(({ hasConsole }) => !hasConsole)
        .map(() => "--device virtio-serial-device has no port: give --device virtconsole after it"),
    ];
    if (problems.length > 0) throw new UsageError(...problems);
  }

  private disk(values: KeyValues): Device {
    const slot = slotOf(values);
    const serial = values.one("serial");
    values.one("bootindex");
    values.choice("num-queues", ["1"]);
    const id = values.one("drive");
    if (this.backends.drives.some((drive) => !drive.isUnplugged && drive.id === id && id !== undefined))
      throw new UsageError(
        `--device virtio-blk-device: --drive id=${String(id)} is a disk of its own already; add if=none to it`,
      );
    const { options } = taken(this.drives, id, "--device virtio-blk-device: drive= names no --drive if=none");
    return { kind: "blk", slot, drive: { ...options, serial: serial ?? options.serial } };
  }

  private card(values: KeyValues): Device {
    const slot = slotOf(values);
    const mac = macOf(values) ?? defaultMac(this.cards);
    this.cards += 1;
    const network = taken(this.networks, values.one("netdev"), "--device virtio-net-device: netdev= names no --netdev");
    return { kind: "net", slot, nic: { mac, network }, mac };
  }

  private rng(values: KeyValues): Device {
    const source = values.one("rng");
    if (source !== undefined && !this.backends.randomSources.has(source))
      throw new UsageError(`--device virtio-rng-device: rng=${source} names no --object`);
    return { kind: "rng", slot: slotOf(values) };
  }

  private addBus(values: KeyValues, id: string | undefined): void {
    const device = { kind: "console" as const, slot: slotOf(values), place: undefined };
    values.choice("max_ports", ["1"]);
    this.devices.push(device);
    this.buses.push({ id, device, hasConsole: false });
  }

  private addConsole(values: KeyValues): void {
    const name = values.one("bus")?.replace(/\.0$/, "");
    const chardev = values.one("chardev");
    values.one("name");
    const bus = this.buses.find(({ id, hasConsole }) => !hasConsole && (name === undefined || name === id));
    if (bus === undefined)
      throw new UsageError("--device virtconsole: each needs a --device virtio-serial-device of its own before it");
    bus.hasConsole = true;
    if (chardev !== undefined) bus.device.place = chardevPlace("--device virtconsole", chardev, this.backends.places);
  }
}

const KEYS: Readonly<Record<string, string>> = {
  "virtio-blk-device": "drive, serial, bootindex and bus",
  "virtio-net-device": "netdev, mac and bus",
  "virtio-rng-device": "rng and bus",
  "virtio-serial-device": "bus",
  virtconsole: "chardev, bus and name",
};

/** What is behind an id, which is then in use. */
function taken<T>(from: Map<string, T>, id: string | undefined, problem: string): T {
  const value = id === undefined ? undefined : from.get(id);
  if (id === undefined || value === undefined)
    throw new UsageError(`${problem}${id === undefined ? "" : ` that is left: ${id}`}`);
  from.delete(id);
  return value;
}

/** QEMU's bus=virtio-mmio-bus.N. */
function slotOf(values: KeyValues): number | undefined {
  const bus = values.one("bus");
  if (bus === undefined) return undefined;
  const [, slot] = /^virtio-mmio-bus\.(\d+)$/.exec(bus) ?? [];
  if (slot === undefined) throw new UsageError(`--device bus=${bus}: devices are at virtio-mmio-bus.0 to .7`);
  return integer("--device bus=virtio-mmio-bus.", slot);
}

function whyNot(driver: string): string {
  const [, kind] = /^virtio-(blk|net|rng|serial)(?:-pci.*|-pci-.*)?$/.exec(driver) ?? [];
  if (kind !== undefined) return `the machine has no PCI: use virtio-${kind}-device`;
  const near = nearestOf(driver, Object.keys(KEYS));
  if (near !== undefined) return `there is no such device; is ${near} meant?`;
  return absentDevice(driver) ?? `there is no such device; there are ${Object.keys(KEYS).join(", ")}`;
}
