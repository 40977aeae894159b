/** The states of all devices of a machine. Its shape derives from the list of devices. */
import * as t from "io-ts";

import * as bottomHalves from "./bottom-halves.js";
import type { Place } from "./device.js";
import { DEVICES, devices, type Unit } from "./devices.js";
import type { Effect } from "./effect.js";
import type { PlatformConfig } from "./platform-config.js";

type Row = (typeof DEVICES)[number];
type PartOf<Row> = Row extends { readonly codec: t.Type<infer State>; readonly place: infer Places }
  ? Places extends Place
    ? State
    : readonly State[]
  : never;

/** Keyed by the devices' names, plus the work that they have deferred. */
export type PlatformState = { readonly [D in Row as D["name"]]: PartOf<D> } & {
  readonly bottomHalves: bottomHalves.BottomHalvesState;
};

/** The codec of each part. */
export const PLATFORM_CODECS: Readonly<Record<keyof PlatformState, t.Mixed>> = {
  ...(Object.fromEntries(
    DEVICES.map(({ name, place, codec }) => [name, "base" in place ? codec : t.readonlyArray(codec)]),
  ) as Record<Row["name"], t.Mixed>),
  bottomHalves: bottomHalves.BottomHalvesState,
};

export const PlatformState: t.Type<PlatformState> = t.readonly(t.type(PLATFORM_CODECS));

/** The platform that holds these states, one per unit. */
export const platformOf = (
  units: readonly Unit[],
  states: readonly unknown[],
  pending: bottomHalves.BottomHalvesState,
): PlatformState => {
  const parts: Record<string, unknown> = {};
  units.forEach(({ device, index }, unit) => {
    if (index === undefined) parts[device.name] = states[unit];
    else ((parts[device.name] ??= []) as unknown[]).push(states[unit]);
  });
  parts["bottomHalves"] = pending;
  return parts as unknown as PlatformState;
};

/** The state of one device. */
export const stateOf = (platform: PlatformState, { device, index }: Unit): unknown => {
  const part = (platform as unknown as Readonly<Record<string, unknown>>)[device.name];
  return index === undefined ? part : (part as readonly unknown[])[index];
};

export const initialPlatform = (config: PlatformConfig): PlatformState => {
  const units = devices(config);
  const states = units.map(({ device, index = 0 }) => device.initialState(config, index));
  return platformOf(units, states, bottomHalves.initialState);
};

/** A reset of the machine gives each device its initial state, unless the device has an `afterReset`. */
export const resetPlatform = (units: readonly Unit[], initial: PlatformState, present: PlatformState): PlatformState =>
  platformOf(
    units,
    units.map((unit) => {
      const first = stateOf(initial, unit);
      return unit.device.afterReset?.(first, stateOf(present, unit)) ?? first;
    }),
    initial.bottomHalves,
  );

/** Requests of all devices that the host has not answered yet. Derived, so no saved state holds them. */
export const outstandingEffects = (units: readonly Unit[], platform: PlatformState): readonly Effect[] =>
  units.flatMap((unit) => unit.device.outstanding?.(stateOf(platform, unit)) ?? []);
