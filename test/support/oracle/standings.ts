/** All places at which a machine stands between two icounts, found by going one instruction or event at a time. */
import { fold } from "../../../src/machine/fold.js";
import { integerOf } from "../../../src/machine/little-endian.js";
import { Machine } from "../../../src/machine/machine.js";
import { DRAM_BASE } from "../../../src/machine/memory-map.js";
import { ReferenceEngine } from "../../../src/machine/reference/reference-engine.js";
import type { EventType, PositionedEvent } from "../../../src/reducers/events.js";
import type { Recording } from "../../../src/streams/past/recording.js";

export interface Standing {
  readonly seq: number;
  readonly icount: number;
  readonly ns: bigint;
  readonly hart: number;
  readonly pc: bigint;
  /** Of the hart whose turn it is. */
  readonly a0: bigint;
  /** The event that it stands behind; undefined: it stands before those of its icount. */
  readonly event: EventType | undefined;
  readonly hash: bigint | undefined;
  /** The double word that is watched. */
  readonly word: bigint;
}

export interface StandingsOptions {
  readonly from: number;
  readonly until: number;
  /** Of a double word in RAM. */
  readonly word: number;
  /** Whether the state's hash is wanted: it takes time. */
  readonly wantsHash: (index: number) => boolean;
}

/** Those at the range's ends, and all between them. */
export function standingsOf(
  recording: Recording,
  { from, until, word, wantsHash }: StandingsOptions,
): readonly Standing[] {
  const machine = recording.openMachine(
    (initial, options) => new Machine(initial, { ...options, engine: (...given) => new ReferenceEngine(...given) }),
  );
  const start = recording.at(from);
  machine.load(start);
  const events = [...recording.log.events({ fromSeq: start.position.seq + 1 })];
  const standings: Standing[] = [];
  const stand = (event: PositionedEvent | undefined): void => {
    const { seq, icount } = machine.position;
    const wanted = machine.present.ram.read(word - DRAM_BASE, 8);
    standings.push({
      ...{ seq, icount, ns: machine.virtualNs, hart: machine.hart, pc: machine.pc, event: event?.event.type },
      a0: BigInt.asUintN(64, machine.x(10)),
      hash: wantsHash(standings.length) ? machine.hash() : undefined,
      word: integerOf(wanted),
    });
  };
  for (let icount = from; icount <= until; icount += 1) {
    machine.run(icount);
    stand(undefined);
    for (let [event] = events; icount < until && event?.icount === icount; [event] = events) {
      events.shift();
      fold(machine, event);
      stand(event);
    }
  }
  return standings;
}
