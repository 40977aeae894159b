/** Where an event stands, and when: a seq, an icount and a virtual time, none of which passes for another. */
import * as t from "io-ts";

import { Count, U64 } from "./scalars.js";

interface SeqBrand {
  readonly Seq: unique symbol;
}
interface IcountBrand {
  readonly Icount: unique symbol;
}
interface VirtualNsBrand {
  readonly VirtualNs: unique symbol;
}

/** Counts events, from 1; 0: before the first. */
export const Seq = t.brand(Count, (_count): _count is t.Branded<number, SeqBrand> => true, "Seq");
export type Seq = t.TypeOf<typeof Seq>;

/** Counts the instructions that retired since the start. */
export const Icount = t.brand(Count, (_count): _count is t.Branded<number, IcountBrand> => true, "Icount");
export type Icount = t.TypeOf<typeof Icount>;

/** The virtual clock, in ns since the machine's start. */
export const VirtualNs = t.brand(U64, (_ns): _ns is t.Branded<bigint, VirtualNsBrand> => true, "VirtualNs");
export type VirtualNs = t.TypeOf<typeof VirtualNs>;

/** `seq` makes a position unique. `icount` aligns it to the guest's instructions. */
export const Position = t.readonly(t.type({ seq: Seq, icount: Icount }));
export type Position = t.TypeOf<typeof Position>;

/** The same as a program writes it: whoever takes one checks it. */
export interface PlainPosition {
  readonly seq: number;
  readonly icount: number;
}

/** Of numbers that are counted or were checked here. A brand is a type and no value, so it costs nothing. */
export const positionOf = (seq: number, icount: number): Position => ({ seq: seq as Seq, icount: icount as Icount });
