/** Plugs a virtio network device into a wire: what comes from there is events, what the guest sends goes there. */
import { check } from "../../../options/check.js";
import { call, exactly, whole } from "../../../options/codecs.js";
import { BehaviorSubject, defer, distinctUntilChanged, EMPTY, filter, map, merge, mergeMap, of, share } from "rxjs";

import type { EventOf, MachineEvent } from "../../../reducers/events.js";
import type { Backend } from "../backend.js";
import type { Wire } from "../wire.js";

/** Frames that may wait for the guest's buffers, as QEMU's queues hold; it takes them whenever it has some. */
const MAX_WAITING = 10_000;
/** From here on the wire is asked to hold back. */
const HIGH_WATER = 512;
const LOW_WATER = 128;

const CARD = exactly<{ readonly slot: number; readonly wire: Wire }>({ slot: whole, wire: call });

type LinkChanged = EventOf<"virtioNet/linkChanged">;

/** `slot`: the card's virtio slot. */
export const network = (slot: number, wire: Wire): Backend => {
  check("network", CARD, { slot, wire });
  return (effects$, taken$) =>
    defer(() => {
      const waiting$ = new BehaviorSubject(0);
      let hasRoom = true;
      const ours$ = effects$.pipe(
        filter((effect) => "slot" in effect && effect.slot === slot),
        share(),
      );
      let isUp = true;
      /** The change that waits for the guest. A peer that comes and goes makes no queue: then its last state counts. */
      let offered: LinkChanged | undefined;
      const link = (): readonly MachineEvent[] => {
        if (offered !== undefined) return [];
        offered = { type: "virtioNet/linkChanged", slot, up: isUp ? 1 : 0 };
        return [offered];
      };
      const changedMeanwhile$ = taken$.pipe(
        mergeMap((event): readonly MachineEvent[] => {
          if (offered === undefined || event !== offered) return [];
          const wasUp = offered.up === 1;
          offered = undefined;
          return wasUp === isUp ? [] : link();
        }),
      );
      const answers$ = ours$.pipe(
        mergeMap((effect): readonly MachineEvent[] => {
          if (effect.type === "network/received") waiting$.next(waiting$.value - 1);
          return effect.type === "network/unplugged" && isUp ? link() : [];
        }),
      );
      const frames$ = ours$.pipe(
        mergeMap((effect) => (effect.type === "network/transmitted" ? of(effect.frame) : EMPTY)),
      );
      const hasRoom$ = waiting$.pipe(
        map((waiting) => (hasRoom = waiting < (hasRoom ? HIGH_WATER : LOW_WATER))),
        distinctUntilChanged(),
      );
      const events$ = wire({ frames$, hasRoom$ }).pipe(
        mergeMap((from): readonly MachineEvent[] => {
          if (from.type === "link") {
            isUp = from.up;
            return link();
          }
          // The last to come is lost, as on any full wire: the guest never knew of it.
          if (waiting$.value >= MAX_WAITING) return [];
          waiting$.next(waiting$.value + 1);
          return [{ type: "virtioNet/frameReceived", slot, frame: from.frame }];
        }),
      );
      return merge(answers$, changedMeanwhile$, events$);
    });
};
