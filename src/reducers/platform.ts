/** The state of all devices of a machine, a part a device: derived from the list of them. */
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

/** By the devices' names; and the work that they have put off. */
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

/** The platform with these states of its devices, one a unit. */
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

/** At a reset of the machine the devices begin anew, but for what a device says. */
export const resetPlatform = (units: readonly Unit[], initial: PlatformState, present: PlatformState): PlatformState =>
  platformOf(
    units,
    units.map((unit) => {
      const first = stateOf(initial, unit);
      return unit.device.afterReset?.(first, stateOf(present, unit)) ?? first;
    }),
    initial.bottomHalves,
  );

/** What devices have asked of the outside and not yet been given: derived, so that no saved state has to hold it. */
export const outstandingEffects = (units: readonly Unit[], platform: PlatformState): readonly Effect[] =>
  units.flatMap((unit) => unit.device.outstanding?.(stateOf(platform, unit)) ?? []);
