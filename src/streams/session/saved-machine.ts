/** The machine of a saved state, made again in any process: its images by their digests, then the state. */
import { check } from "../../options/check.js";
import { call, exactly, having, image, maybe, text } from "../../options/codecs.js";
import { configuredDisks } from "../../machine/disk/disk-state.js";
import { initialStateOver } from "../../machine/initial-state.js";
import { Machine } from "../../machine/machine.js";
import type { EngineFactory } from "../../machine/engine/engine.js";
import type { MachineConfig } from "../../reducers/machine-config.js";
import type { BlkConfig } from "../../reducers/virtio/blk.js";
import { findDrives, writtenBackTo, type DriveOptions } from "../host/disks/drives.js";
import type { CarriedImages } from "../host/carried-image.js";
import { closeAll, closingOnFailure } from "../store/host-disk.js";
import { contentsOfImages, findImages, type ImageRole, type ImageSource } from "../host/images.js";
import { MACHINE_OPTIONS, machineConfig, type MachineOptions, type OpenedMachine } from "./machine-options.js";
import { hostEngine } from "../host/host-engine.js";
import { probedBy, type Probing } from "../../machine/probing.js";
import { readState } from "../host/state-file.js";
import { bytesSource, type ByteSource } from "../store/log/index.js";
import { describeState, loadState, StateError, type SavedStateInfo } from "../store/saved-state/index.js";

export interface SavedMachineOptions {
  /** Images that are not where they were; options of the machine, which must then be the saved one's. */
  readonly machine?: MachineOptions;
  /** Where the state lies, where it is given as bytes: images are looked for beside it. */
  readonly path?: string | undefined;
  readonly engine?: EngineFactory;
  readonly probing?: Probing | undefined;
}

const SAVED = exactly<{ readonly saved: string | Uint8Array }>({ saved: image });
const OPTIONS = exactly<SavedMachineOptions>({
  machine: maybe(MACHINE_OPTIONS),
  path: maybe(text),
  engine: maybe(call),
  probing: maybe(having("a Probing", "told")),
});

/**
 * From bytes, or a file: `FILE`, or `FILE#NAME` for a snapshot in a recording. A file is read piece by piece.
 * @throws {StateError} where it is damaged or the options are another machine's. @throws {ImageError} @throws
 * {LogError}
 */
export function openSavedMachine(saved: string | Uint8Array, options: SavedMachineOptions = {}): OpenedMachine {
  check("openSavedMachine", SAVED, { saved });
  check("openSavedMachine", OPTIONS, options);
  if (typeof saved !== "string") return openFrom(bytesSource(saved), options);
  const { source, path, carried } = readState(saved);
  try {
    const opened = openFrom(source, { path, ...options }, carried);
    if (carried.size === 0) source.close();
    return {
      ...opened,
      close: () => {
        opened.close();
        source.close();
      },
    };
  } catch (fault) {
    source.close();
    throw fault;
  }
}

/** `carried`: images that its recording carries. */
function openFrom(source: ByteSource, options: SavedMachineOptions, carried: CarriedImages = new Map()): OpenedMachine {
  const { machine: given = {}, path, engine = hostEngine, probing } = options;
  const info = describeState(source);
  requireSaved(info, given);
  requireDrives(info, given.drives ?? []);
  const { machine: config, images: digests } = info;
  if (digests === undefined) {
    throw new StateError("INCOMPLETE", "it was saved without its machine's images; save it with them", {
      section: "images",
    });
  }
  const images = findImages(digests, imagesOf(given), path, carried);
  const initial = initialStateOver(config, images);
  const drives = given.drives ?? [];
  return closingOnFailure((opened) => {
    const { disks, contents } = findDrives(
      config,
      digests,
      drives.map(({ file }) => file),
      path,
      carried,
    );
    opened.push(...disks.values());
    const writtenBack = writtenBackTo(disks, drives);
    const state = loadState(source, initial);
    const machine = new Machine(initial, { engine, disks, state, ...probedBy(probing) });
    return {
      machine,
      images,
      contents: [...contentsOfImages(digests, images), ...contents],
      probing,
      header: { machine: config, images: digests },
      disks,
      writtenBack,
      close: () => {
        closeAll(disks);
      },
    };
  });
}

/** Which field of the configuration an option sets, where that has another name. */
const FIELDS: Readonly<Record<string, string>> = { memory: "memoryBytes", smp: "harts", seed: "rngSeed" };

function requireSaved({ machine }: SavedStateInfo, given: MachineOptions): void {
  const saved = new Map<string, unknown>(Object.entries(withoutDisks(machine)));
  const asked = new Map<string, unknown>(
    Object.entries(withoutDisks(machineConfig({ ...given, seed: given.seed ?? machine.rngSeed }))),
  );
  for (const [option, value] of Object.entries(given)) {
    const field = FIELDS[option] ?? option;
    if (value === undefined || !asked.has(field)) continue;
    const [expected, actual] = [saved.get(field), asked.get(field)].map((each) => JSON.stringify(each) ?? "nothing");
    if (expected === actual) continue;
    throw new StateError(
      "WRONG_MACHINE",
      `it has ${String(expected)}, asked for was ${String(actual)}; leave the option ${option} out`,
      { field },
    );
  }
}

/** Disks are compared as drives are given. */
function withoutDisks(config: MachineConfig): MachineConfig {
  const virtio = config.virtio.map((device) => (typeof device === "object" && device.kind === "blk" ? "none" : device));
  return { ...config, virtio: virtio.slice(0, virtio.findLastIndex((device) => device !== "none") + 1) };
}

/** A drive says where an image is; what else it says of the disk must be so of one that the machine has. */
function requireDrives({ machine }: SavedStateInfo, drives: readonly DriveOptions[]): void {
  const disks = configuredDisks(machine).map(({ disk }) => disk);
  for (const { format, readonly, serial } of drives) {
    const given = { format, readOnly: readonly, serial };
    const isOf = (disk: BlkConfig): boolean =>
      (["format", "readOnly", "serial"] as const).every(
        (name) => given[name] === undefined || given[name] === disk[name],
      );
    if (disks.some(isOf)) continue;
    throw new StateError("WRONG_MACHINE", `it has no disk of ${JSON.stringify(given)}; name the drive's file alone`, {
      field: "virtio",
    });
  }
}

const imagesOf = ({
  bios,
  kernel,
  initrd,
  dtb,
}: MachineOptions): Partial<Record<ImageRole, ImageSource | undefined>> => ({
  bios: bios === "none" ? undefined : bios,
  kernel,
  initrd,
  dtb,
});
