/** Sources that lead through devices: loads from their registers, and what they copied into RAM. */
import { integerOf } from "../../../machine/little-endian.js";
import { loadedAt } from "../../../machine/bus.js";
import type { Carried } from "../../../machine/engine/carried.js";
import { interruptLinesOf } from "../../../machine/interrupt-lines.js";
import { isDeviceWaiting, readRegister, unitAt, virtualNsOf } from "../../../machine/inspect.js";
import type { MachineState } from "../../../machine/state.js";
import { isOfDebugger } from "../../../reducers/debugger.js";
import type { RegisterOrigin } from "../../../reducers/device.js";
import { devices, type Unit } from "../../../reducers/devices.js";
import { stateOf } from "../../../reducers/platform.js";
import type { StreamEvent } from "../../../reducers/stream-event.js";
import type { Context } from "./context.js";
import { DRAM_BASE } from "../../../machine/memory-map.js";
import type { Listener } from "../query/question.js";
import type { Cut, Maker } from "./history.js";
import { eventBack, eventSource, lastEventOf, streamSources, takes } from "./input-sources.js";
import { Source } from "./source.js";
import type { LoadSpot, MemorySpot } from "./spot.js";
import type { Steps } from "./steps.js";
import type { Place } from "./windows-back.js";

/** What a load from a device answered, at the instruction that loaded. */
export function* loadSource(context: Context, spot: LoadSpot, cut: Cut): Steps<Source> {
  const { describer, history } = context;
  const { state } = yield* history.block(cut, cut.hart);
  const whole = readRegister(state, spot.address, spot.width) ?? 0n;
  const value = integerOf(Uint8Array.from(spot.bytes, (byte) => Number((whole >> BigInt(8 * byte)) & 0xffn)));
  return new Source(
    {
      kind: "loaded",
      place: describer.place(spot),
      value,
      at: { seq: state.position.seq, icount: state.position.icount, ns: virtualNsOf(state) },
      hart: cut.hart,
      who: describer.who(cut.hart),
      pc: undefined,
      function: undefined,
      line: undefined,
      text: "",
    },
    { sources: () => registerSources(context, spot, cut, state) },
  );
}

function* registerSources(context: Context, spot: LoadSpot, cut: Cut, state: MachineState): Steps<readonly Source[]> {
  const unit = unitAt(state, spot.address);
  if (unit === undefined) return [];
  const access = loadedAt(spot.address - unit.place.base, spot.width);
  const environment = { virtualNs: virtualNsOf(state), sources: interruptLinesOf(state).sources };
  const origin = unit.device.origin?.(stateOf(state.platform, unit), access, environment);
  return origin === undefined
    ? yield* storedSources(context, spot, cut, state)
    : originSources(context, unit, origin, cut.seq, state);
}

function originSources(
  { recording }: Context,
  unit: Unit,
  origin: RegisterOrigin,
  seq: number,
  state: MachineState,
): readonly Source[] {
  switch (origin.kind) {
    case "event":
      return some(eventBack(recording, unit, origin, seq));
    case "source": {
      const raiser = devices(state.config).find(({ place }) => place.source === origin.source);
      return raiser === undefined ? [] : some(lastEventOf(recording, raiser, seq));
    }
    case "clock":
      return [clockSource(state)];
    default:
      origin satisfies never;
      return [];
  }
}

const some = (event: StreamEvent | undefined): readonly Source[] => (event === undefined ? [] : [eventSource(event)]);

export const clockSource = (state: MachineState): Source => inputSource("virtual clock", virtualNsOf(state), "ns");

export const inputSource = (place: string, value: bigint, text: string): Source =>
  new Source({
    ...{ kind: "input", place, value, text },
    ...{ at: undefined, hart: undefined, pc: undefined, function: undefined, line: undefined },
  });

/** A register that reads as it was stored: the last store to it. */
function* storedSources(context: Context, spot: LoadSpot, cut: Cut, state: MachineState): Steps<readonly Source[]> {
  const { history } = context;
  const listener: Listener<Place & { readonly hart: number }> = {
    probes: { devices: [{ address: spot.address, bytes: spot.width }] },
    told: (machine, icount, probed) =>
      probed.type === "device/stored" ? { seq: machine.position.seq, icount, hart: machine.hart } : undefined,
  };
  const place = yield* firstOf(history.placesBack(cut, listener));
  if (place === undefined) return [];
  const block = yield* history.block(place, place.hart);
  const index = block.deeds.findLastIndex(({ stores }) => stores.some((store) => isTo(store, spot.address)));
  const store = block.deeds[index]?.stores.findLast((one) => isTo(one, spot.address));
  if (store === undefined || isDeviceWaiting(state, spot.address, spot.width, "bus/loaded")) return [];
  const bits = 8 * spot.width;
  if (readRegister(state, spot.address, spot.width) !== BigInt.asUintN(bits, store.value.value)) return [];
  return yield* context.storedSources({ kind: "deed", block, index }, store, spot.bytes);
}

function* firstOf<Found>(found: Iterable<Found | undefined>): Steps<Found | undefined> {
  for (const one of found) {
    if (one !== undefined) return one;
    yield;
  }
  return undefined;
}

const isTo = ({ isDevice, addresses }: { isDevice: boolean; addresses: readonly number[] }, address: number): boolean =>
  isDevice && addresses[0] === address;

/** What a device put into RAM when it took an event. */
export function* copiedSource(
  context: Context,
  spot: MemorySpot,
  maker: Extract<Maker, { kind: "event" }>,
): Steps<Source> {
  const { describer, recording } = context;
  const event = eventAt(context, maker.seq);
  const unit = unitOf(context, event);
  const state = yield* recording.stepsTo({ seq: maker.seq });
  const value = integerOf(state.ram.read(spot.address - DRAM_BASE, spot.bytes));
  const { seq, icount, ns } = event;
  const isHeader = maker.carried?.kind === "message" && maker.carried.offset < 0;
  const carried = isHeader ? undefined : maker.carried;
  return new Source(
    {
      kind: isOfDebugger(event) ? "event" : carried === undefined ? "device" : "copied",
      place: describer.place(spot),
      value,
      at: { seq, icount, ns },
      hart: undefined,
      pc: undefined,
      function: undefined,
      line: undefined,
      text: `${unit?.label ?? ""} ${event.type}`.trim(),
    },
    {
      ...(carried !== undefined &&
        unit !== undefined && { sources: () => carriedSources(context, spot, carried, unit, event) }),
    },
  );
}

function* carriedSources(
  context: Context,
  spot: MemorySpot,
  carried: Carried,
  unit: Unit,
  event: StreamEvent,
): Steps<readonly Source[]> {
  switch (carried.kind) {
    case "stream":
      return streamSources(context.recording, unit, event.seq, carried.offset, spot.bytes);
    case "message":
      return [eventSource(event, carried.offset, spot.bytes)];
    case "disk": {
      const { slot, offset } = carried;
      const cut = { seq: event.seq - 1, icount: event.icount, hart: 0, deeds: 0 };
      return [yield* context.resolve({ kind: "disk", slot, offset, bytes: spot.bytes }, cut)];
    }
    default:
      carried satisfies never;
      return [];
  }
}

/** The device that an event is for. */
function unitOf(context: Context, event: StreamEvent): Unit | undefined {
  const all = devices(context.recording.config);
  const [, slot] = event.type === "bottomHalf/ran" ? (/^virtio(\d+)\//.exec(event.id) ?? []) : [];
  if (slot !== undefined) return all.find(({ device, index }) => device.needsRam === true && index === Number(slot));
  return all.find((unit) => takes(unit, event));
}

export function eventAt({ recording }: Context, seq: number): StreamEvent {
  for (const event of recording.eventsFrom(seq)) return event;
  throw new Error(`the recording has no event ${String(seq)}`);
}
