/** Where a run is to stop: each kind of place, and how one knows that it is reached. */
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
  /** At the first state of which it is true: looked at after each event, and every `every` instructions (1). */
  | { readonly state: (state: MachineState) => boolean; readonly every?: number };

export interface Goal {
  limitIcount(machine: Machine): number;
  isReached(machine: Machine): boolean;
  /** True: the machine should stop right there. */
  hear?(effect: Effect): boolean;
  see?(event: StreamEvent): void;
}

export function goalOf(target: RunTarget, machine: Machine): Goal {
  if ("insns" in target) return place(machine.position.icount + target.insns);
  if ("text" in target) return printed(target.text);
  if ("event" in target) return passed(target.event);
  if ("state" in target) return held(target.state, target.every ?? 1);
  return place(target.icount, target.seq);
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

function held(isWanted: (state: MachineState) => boolean, every: number): Goal {
  let next = 0;
  return {
    limitIcount: ({ position }) => Math.max(next, position.icount + 1),
    isReached: (machine) => {
      next = machine.position.icount + every;
      return isWanted(machine.state());
    },
  };
}
