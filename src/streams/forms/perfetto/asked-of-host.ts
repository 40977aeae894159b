/** What the devices of a guest asked of the world: of disks, networks, entropy, and what consoles took. */
import type { Effect } from "../../../reducers/effect.js";
import type { Recording } from "../../past/recording.js";
import type { AskedOptions, Kind, RowOfHart } from "../../past/query/index.js";
import { portOf } from "../../past/query/printed-lines.js";
import { Query } from "../../past/query/query.js";
import { readingOf } from "../../past/query/question.js";
import { hartThere, Namer, type Unnamed } from "../../past/query/row.js";

export interface DeviceRequest extends RowOfHart {
  /** `virtio` and its slot, or the port of a console. */
  readonly device: string;
  readonly action: "read" | "write" | "flush" | "zero" | "entropy" | "send" | "print";
  readonly bytes: number;
  /** Of a disk: its answer names it. */
  readonly id?: number;
  /** Of a disk, in bytes. */
  readonly offset?: number;
}

/** In order. */
export function askedOfHost(recording: Recording, { from, until }: AskedOptions): Query<DeviceRequest> {
  const open = (): ReturnType<typeof readingOf<undefined, Unnamed<DeviceRequest>, DeviceRequest>> => {
    const namer = new Namer(recording.names);
    return readingOf(kind, undefined, (found) => namer.name<DeviceRequest>(found));
  };
  return new Query(recording, open, { from, until });
}

const kind: Kind<undefined, Unnamed<DeviceRequest>> = {
  name: "requests",
  listen: () => ({
    heard: (machine, effect) => {
      const asked = requestOf(effect);
      return asked === undefined ? [] : [Object.assign(hartThere(machine, machine.presentIcount), asked)];
    },
  }),
};

type Asked = Pick<DeviceRequest, "device" | "action" | "bytes" | "id" | "offset">;

function requestOf(effect: Effect): Asked | undefined {
  switch (effect.type) {
    case "disk/requested": {
      const { slot, id, operation, offset, length } = effect;
      return { device: virtio(slot), action: operation, bytes: length, id, offset };
    }
    case "entropy/requested":
      return { device: virtio(effect.slot), action: "entropy", bytes: effect.length };
    case "network/transmitted":
      return { device: virtio(effect.slot), action: "send", bytes: effect.frame.length };
    case "console/transmitted":
      return { device: portOf(effect), action: "print", bytes: effect.bytes.length };
    default:
      return undefined;
  }
}

const virtio = (slot: number): string => `virtio${String(slot)}`;
