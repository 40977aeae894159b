/** Where a run is to stop: each kind of place, and how one knows that it is reached. */
import { check } from "../../options/check.js";
import { anything, call, distance, exactly, maybe, text, value, whole, type Codec } from "../../options/codecs.js";
import type { Inspected } from "../../machine/inspect.js";
import type { Machine } from "../../machine/machine.js";
import type { MachineState } from "../../machine/state.js";
import type { Effect } from "../../reducers/effect.js";
import type { StreamEvent } from "../../reducers/stream-event.js";
import { TextSearch } from "./text-search.js";

export type RunTarget =
  /** So many instructions further. */
  | { readonly insns: number }
  /** As `Until`: before the events at an icount, right after the event of a seq, or both. */
  | { readonly icount?: number; readonly seq?: number }
  /** Right after the instruction or event that completes it on a console. */
  | { readonly text: string }
  /** Right after the first event of which it is true. */
  | { readonly event: (event: StreamEvent) => boolean }
  /**
   * At the first state of which it is true: looked at after each event, and every `every` instructions (1). Where it is
   * true at a look, it stops at the instruction since the look before at which it became so; what is true only between
   * two looks goes unseen.
   */
  | { readonly state: (state: MachineState) => boolean; readonly every?: number }
  /** The same with the machine where it stands, of which no state is taken: some fifty times faster. */
  | { readonly present: (present: Inspected) => boolean; readonly every?: number };

const PLACE = exactly<{ readonly icount?: number; readonly seq?: number }>({ icount: maybe(whole), seq: maybe(whole) });

export interface Goal {
  limitIcount(machine: Machine): number;
  isReached(machine: Machine): boolean;
  /** True: the machine should stop right there. */
  hear?(effect: Effect): boolean;
  see?(event: StreamEvent): void;
}

/** @throws {OptionError} where the target is none */
export function goalOf(target: RunTarget, machine: Machine): Goal {
  checkTarget("runUntil", target);
  if ("insns" in target) return place(machine.position.icount + target.insns);
  if ("text" in target) return printed(target.text);
  if ("event" in target) return passed(target.event);
  if ("state" in target) return held((at) => target.state(at.state()), target.every ?? 1);
  if ("present" in target) return held((at) => target.present(at.present), target.every ?? 1);
  return place(target.icount, target.seq);
}

/** By what it has, a target is one of these. */
const KINDS: readonly (readonly [string, Codec])[] = [
  ["insns", exactly<{ readonly insns: number }>({ insns: whole })],
  ["text", exactly<{ readonly text: string }>({ text })],
  ["event", exactly<{ readonly event: unknown }>({ event: call })],
  ["state", exactly<{ readonly state: unknown; readonly every?: number }>({ state: call, every: maybe(distance) })],
  [
    "present",
    exactly<{ readonly present: unknown; readonly every?: number }>({ present: call, every: maybe(distance) }),
  ],
  ["seq", PLACE],
  ["icount", PLACE],
];

/** Any names of those, so that another one is told with the nearest. */
const NAMES = exactly<Record<string, unknown>>({
  ...Object.fromEntries([...KINDS.map(([name]) => name), "every"].map((name) => [name, maybe(anything)])),
});

const NO_TARGET = value("insns, icount, seq, text, event, state or present", () => false);

/** `of`: what it was given to. @throws {OptionError} where the target is none */
export function checkTarget(of: string, target: RunTarget): void {
  check(of, NAMES, target);
  const given: Readonly<Record<string, unknown>> = target;
  const [, kind = NO_TARGET] = KINDS.find(([name]) => given[name] !== undefined) ?? [];
  check(of, kind, target);
}

const place = (icount: number | undefined, seq = 0): Goal => ({
  limitIcount: ({ position }) => (position.seq >= seq ? (icount ?? Infinity) : Infinity),
  isReached: ({ position }) => position.seq >= seq && position.icount >= (icount ?? 0),
});

function printed(text: string): Goal {
  const search = new TextSearch(text);
  let isFound = false;
  return {
    limitIcount: () => Infinity,
    isReached: () => isFound,
    hear(effect) {
      if (effect.type === "console/transmitted") isFound ||= search.endIn(effect.bytes) !== undefined;
      return isFound;
    },
  };
}

function passed(isWanted: (event: StreamEvent) => boolean): Goal {
  let isFound = false;
  return {
    limitIcount: () => Infinity,
    isReached: () => isFound,
    see: (event) => {
      isFound ||= isWanted(event);
    },
  };
}

/**
 * Between two looks the machine runs ahead by itself, unheard, and goes back: so the first instruction is found at
 * which it is true, of those before the look at which it is still true. What is true only between two looks goes
 * unseen.
 */
function held(isWanted: (machine: Machine) => boolean, every: number): Goal {
  let next = 0;
  return {
    limitIcount: ({ position }) => Math.max(next, position.icount + 1),
    isReached: (machine) => {
      if (isWanted(machine)) return true;
      next = machine.position.icount + 1;
      if (every > 1 && machine.awaited === undefined) next = runAhead(machine, isWanted, every);
      return false;
    },
  };
}

/** How far the machine may run: to the look, or to where it is true before. */
function runAhead(machine: Machine, isWanted: (machine: Machine) => boolean, insns: number): number {
  const icount: number = machine.position.icount;
  const look = machine.lookAhead(() => {
    machine.run(icount + insns);
    return { icount: machine.position.icount, isWanted: isWanted(machine) };
  });
  if (!look.isWanted) return look.icount;
  return machine.lookAhead(() => {
    for (let at = icount; at < look.icount;) {
      machine.run((at += 1));
      if (isWanted(machine)) return at;
    }
    return look.icount;
  });
}
