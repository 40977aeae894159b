/** A node of the tree that `whence` answers: what held a value, who put it there, and what that was made of. */
import type { PlainPosition } from "../../../reducers/position.js";
import type { Instant } from "../../../reducers/stream-event.js";
import { finished, type Steps } from "./steps.js";

export type SourceKind =
  /** An instruction made it of what it read. */
  | "instruction"
  /** An instruction made it of nothing but itself: an immediate, an address relative to its own. */
  | "constant"
  /** The way into a trap: mepc, scause and their kin. */
  | "trap"
  /** Several makers, each of some of its bytes. */
  | "pieces"
  /** A device copied it, from an input, from a disk or from RAM. */
  | "copied"
  /** A device made it by itself, such as an element of a ring. */
  | "device"
  /** A load from a device. */
  | "loaded"
  /** An event from outside, or one that the machine itself predicted. */
  | "event"
  /** It lay there at reset, out of a file. */
  | "image"
  /** It was zero at reset, and nobody wrote it. */
  | "zero"
  /** What registers have at reset. */
  | "reset"
  /** The recording began with it. */
  | "start"
  /** The virtual clock, the counters of instructions, the hart's number, the interrupt lines. */
  | "input"
  /** A branch, of which it depends that something was done. */
  | "branch"
  /** Not followed: see `text`. */
  | "unknown";

/** What holds, and how it came. Plain data. */
export interface SourceRow {
  readonly kind: SourceKind;
  /** A register, a place in memory, a device's register, a disk's bytes, an event. */
  readonly place: string;
  /** Unsigned, little-endian. */
  readonly value: bigint;
  /** When it was put there: the instructions retired before, after which event. Undefined: it was there. */
  readonly at: Instant | undefined;
  readonly hart: number | undefined;
  /** The hart in words, where the machine has several. */
  readonly who?: string | undefined;
  readonly pc: bigint | undefined;
  readonly function: string | undefined;
  readonly line: string | undefined;
  /** The instruction, the event, the file. */
  readonly text: string;
}

/** Each of them is computed when it is asked for. */
export interface SourceWays {
  sources?(): Sources;
  addresses?(): Sources;
  conditions?(): Sources;
  replaced?(): Sources;
}

type Sources = readonly Source[] | Steps<readonly Source[]>;

export class Source implements SourceRow {
  readonly kind: SourceKind;
  readonly place: string;
  readonly value: bigint;
  readonly at: Instant | undefined;
  readonly hart: number | undefined;
  readonly pc: bigint | undefined;
  readonly function: string | undefined;
  readonly line: string | undefined;
  readonly text: string;
  private readonly known = new Map<keyof SourceWays, readonly Source[]>();

  constructor(
    readonly row: SourceRow,
    private readonly ways: SourceWays = {},
  ) {
    this.kind = row.kind;
    this.place = row.place;
    this.value = row.value;
    this.at = row.at;
    this.hart = row.hart;
    this.pc = row.pc;
    this.function = row.function;
    this.line = row.line;
    this.text = row.text;
  }

  /** What the value was made of. Empty: it began here. */
  sources(): readonly Source[] {
    return finished(this.stepsTo("sources"));
  }

  /** What the addresses were made of at which it was loaded and stored. */
  addresses(): readonly Source[] {
    return finished(this.stepsTo("addresses"));
  }

  /**
   * What decided that it was made: the instruction's own choices, the last conditional branch of the function before
   * it, and the trap in whose handler it ran.
   */
  conditions(): readonly Source[] {
    return finished(this.stepsTo("conditions"));
  }

  /** What was at the place before: it went unread, if it is none of the sources. Undefined: not followed. */
  replaced(): Source | undefined {
    return finished(this.stepsTo("replaced"))[0];
  }

  /** What one of the ways leads to, a stretch at a time. */
  *stepsTo(
    way: "sources" | "addresses" | "conditions" | "replaced",
  ): Generator<PlainPosition | undefined, readonly Source[]> {
    const known = this.known.get(way);
    if (known !== undefined) return known;
    const sources = this.ways[way]?.() ?? [];
    const found = "next" in sources ? yield* sources : sources;
    this.known.set(way, found);
    return found;
  }
}
