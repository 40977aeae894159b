/** What all parts of a tree share. */
import type { Deed } from "../../../machine/dataflow/deed.js";
import type { Origins } from "../../../machine/dataflow/origins.js";
import type { Recording } from "../recording.js";
import type { Describer } from "./describe.js";
import type { Cut, DeedMaker, History } from "./history.js";
import type { Source, SourceRow } from "./source.js";
import type { Spot } from "./spot.js";
import type { Steps } from "./steps.js";

export interface Context {
  readonly recording: Recording;
  readonly history: History;
  readonly describer: Describer;
  /** Who put it there, before a place. */
  resolve(spot: Spot, cut: Cut): Steps<Source>;
  /** What a deed read. */
  ofOrigins(origins: Origins, maker: DeedMaker): Steps<readonly Source[]>;
  /** What some of a store's bytes were made of. */
  storedSources(maker: DeedMaker, store: Deed["stores"][number], bytes: readonly number[]): Steps<readonly Source[]>;
  /** The same node for the same key. */
  once(key: string, make: () => Source | Steps<Source>): Steps<Source>;
  deedRow(maker: DeedMaker, origins: Origins): Omit<SourceRow, "place" | "value">;
}
