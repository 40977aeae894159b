/** What a machine's configuration puts into a virtio slot: a name where that says all, an object where it has parameters. */
import * as t from "io-ts";

import { BlkConfig } from "./virtio-blk.js";
import { NetConfig } from "./virtio-net.js";

export const VirtioSlot = t.union([t.literal("none"), t.literal("rng"), t.literal("console"), BlkConfig, NetConfig]);
export type VirtioSlot = t.TypeOf<typeof VirtioSlot>;

export const kindOf = (slot: VirtioSlot): VirtioKind => (typeof slot === "string" ? slot : slot.kind);

export type VirtioKind = Extract<VirtioSlot, string> | Extract<VirtioSlot, { readonly kind: string }>["kind"];
