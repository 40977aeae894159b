/**
 * What the guest does by itself, recomputed from a recording and observable on demand: accesses to devices, traps,
 * instructions.
 */
import { aRecording } from "../../options/parts.js";
import { defer, ignoreElements, merge, Subject, tap, type Observable } from "rxjs";

import type { Probed } from "../../machine/engine/probes.js";
import { INTERRUPT_BIT } from "../../machine/hart/trap-causes.js";
import { tracedEngine } from "../../machine/traced.js";
import { Machine } from "../../machine/machine.js";
import { check } from "../../options/check.js";
import { anything, exactly, list, maybe, oneOf } from "../../options/codecs.js";
import { positionOf } from "../../reducers/position.js";
import type { Instant } from "../../reducers/stream-event.js";
import { Control } from "../time/control.js";
import type { Recording } from "./recording.js";
import { replay$ } from "./replayer.js";
import { checkUntil, type Until } from "./until.js";

export type GuestAction =
  | ({ readonly type: "mmio/loaded" } & DeviceAccess)
  | ({ readonly type: "mmio/stored" } & DeviceAccess)
  /** `cause`: as in xcause, without the interrupt bit. `pc`: of the instruction that did not retire. */
  | {
      readonly type: "trap/taken";
      readonly isInterrupt: boolean;
      readonly cause: bigint;
      readonly trapValue: bigint;
      readonly pc: bigint;
    }
  | { readonly type: "instruction/retired"; readonly pc: bigint; readonly encoding: number };

export type GuestActionType = GuestAction["type"];

const GUEST_ACTION_TYPES = ["mmio/loaded", "mmio/stored", "trap/taken", "instruction/retired"] as const;

export type GuestActionOf<T extends GuestActionType> = Extract<GuestAction, { type: T }>;

/** An access to a device or to an address where nothing answers. That one faults, and `value` is undefined. */
interface DeviceAccess {
  readonly address: bigint;
  readonly width: number;
  readonly value: bigint | undefined;
}

export interface TraceOptions {
  /** What is wanted. Instructions are recomputed by the reference evaluator, a hundred times slower than the rest. */
  readonly of: readonly GuestActionType[];
  /** Replayed at full speed up to here. */
  readonly from?: Until;
  readonly until?: Until;
}

/**
 * Where and when a hart did it: after event `seq`, with `icount` instructions retired before it, at `ns` of the virtual
 * clock.
 */
export type TracedAction<T extends GuestActionType = GuestActionType> = Instant & {
  readonly hart: number;
} & GuestActionOf<T>;

/** Fails as a replay does. Each subscription replays by itself, and lets the host have its turn. */
export const trace$ = (recording: Recording, options: TraceOptions): Observable<TracedAction> => {
  check("trace$", RECORDING, { recording });
  check("trace$", TRACE_OPTIONS, options);
  const { of, from, until } = options;
  checkUntil("trace$: from", from);
  checkUntil("trace$: until", until);
  return defer(() => {
    const actions$ = new Subject<TracedAction>();
    const machine = openTraced(recording, new Set(of), (action) => {
      actions$.next(action);
    });
    if (from !== undefined) machine.load(recording.at(from));
    // A replay that can be held can be left: at any instruction, not only where its next event is.
    const replayed$ = replay$(machine, recording.log, until, { control: new Control() });
    return merge(
      actions$,
      replayed$.pipe(
        ignoreElements(),
        tap({
          finalize: () => {
            actions$.complete();
          },
        }),
      ),
    );
  });
};

/** At the start of the recording. It tells of what is wanted from there on. */
function openTraced(
  recording: Recording,
  wanted: ReadonlySet<GuestActionType>,
  tell: (action: TracedAction) => void,
): Machine {
  const machine: Machine = recording.openMachine((initial, { engine, ...options }) => {
    const told = (icount: number, action: GuestAction): void => {
      if (!wanted.has(action.type)) return;
      const at = { ...positionOf(machine.position.seq, icount), ns: machine.virtualNsAt(icount) };
      tell({ ...at, hart: machine.hart, ...action });
    };
    const retired = tracedEngine((icount, instruction) => {
      told(icount, { type: "instruction/retired", ...instruction });
    });
    return new Machine(initial, {
      ...options,
      engine: wanted.has("instruction/retired") ? retired : engine,
      probed: (icount, probed) => {
        const action = actionOf(probed, machine);
        if (action !== undefined) told(icount, action);
      },
    });
  });
  machine.watch({
    traps: wanted.has("trap/taken"),
    devices: wanted.has("mmio/loaded") || wanted.has("mmio/stored") ? [EVERYWHERE] : [],
  });
  return machine;
}

const EVERYWHERE = { address: 0, bytes: 2 ** 64 };

function actionOf(probed: Probed, machine: Machine): GuestAction | undefined {
  switch (probed.type) {
    case "device/loaded":
    case "device/stored": {
      const { address, bytes: width, value } = probed;
      return { type: probed.type === "device/loaded" ? "mmio/loaded" : "mmio/stored", address, width, value };
    }
    case "trap/taken": {
      const { cause, trapValue } = probed;
      const { pc } = machine.whereabouts;
      const isInterrupt = (cause & INTERRUPT_BIT) !== 0n;
      return { type: "trap/taken", isInterrupt, cause: cause & ~INTERRUPT_BIT, trapValue, pc };
    }
    default:
      return undefined;
  }
}

const RECORDING = exactly<{ readonly recording: Recording }>({ recording: aRecording });
const TRACE_OPTIONS = exactly<TraceOptions>({
  of: list(oneOf(...GUEST_ACTION_TYPES)),
  from: maybe(anything),
  until: maybe(anything),
});
