/**
 * Whether a state has the shape that its own configuration gives: so many harts, these devices, these registers, and no
 * deferred work but theirs.
 */
import { isSameValue } from "../../../machine/canonical.js";
import type { MachineState } from "../../../machine/state.js";
import { devices } from "../../../reducers/devices.js";
import { initialPlatform, stateOf, type PlatformState } from "../../../reducers/platform.js";
import type { ScheduleState } from "../../../reducers/schedule.js";
import { parseVirtioBottomHalf } from "../../../reducers/virtio/virtio.js";
import { StateError } from "./state-error.js";

/** @throws {StateError} where a forged state would be beyond what the machine was built for. */
export function requireShape({ config, position, harts, schedule, platform }: MachineState): void {
  requireLength("harts", harts.length, config.harts);
  requireLength("schedule", schedule.retired.length, config.harts);
  requireLength("schedule", schedule.priorities.length, config.harts);
  requireTurn(schedule, position.icount);
  const initial = initialPlatform(config);
  const lists = platform as unknown as Readonly<Record<string, unknown>>;
  for (const [name, expected] of Object.entries(initial) as [string, unknown][]) {
    const list = lists[name];
    if (Array.isArray(expected) && Array.isArray(list)) requireLength(sectionOf(name), list.length, expected.length);
  }
  for (const unit of devices(config)) {
    const { device, label } = unit;
    const [expected, found] = [initial, platform].map((states) => device.fixed?.(stateOf(states, unit)));
    if (isSameValue(expected, found)) continue;
    throw new StateError("INVALID", `its ${label} is not the one of its configuration; save it again`, {
      section: sectionOf(device.name),
    });
  }
  requireOwnWork(platform);
}

function requireTurn({ hart, sinceIcount, untilIcount, retired }: ScheduleState, icount: number): void {
  const refusal = (field: string, reason: string): StateError =>
    new StateError("INVALID", `${reason}; save it again`, { section: "schedule", field });
  if (hart >= retired.length) throw refusal("hart", `it is the turn of hart ${String(hart)}, which is not there`);
  if (sinceIcount > icount)
    throw refusal("sinceIcount", `a turn began at ${String(sinceIcount)}, after ${String(icount)}`);
  if (untilIcount !== null && untilIcount < sinceIcount)
    throw refusal("untilIcount", `a turn from ${String(sinceIcount)} on ended at ${String(untilIcount)}`);
  const before = retired.reduce((sum, count) => sum + count, 0);
  if (before !== sinceIcount)
    throw refusal("retired", `the harts had retired ${String(before)} instructions at ${String(sinceIcount)}`);
}

function requireOwnWork({ bottomHalves, virtio }: PlatformState): void {
  for (const { id } of bottomHalves.pending) {
    const { slot = -1, queue = 0 } = parseVirtioBottomHalf(id) ?? {};
    if (queue < (virtio[slot]?.queues.length ?? 0)) continue;
    throw new StateError("INVALID", `no device of its machine defers the work ${JSON.stringify(id)}; save it again`, {
      section: sectionOf("bottomHalves"),
      field: "pending",
    });
  }
}

function requireLength(section: string, length: number, expected: number): void {
  if (length === expected) return;
  throw new StateError("INVALID", `it has ${String(length)} of them, its machine ${String(expected)}; save it again`, {
    section,
  });
}

const sectionOf = (device: string): string => `platform.${device}`;
