/** `sample`: what a function says at regular places. */
import type { Machine } from "../../../machine/machine.js";
import { check } from "../../../options/check.js";
import { call, distance, exactly, maybe, value } from "../../../options/codecs.js";
import type { Recording } from "../recording.js";
import type { MomentView } from "../moment-view.js";
import { checkQuery, type AskedOptions } from "./asked.js";
import { Query } from "./query.js";
import type { Listener, Reading } from "./question.js";
import { hartThere, Namer, type RowOfHart, type Unnamed } from "./row.js";
import { SeenMoment } from "./seen-moment.js";

/** One of both. */
export interface SampleOptions extends AskedOptions {
  /** Instructions from one sample to the next. */
  readonly everyInsns?: number | undefined;
  /**
   * Of the virtual clock, from one sample to the next. A clock that jumps, while the machine is idle, passes several
   * places at once: there is one sample behind them.
   */
  readonly everyNs?: bigint | number | undefined;
}

/** Before the events that stand at its icount. `pc`: of the next instruction. */
export interface Sample<Value> extends RowOfHart {
  readonly value: Value;
}

const NS = value("a whole number of ns, 1 or more", (given) =>
  typeof given === "bigint" ? given > 0n : distance.is(given),
);

/** Samples at all multiples of the distance. Throws, when it is read, as a replay does and as the function does. */
export function sample<Value>(
  recording: Recording,
  valueOf: (moment: MomentView) => Value,
  options: SampleOptions,
): Query<Sample<Value>> {
  checkQuery("sample", recording, options, { everyInsns: maybe(distance), everyNs: maybe(NS) });
  check("sample", exactly<{ readonly valueOf: unknown }>({ valueOf: call }), { valueOf });
  const { everyInsns, everyNs, from, until } = options;
  check("sample", ONE_DISTANCE, options);
  const open = (): Reading<Sample<Value>> => {
    const namer = new Namer(recording.names);
    const [scale, every] = everyInsns === undefined ? [VIRTUAL_NS, everyNs ?? 1] : [INSNS, everyInsns];
    const said = ({ present }: Machine): Value => valueOf(new SeenMoment(recording, present));
    return {
      question: undefined,
      listen: (isBeginning) => sampling(scale, BigInt(every), said, isBeginning),
      take(found, emit) {
        emit(namer.name<Sample<Value>>(found as Unnamed<Sample<Value>>));
      },
    };
  };
  return new Query(recording, open, { from, until });
}

const ONE_DISTANCE = value("everyInsns or everyNs, one of both", (given) => {
  const { everyInsns, everyNs } = given as SampleOptions;
  return (everyInsns === undefined) !== (everyNs === undefined);
});

/** What the distance is measured by. */
interface Scale {
  readonly now: (machine: Machine) => bigint;
  readonly icountAt: (machine: Machine, place: bigint) => number;
}

const INSNS: Scale = { now: ({ position }) => BigInt(position.icount), icountAt: (_machine, place) => Number(place) };
const VIRTUAL_NS: Scale = { now: (machine) => machine.virtualNs, icountAt: (machine, ns) => machine.icountAt(ns) };

function sampling<Value>(
  { now, icountAt }: Scale,
  every: bigint,
  valueOf: (machine: Machine) => Value,
  isBeginning: boolean,
): Listener<Unnamed<Sample<Value>>> {
  const behind = (place: bigint): bigint => (place / every + 1n) * every;
  let due: bigint | undefined;
  const dueIcount = (machine: Machine): number => {
    // What stands where a part begins is of the part before, if there is one.
    due ??= isBeginning ? behind(now(machine) + every - 1n) - every : behind(now(machine));
    return icountAt(machine, due);
  };
  return {
    nextIcount: dueIcount,
    stands: (machine) => {
      const { icount } = machine.position;
      if (icount < dueIcount(machine)) return [];
      due = behind(now(machine));
      return [{ ...hartThere(machine, icount), value: valueOf(machine) }];
    },
  };
}
