/** The binary layout of every kind of event, derived from the codecs of the event union. */
import type * as t from "io-ts";

import type { ColumnCodec } from "./wire.js";
import { columnCodecOf } from "./wire.js";

export interface Field {
  readonly name: string;
  readonly codec: ColumnCodec;
}

export interface KindLayout {
  readonly type: string;
  readonly wireId: number;
  /** Sorted by name, so that the order in the source does not affect the format. */
  readonly fields: readonly Field[];
}

export interface EventLayout {
  readonly byType: ReadonlyMap<string, KindLayout>;
  readonly byWireId: ReadonlyMap<number, KindLayout>;
}

export type EventSpecifications = Readonly<Record<string, { readonly wireId: number; readonly payload: t.Props }>>;

/** Throws if a wireId occurs twice. */
export const layoutOf = (specifications: EventSpecifications): EventLayout => {
  const kinds = Object.entries(specifications)
    .map(([type, { wireId, payload }]): KindLayout => ({ type, wireId, fields: fieldsOf(payload) }))
    .sort((a, b) => a.wireId - b.wireId);
  const byWireId = new Map(kinds.map((kind) => [kind.wireId, kind]));
  if (byWireId.size !== kinds.length) throw new Error("two kinds of event have the same wireId");
  return { byType: new Map(kinds.map((kind) => [kind.type, kind])), byWireId };
};

const fieldsOf = (payload: t.Props): Field[] =>
  Object.keys(payload)
    .sort()
    .map((name) => ({ name, codec: columnCodecOf(payload[name] as t.Mixed) }));
