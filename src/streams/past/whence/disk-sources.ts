/** Sources on disks: what the guest wrote there, or what the image holds. */
import { integerOf } from "../../../machine/little-endian.js";
import { DISK_PAGE_BYTES } from "../../../machine/disk/disk-state.js";
import { Disk } from "../../../machine/disk/disk.js";
import type { MachineState } from "../../../machine/state.js";
import { SECTOR_BYTES } from "../../../reducers/virtio/blk.js";
import { devices } from "../../../reducers/devices.js";
import { stateOf } from "../../../reducers/platform.js";
import type { VirtioState } from "../../../reducers/virtio/virtio.js";
import type { Context } from "./context.js";
import { eventAt } from "./device-sources.js";
import type { Cut } from "./history.js";
import { Source, type SourceRow } from "./source.js";
import { partOf, type DiskSpot, type MemorySpot, type Spot } from "./spot.js";
import { eachOf, type Steps } from "./steps.js";
import type { Place } from "./windows-back.js";

export function* diskSource(context: Context, spot: DiskSpot, cut: Cut): Steps<Source> {
  const row = yield* rowOf(context, spot, cut);
  const page = Math.floor(spot.offset / DISK_PAGE_BYTES);
  const inPage = Math.min(spot.bytes, (page + 1) * DISK_PAGE_BYTES - spot.offset);
  if (inPage < spot.bytes) {
    const parts = [partOf(spot, 0, inPage), partOf(spot, inPage, spot.bytes - inPage)];
    return new Source(
      { ...row, kind: "pieces" },
      { sources: () => eachOf(parts, (part) => context.resolve(part, cut)) },
    );
  }
  const look = ({ disks }: Pick<MachineState, "disks">): unknown =>
    disks.find(({ slot }) => slot === spot.slot)?.overlay.page(page);
  for (const place of context.history.changesBack(cut, look)) {
    if (place === undefined) {
      yield;
      continue;
    }
    const writers = yield* writersAt(context, spot, place);
    if (writers === undefined) continue;
    const { seq, icount, ns, type } = eventAt(context, place.seq);
    const before = { seq: seq - 1, icount, hart: 0, deeds: 0 };
    return new Source(
      { ...row, kind: "copied", at: { seq, icount, ns }, text: writers.length === 0 ? `${type}: zeros` : type },
      { sources: () => eachOf(writers, (writer) => context.resolve(writer, before)) },
    );
  }
  return new Source(row);
}

/** As if it were the image's. */
function* rowOf({ recording, describer }: Context, spot: DiskSpot, { seq, icount }: Cut): Steps<SourceRow> {
  const { disks } = yield* recording.stepsTo({ seq, icount });
  const state = disks.find(({ slot }) => slot === spot.slot);
  const image = recording.disks.get(spot.slot);
  const bytes = new Uint8Array(spot.bytes);
  if (state !== undefined && image !== undefined) new Disk(image, state).read(spot.offset, bytes);
  const number = [...recording.disks.keys()].sort((a, b) => a - b).indexOf(spot.slot);
  const file = recording.info.images.find(({ role }) => role === `drive${String(number)}`)?.path ?? "the disk's image";
  return {
    kind: "image",
    place: describer.place(spot),
    value: integerOf(bytes),
    at: undefined,
    hart: undefined,
    pc: undefined,
    function: undefined,
    line: undefined,
    text: `${file}, sector ${String(Math.floor(spot.offset / SECTOR_BYTES))}`,
  };
}

/**
 * What an event put there: from RAM, and what it left as it was. Empty: zeros. Undefined: it wrote only beside it.
 */
function* writersAt({ history, recording }: Context, spot: DiskSpot, place: Place): Steps<readonly Spot[] | undefined> {
  const addresses = new Array<number | undefined>(spot.bytes).fill(undefined);
  for (const { address, bytes, carried } of yield* history.carriedBy(place)) {
    if (carried.kind !== "disk" || carried.slot !== spot.slot) continue;
    const from = Math.max(spot.offset, carried.offset);
    const until = Math.min(spot.offset + spot.bytes, carried.offset + bytes);
    for (let at = from; at < until; at += 1) addresses[at - spot.offset] = address + (at - carried.offset);
  }
  if (addresses.some((address) => address !== undefined)) return runsOf(addresses, spot);
  return isZeroed(yield* recording.stepsTo({ seq: place.seq - 1, icount: place.icount }), spot) ? [] : undefined;
}

function runsOf(addresses: readonly (number | undefined)[], spot: DiskSpot): readonly Spot[] {
  const runs: (MemorySpot | DiskSpot)[] = [];
  addresses.forEach((address, index) => {
    const last = runs.at(-1);
    const goesOn =
      address === undefined ? last?.kind === "disk" : last?.kind === "memory" && last.address + last.bytes === address;
    if (last !== undefined && goesOn) runs[runs.length - 1] = partOf(last, 0, last.bytes + 1);
    else if (address === undefined) runs.push(partOf(spot, index, 1));
    else runs.push({ kind: "memory", address, bytes: 1, virtual: undefined });
  });
  return runs;
}

/** Whether a request to write zeros there was about to be finished. */
function isZeroed({ config, platform }: MachineState, { slot, offset }: DiskSpot): boolean {
  const unit = devices(config).find(({ device, index }) => device.needsRam === true && index === slot);
  if (unit === undefined) return false;
  const { device } = stateOf(platform, unit) as VirtioState;
  if (device.kind !== "blk") return false;
  return device.answered.some(
    ({ request }) =>
      request.operation === "zero" && request.offset <= offset && offset < request.offset + request.length,
  );
}
