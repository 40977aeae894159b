/** A disk as a value: what was written to it since the start, over an image known by its digest. */
import type { MachineConfig } from "../../reducers/machine-config.js";
import { SECTOR_BYTES, type BlkConfig } from "../../reducers/virtio/blk.js";
import { PageTree, type Digested } from "../page-tree.js";

export const DISK_PAGE_BYTES = 4096;

export interface OverlayPage extends Digested {
  /** Null: a page of zeros, without memory. */
  readonly bytes: Uint8Array | null;
}

/** Undefined: the page is still the image's. */
export type Overlay = PageTree<OverlayPage>;

export interface DiskState {
  /** The virtio slot of its device. */
  readonly slot: number;
  /** The id of the next request. It outlives resets, because answers to earlier requests may come after one. */
  readonly nextRequest: number;
  readonly overlay: Overlay;
}

/** Keyed by slot. */
export const initialDisks = (config: Pick<MachineConfig, "virtio">): readonly DiskState[] =>
  configuredDisks(config).map(({ slot, disk }) => ({
    slot,
    nextRequest: 0,
    overlay: PageTree.empty(pageCount(disk.sectors)),
  }));

/** Keyed by slot. */
export const configuredDisks = ({
  virtio,
}: Pick<MachineConfig, "virtio">): readonly { readonly slot: number; readonly disk: BlkConfig }[] =>
  virtio.flatMap((device, slot) =>
    typeof device === "object" && device.kind === "blk" ? [{ slot, disk: device }] : [],
  );

const pageCount = (sectors: number): number => Math.ceil((sectors * SECTOR_BYTES) / DISK_PAGE_BYTES);
