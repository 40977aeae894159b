/** `changes`: the history of what a function says of a moment. */
import type { Machine } from "../../../machine/machine.js";
import type { Inspected } from "../../../machine/inspect.js";
import { check } from "../../../options/check.js";
import { call, exactly, maybe } from "../../../options/codecs.js";
import { positionOf } from "../../../reducers/position.js";
import type { Instant } from "../../../reducers/stream-event.js";
import type { Recording } from "../recording.js";
import type { MomentView } from "../moment-view.js";
import type { Place } from "../names/place.js";
import { checkQuery, globalScope, type AskedOptions } from "./asked.js";
import { placeCodec } from "../names/place-codec.js";
import { codeAddresses } from "./code-addresses.js";
import { Query } from "./query.js";
import type { Listener, Reading } from "./question.js";
import { hartThere, instantThere, Namer, type RowOfHart, type Unnamed } from "./row.js";
import { isSameValue } from "./same-value.js";
import { SeenMoment } from "./seen-moment.js";
import { TrackedMoment } from "./tracked-moment.js";
import { trackedView, unlooked } from "./tracked-view.js";
import { tryThere } from "./tried-there.js";
import { physicalOf } from "./visits.js";
import { WatchedValue, type ValueChange } from "./watched-value.js";
import { whereMapped } from "./where-mapped.js";

export interface ChangesOptions extends AskedOptions {
  /**
   * An instruction, or a line: the function is called where a hart arrives at it, and may look at anything. Left out:
   * everywhere, and the function reads memory only.
   */
  readonly at?: Place | undefined;
}

/** The value from here on; the first one is that of the beginning. */
export interface Change<Value> extends Instant {
  readonly hart: number;
  /** Of the instruction that made the change, or that is arrived at; undefined: a device did, or it is the first. */
  readonly pc: bigint | undefined;
  readonly function: string | undefined;
  readonly line: string | undefined;
  /** Undefined: nothing is known before. */
  readonly before: Value | undefined;
  readonly value: Value | undefined;
}

type Found<Value> = Unnamed<Change<Value>>;

/**
 * Every change of what a function says. It is called only where a place is written that it read, so it must depend on
 * nothing else; where a place is not mapped, its value is undefined. Values are compared by what is in them. @throws
 * {PlaceError}, and when it is read as a replay does, {UntrackedError} where the function reads what is not memory, and
 * what the function throws
 */
export function changes<Value>(
  recording: Recording,
  valueOf: (moment: MomentView) => Value,
  options: ChangesOptions = {},
): Query<Change<Value>> {
  checkQuery("changes", recording, options, { at: maybe(placeCodec) });
  check("changes", exactly<{ readonly valueOf: unknown }>({ valueOf: call }), { valueOf });
  const { at, from, until } = options;
  const open = (): Reading<Change<Value>> => {
    const namer = new Namer(recording.names);
    const Seen = at === undefined ? TrackedMoment : SeenMoment;
    const said = (seen: Inspected): Value | undefined => whereMapped(() => valueOf(new Seen(recording, seen)));
    const physical = (address: bigint): number => physicalOf(address, () => recording.at(until));
    const addresses = at === undefined ? undefined : codeAddresses(at, globalScope(recording, until));
    const arrivals = addresses?.map(physical);
    return {
      question: undefined,
      listen: (isBeginning) => (arrivals === undefined ? everywhere(said, isBeginning) : arriving(said, arrivals)),
      take(found, emit) {
        emit(namer.name<Change<Value>>(found as Found<Value>));
      },
      tried() {
        const state = recording.at(from ?? recording.log.start);
        if (addresses === undefined) said(trackedView(state, unlooked()));
        else tryThere(said, state, addresses);
      },
      // What it said before the part is not known there.
      isOrdered: at !== undefined,
    };
  };
  return new Query(recording, open, { from, until });
}

/** An instruction, or a device. */
type Maker = Unnamed<Omit<RowOfHart, "pc">> & { readonly pc: bigint | undefined };

function everywhere<Value>(said: (seen: Inspected) => Value, isBeginning: boolean): Listener<Found<Value>> {
  let watched: WatchedValue<Maker, Value> | undefined;
  return {
    told: (machine, icount, probed) => {
      const isOfHart = !("by" in probed) || probed.by === "hart";
      return foundOf<Value>(
        watched?.told(isOfHart ? hartThere(machine, icount) : deviceThere(machine, icount), probed),
      );
    },
    stands: (machine, event) => {
      const here = deviceThere(machine, machine.position.icount);
      if (watched === undefined) {
        watched = new WatchedValue(machine, said);
        return isBeginning ? [{ ...here, before: undefined, value: watched.present }] : [];
      }
      // A reset puts another memory in place of all, and is no store.
      const found = foundOf<Value>(watched.stands(event?.event.type === "machine/reset" ? here : undefined));
      return found === undefined ? [] : [found];
    },
  };
}

function arriving<Value>(said: (seen: Inspected) => Value, arrivals: readonly number[]): Listener<Found<Value>> {
  let last: { readonly value: Value } | undefined;
  return {
    probes: { arrivals },
    told: (machine, icount, probed) => {
      if (probed.type !== "instruction/reached") return undefined;
      const value = said(seenAt(machine, icount));
      if (last !== undefined && isSameValue(last.value, value)) return undefined;
      const before = last?.value;
      last = { value };
      return { ...hartThere(machine, icount), before, value };
    },
  };
}

const deviceThere = (machine: Machine, icount: number): Maker => ({
  ...instantThere(machine, icount),
  hart: machine.hart,
  pc: undefined,
});

const foundOf = <Value>(change: ValueChange<Maker, Value> | undefined): Found<Value> | undefined =>
  change && { ...change.by, before: change.before, value: change.value };

/** In the middle of a run the machine's own position is that of the run's beginning. */
const seenAt = (machine: Machine, icount: number): Inspected =>
  Object.create(machine.present, {
    position: { value: positionOf(machine.position.seq, icount), enumerable: true },
  }) as Inspected;
