/** All consoles of a session's machine: each at its place on the host, one of them typed at on the standard streams. */
import type { MachineConfig } from "../../reducers/machine-config.js";
import type { Backend } from "../live/backend.js";
import {
  openCharacterDevice,
  type CharacterDevice,
  type CharacterDeviceError,
  type CharacterDeviceOptions,
} from "../host/character-device.js";
import { consoleBackend, type ConsoleName, type ConsoleOptions } from "../live/backends/console.js";
import type { HeldInput } from "../live/backends/typed-input.js";
import { jointDemand } from "../time/joint-demand.js";
import type { Demand } from "../time/pulled.js";
import { OptionError } from "./machine-options.js";

export type { ConsoleName };

/** The standard streams, or one of its own. */
export type ConsolePlace = "stdio" | CharacterDeviceOptions;

export interface ConsolesOptions {
  /** Where each console ends; those that are not named share the standard streams. */
  readonly places?: ReadonlyMap<ConsoleName, ConsolePlace> | undefined;
  /** The one that is typed at; `virtio`: the first of these. Default: the UART, where it is on the standard streams. */
  readonly input?: ConsoleName | "virtio" | undefined;
}

export interface StandardStreams {
  readonly typed$: HeldInput;
  readonly write: (bytes: Uint8Array) => void;
  /** Hears a file or socket fail while the machine runs. */
  readonly failed: (error: CharacterDeviceError) => void;
}

export interface Consoles {
  readonly backends: readonly Backend[];
  /** The one that is typed at on the standard streams; undefined: none is. */
  readonly typedAt: ConsoleName | undefined;
  /** Whether any is on the standard streams. */
  readonly areOnStdio: boolean;
  /** Whether somebody may type at another place. */
  readonly isConnected: boolean;
  /** Met while the peer of a console does not read: the machine should stand still. */
  readonly demand: Demand | undefined;
  end(): Promise<void>;
}

/** @throws {OptionError} @throws {CharacterDeviceError} */
export async function openConsoles(
  { virtio }: MachineConfig,
  { places = new Map(), input }: ConsolesOptions,
  { typed$, write, failed }: StandardStreams,
): Promise<Consoles> {
  const slots = virtio.flatMap((device, slot) => (device === "console" ? [slot] : []));
  const names: readonly ConsoleName[] = ["uart16550", ...slots];
  for (const name of places.keys()) checkConsole(name, names);
  const placeOf = (name: ConsoleName): ConsolePlace => places.get(name) ?? "stdio";
  const typedAt = input === "virtio" ? slots[0] : (input ?? names.find((name) => placeOf(name) === "stdio"));
  if (input !== undefined) checkInput(typedAt, names, placeOf);

  const devices: CharacterDevice[] = [];
  const end = async (): Promise<void> => {
    await Promise.all(devices.map((device) => device.end()));
  };
  try {
    const backends: Backend[] = [];
    for (const name of names) {
      const place = placeOf(name);
      if (place === "stdio") {
        backends.push(backendOf(name, { write, ...(name === typedAt ? { input$: typed$ } : {}) }));
      } else {
        const device = await openCharacterDevice(place, failed);
        devices.push(device);
        const { input$, write } = device;
        backends.push(backendOf(name, { input$, write }));
      }
    }
    const isConnected = names.some((name) => isSocket(placeOf(name)));
    const demand = jointDemand(devices.flatMap((device) => device.demand ?? []));
    const areOnStdio = names.some((name) => placeOf(name) === "stdio");
    return { backends, typedAt, areOnStdio, isConnected, demand, end };
  } catch (error) {
    await end();
    throw error;
  }
}

const isSocket = (place: ConsolePlace): boolean => place !== "stdio" && place.kind === "unix";

const backendOf = (name: ConsoleName, ends: Pick<ConsoleOptions, "input$" | "write">): Backend =>
  consoleBackend(name === "uart16550" ? ends : { port: "virtioConsole", slot: name, ...ends });

function checkConsole(name: ConsoleName, names: readonly ConsoleName[]): void {
  if (names.includes(name)) return;
  const slots = names.slice(1);
  throw new OptionError(
    `virtio slot ${String(name)} is no console; ` +
      (slots.length === 0 ? "the machine has none: give it one with virtio console" : `there are ${slots.join(", ")}`),
  );
}

function checkInput(
  name: ConsoleName | undefined,
  names: readonly ConsoleName[],
  placeOf: (name: ConsoleName) => ConsolePlace,
): void {
  if (name === undefined)
    throw new OptionError("input virtio: the machine has no virtio console; give it one with virtio console");
  checkConsole(name, names);
  if (placeOf(name) !== "stdio")
    throw new OptionError("input names a console that is not on the standard streams: type at its own place");
}
