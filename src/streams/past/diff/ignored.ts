/** What a comparison leaves out: registers, devices, clocks and events by name, memory by place. */
import type { MachineState } from "../../../machine/state.js";
import { OptionError } from "../../../options/option-error.js";
import { nearestOf } from "../../../options/nearest.js";
import { DEVICES } from "../../../reducers/devices.js";
import { EVENTS, type EventType } from "../../../reducers/events.js";
import type { Scope } from "../names/expression/index.js";
import type { Names } from "../names/names.js";
import { locateInMemory, physicalRanges, type Place } from "../names/place.js";
import type { Difference } from "./difference.js";
import { joined, type Stretch } from "./ranges.js";
import { REGISTER_NAMES } from "./registers.js";

/**
 * A register (`a0`, `hart1.mstatus.MIE`), a device or a member of it (`uart16550`, `virtio3.queues`), `clock`,
 * `schedule`, `power`, `position`, `inputs`, `machine`, all of a kind (`registers`, `devices`, `disks`, `memory`), an
 * event's type (`clock/warped`, `clock/*`), or else a place in memory.
 */
export type Ignorable = Place;

const KINDS: Readonly<Record<string, Difference["kind"]>> = {
  registers: "register",
  devices: "device",
  disks: "disk",
  memory: "memory",
};
const PARTS = ["clock", "schedule", "power", "position", "inputs", "machine", "bottomHalves"] as const;

const HART = /^hart\d+(?:\.|$)/;

export class Ignored {
  private constructor(
    private readonly names: ReadonlySet<string>,
    private readonly kinds: ReadonlySet<Difference["kind"]>,
    private readonly events: readonly string[],
    /** Physical addresses, in order and apart. */
    readonly holes: readonly Stretch[],
  ) {}

  /**
   * @throws {OptionError} where an event has no such type @throws {PlaceError} where it is neither a name that is known
   * nor a place
   */
  static of(items: readonly Ignorable[], known: Names, seenFrom: () => MachineState): Ignored {
    const scope: Scope = {
      names: known,
      get at() {
        return seenFrom();
      },
      isGlobal: true,
    };
    const names = new Set<string>();
    const kinds = new Set<Difference["kind"]>();
    const events: string[] = [];
    const holes: Stretch[] = [];
    for (const item of items) {
      const kind = typeof item === "string" ? KINDS[item] : undefined;
      if (kind !== undefined) kinds.add(kind);
      else if (typeof item === "string" && item.includes("/")) events.push(eventTypes(item));
      else if (typeof item === "string" && isName(item)) names.add(item);
      else {
        for (const { address, bytes } of physicalRanges(locateInMemory(item, scope), seenFrom)) {
          holes.push({ start: address, end: address + bytes });
        }
      }
    }
    return new Ignored(names, kinds, events, joined(holes));
  }

  /** Whether a row is left out. What is ignored of memory was cut out of it before. */
  has({ kind, name, hart }: Difference): boolean {
    if (this.kinds.has(kind)) return true;
    if (kind === "memory" || this.names.size === 0) return false;
    if (hart === undefined) return this.hasName(name);
    const register = name.replace(HART, "");
    return this.hasName(register) || this.hasName(`hart${String(hart)}.${register}`);
  }

  hasEvent(type: EventType): boolean {
    return this.events.some((each) => (each.endsWith("*") ? type.startsWith(each.slice(0, -1)) : each === type));
  }

  hasKind(kind: Difference["kind"]): boolean {
    return this.kinds.has(kind);
  }

  /** These too. */
  with(rows: Iterable<Difference>): Ignored {
    const names = new Set(this.names);
    const holes = [...this.holes];
    for (const { kind, name, address = 0, bytes = 0 } of rows) {
      if (kind === "memory") holes.push({ start: address, end: address + bytes });
      else names.add(name);
    }
    return new Ignored(names, this.kinds, this.events, joined(holes));
  }

  /** The name, or one that it is a member of. */
  private hasName(name: string): boolean {
    for (let end = name.length; end > 0; end = name.lastIndexOf(".", end - 1)) {
      if (this.names.has(name.slice(0, end))) return true;
    }
    return false;
  }
}

/** Of what is no memory. A symbol of the same name is given as `name+0`. */
function isName(item: string): boolean {
  const [head = ""] = item.replace(HART, "").split(".");
  if (HART.test(item) && head === "") return true;
  return (
    REGISTER_NAMES.includes(head) ||
    (PARTS as readonly string[]).includes(head) ||
    DEVICES.some(({ name }) => head === name || new RegExp(`^${name}\\d+$`).test(head)) ||
    /^disk\d+$/.test(head)
  );
}

function eventTypes(item: string): string {
  const types = Object.keys(EVENTS);
  const isKnown = item.endsWith("*") ? types.some((type) => type.startsWith(item.slice(0, -1))) : types.includes(item);
  if (isKnown) return item;
  const near = nearestOf(item, types);
  throw new OptionError(
    `ignore: there is no event ${item}${near === undefined ? `; there are ${types.join(", ")}` : `; is ${near} meant?`}`,
    { option: "ignore", value: item, ...(near === undefined ? {} : { nearest: near }) },
  );
}
