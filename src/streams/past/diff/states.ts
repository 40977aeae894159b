/** In what two states differ, from what says most to what says least. Lazily: the first row costs little. */
import { configuredDisks, type DiskState } from "../../../machine/disk/disk-state.js";
import type { MachineState } from "../../../machine/state.js";
import { devices } from "../../../reducers/devices.js";
import { hexAddress } from "../../../reducers/hex.js";
import { stateOf } from "../../../reducers/platform.js";
import { plainBytes, type Difference } from "./difference.js";
import type { Ignored } from "./ignored.js";
import { memberDifferences } from "./members.js";
import { memoryDifferences } from "./memory.js";
import type { MemoryNames } from "./memory-names.js";
import { differingPages } from "./ranges.js";
import { registerDifferences } from "./registers.js";

export interface Scope {
  readonly ignored: Ignored;
  readonly names: MemoryNames;
}

/** All rows but those that are ignored. Memory is last. */
export function* stateDifferences(a: MachineState, b: MachineState, scope: Scope): Generator<Difference> {
  for (const row of ofAllButMemory(a, b)) if (!scope.ignored.has(row)) yield row;
  if (!scope.ignored.hasKind("memory")) yield* memoryDifferences(a, b, { ...scope, holes: scope.ignored.holes });
}

/**
 * How two machines go on, as long as the same comes from outside: alike (only what came before differs); alike until
 * one of them looks at its clock; or who knows.
 */
export function futuresOf(a: MachineState, b: MachineState): "same" | "sameButClock" | "different" {
  if (a.ram.digest !== b.ram.digest) return "different";
  let future: "same" | "sameButClock" = "same";
  for (const { kind, name } of ofAllButMemory(a, b)) {
    if (kind === "clock") future = "sameButClock";
    else if (kind !== "inputs" && name !== "position.seq") return "different";
  }
  return future;
}

function* ofAllButMemory(a: MachineState, b: MachineState): Generator<Difference> {
  yield* memberDifferences("machine", "machine", a.config, b.config);
  if (a.rom.digest !== b.rom.digest) yield* memberDifferences("machine", "machine.rom", a.rom.digest, b.rom.digest);
  yield* memberDifferences("position", "position", a.position, b.position);
  yield* memberDifferences("inputs", "inputs", a.history, b.history);
  yield* memberDifferences("power", "power", a.power, b.power);
  yield* memberDifferences("clock", "clock", a.clock, b.clock);
  if (a.config.harts > 1 || b.config.harts > 1)
    yield* memberDifferences("schedule", "schedule", a.schedule, b.schedule);
  for (const [hart, inA] of a.harts.entries()) {
    const inB = b.harts[hart];
    if (inB !== undefined) yield* registerDifferences(inA, inB, hart, registerPrefix(a, hart));
  }
  yield* deviceDifferences(a, b);
  yield* diskDifferences(a, b);
}

/** Before a register's name, where there are several harts. */
export const registerPrefix = ({ config }: Pick<MachineState, "config">, hart: number): string =>
  config.harts === 1 ? "" : `hart${String(hart)}.`;

function* deviceDifferences(
  a: Pick<MachineState, "config" | "platform">,
  b: Pick<MachineState, "config" | "platform">,
): Generator<Difference> {
  const others = new Map(devices(b.config).map((unit) => [unit.label, stateOf(b.platform, unit)]));
  for (const unit of devices(a.config)) {
    if (others.has(unit.label)) {
      yield* memberDifferences("device", unit.label, stateOf(a.platform, unit), others.get(unit.label));
    }
  }
  yield* memberDifferences("device", "bottomHalves", a.platform.bottomHalves, b.platform.bottomHalves);
}

/** What was written over the images: a row a page. Where only one has written, the other has the image's. */
function* diskDifferences(a: MachineState, b: MachineState): Generator<Difference> {
  for (const { slot } of configuredDisks(a.config)) {
    const [inA, inB] = [diskOf(a, slot), diskOf(b, slot)];
    if (inA === undefined || inB === undefined) continue;
    const name = `disk${String(slot)}`;
    yield* memberDifferences("disk", `${name}.nextRequest`, inA.nextRequest, inB.nextRequest);
    const [overlayA, overlayB] = [inA.overlay, inB.overlay];
    if (overlayA.digest === overlayB.digest && overlayA.pageCount === overlayB.pageCount) continue;
    const pages = new Set([...overlayA.indices(), ...overlayB.indices()]);
    for (const index of differingPages(
      overlayA,
      overlayB,
      [...pages].sort((one, other) => one - other),
    )) {
      yield diskRow(name, index, inA, inB);
    }
  }
}

const DISK_PAGE_BYTES = 4096;

function diskRow(disk: string, index: number, a: DiskState, b: DiskState): Difference {
  const shown = ({ overlay }: DiskState): string => {
    const page = overlay.page(index);
    return page === undefined ? "as in the image" : plainBytes(page.bytes ?? new Uint8Array(DISK_PAGE_BYTES));
  };
  const address = index * DISK_PAGE_BYTES;
  const name = `${disk}.${hexAddress(address)}`;
  return Object.freeze({ kind: "disk", name, address, bytes: DISK_PAGE_BYTES, a: shown(a), b: shown(b) });
}

const diskOf = ({ disks }: MachineState, slot: number): DiskState | undefined =>
  disks.find((disk) => disk.slot === slot);
