/**
 * What a run did and cost, for people and programs: read off the machine's counters, and no part of any state or
 * recording.
 */
import { check } from "../../options/check.js";
import { exactly } from "../../options/codecs.js";
import { aMachine } from "../../options/parts.js";
import type { EngineStatistics } from "../../machine/engine/engine-statistics.js";
import { INTERRUPT, TRAP_CAUSE } from "../../machine/hart/trap-causes.js";
import { TURN_ENDS, type TurnEnds } from "../../machine/harts.js";
import type { Machine } from "../../machine/machine.js";
import { MEMORY_MAP } from "../../machine/memory-map.js";
import { retiredBy } from "../../reducers/schedule.js";
import type { GivenEvent } from "../../reducers/stream-event.js";

type Counts = Readonly<Record<string, number>>;

export interface RunStatistics {
  readonly instructions: number;
  /** Of the host's clock, and of its processors in all threads of this process. */
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly mips: number;
  /** Which tier retired how many instructions. */
  readonly tiers: { readonly interpreter: number; readonly compiled: number };
  readonly compiled: EngineStatistics["compiled"] & {
    /** How often one was called, and why it was left: see docs/cli.md. */
    readonly runs: number;
    readonly exits: Counts;
  };
  /** Building the interpreter. */
  readonly interpreterMs: number;
  readonly decoded: number;
  readonly tlb: {
    /** Misses that found a page which later accesses then find at once, by kind. */
    readonly read: number;
    readonly write: number;
    readonly fetch: number;
    /** Loads and stores that missed, whatever they found: a device, a page's end, a watched page, or the above. */
    readonly slowLoads: number;
    readonly slowStores: number;
    readonly loneFetches: number;
    /** Times that all translations were forgotten. */
    readonly flushes: number;
  };
  readonly exceptions: Counts;
  readonly interrupts: Counts;
  readonly bus: Readonly<Record<string, { readonly loads: number; readonly stores: number }>>;
  /** By hart. */
  readonly harts: readonly HartStatistics[];
  /** The guest's time that no hart did anything in: the clock was warped over it. */
  readonly idleMs: number;
  readonly events: Counts;
  readonly statesTaken: number;
  readonly hashesTaken: number;
}

export interface HartStatistics {
  readonly instructions: number;
  /** How often another hart came next, or it anew, and why. */
  readonly turns: TurnEnds;
}

export interface RunMeter {
  readonly count: (event: GivenEvent) => void;
  readonly read: () => RunStatistics;
}

const MEASURED = exactly<{ readonly machine: Machine }>({ machine: aMachine });

/** Begins to measure a machine that is about to run. */
export function runMeter(machine: Machine): RunMeter {
  check("runMeter", MEASURED, { machine });
  const from = machine.position.icount;
  const startMs = performance.now();
  const startCpu = process.cpuUsage();
  const retired = retiredNow(machine);
  const turnsFrom = machine.statistics().turnEnds;
  const events: Record<string, number> = {};
  let idleNs = 0n;
  return {
    count: (counted) => {
      const event = "event" in counted ? counted.event : counted;
      events[event.type] = (events[event.type] ?? 0) + 1;
      if (event.type === "clock/warped") idleNs += event.byNs;
    },
    read: () => {
      const wallMs = performance.now() - startMs;
      const { user, system } = process.cpuUsage(startCpu);
      const instructions = machine.position.icount - from;
      const { engine, loads, stores, turnEnds, statesTaken, hashesTaken } = machine.statistics();
      if (engine === undefined) throw new Error("this engine counts nothing");
      return {
        instructions,
        wallMs,
        cpuMs: (user + system) / 1000,
        mips: instructions / Math.max(wallMs, 0.01) / 1000,
        tiers: { interpreter: instructions - engine.regionInsns, compiled: engine.regionInsns },
        compiled: { ...engine.compiled, runs: engine.regionRuns, exits: exitsOf(engine) },
        interpreterMs: engine.interpreterMs,
        decoded: engine.decoded,
        tlb: {
          read: engine.readFills,
          write: engine.writeFills,
          fetch: engine.fetchFills,
          slowLoads: engine.slowLoads,
          slowStores: engine.slowStores,
          loneFetches: engine.loneFetches,
          flushes: engine.translationFlushes,
        },
        exceptions: named(engine.exceptions, EXCEPTION_NAMES),
        interrupts: named(engine.interrupts, INTERRUPT_NAMES),
        bus: busAccesses(loads, stores),
        harts: retiredNow(machine).map((count, hart) => ({
          instructions: count - (retired[hart] ?? 0),
          turns: since(turnEnds[hart], turnsFrom[hart]),
        })),
        idleMs: Number(idleNs / 1000n) / 1000,
        events,
        statesTaken,
        hashesTaken,
      };
    },
  };
}

const retiredNow = ({ present, position }: Machine): readonly number[] => retiredBy(present.schedule, position.icount);

const since = (now: TurnEnds | undefined, before: TurnEnds | undefined): TurnEnds => {
  const turns = { quantum: 0, wait: 0, pause: 0, interrupt: 0 };
  for (const end of TURN_ENDS) turns[end] = (now?.[end] ?? 0) - (before?.[end] ?? 0);
  return turns;
};

/** An exit is for code outside of the region, for the budget's end, or to have one instruction interpreted. */
function exitsOf({ regionRuns, regionBudgetExits, handedOver }: EngineStatistics): Counts {
  const handed = Object.values(handedOver).reduce((sum, count) => sum + count, 0);
  return { code: regionRuns - regionBudgetExits - handed, budget: regionBudgetExits, ...handedOver };
}

const names = (causes: Readonly<Record<string, bigint>>): ReadonlyMap<number, string> =>
  new Map(Object.entries(causes).map(([name, cause]) => [Number(cause), name]));

const EXCEPTION_NAMES = names({ ...TRAP_CAUSE, instructionAddressMisaligned: 0n, ecallFromS: 9n, ecallFromM: 11n });
const INTERRUPT_NAMES = names(INTERRUPT);

const named = (counts: Readonly<Record<number, number>>, causes: ReadonlyMap<number, string>): Counts =>
  Object.fromEntries(Object.entries(counts).map(([cause, count]) => [causes.get(Number(cause)) ?? cause, count]));

const DEVICE_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(MEMORY_MAP).flatMap(([name, region]): [number, string][] =>
    "base" in region ? [[region.base, name]] : region.map(({ base }, slot) => [base, `${name}${String(slot)}`]),
  ),
);

const busAccesses = (
  loads: ReadonlyMap<number, number>,
  stores: ReadonlyMap<number, number>,
): Readonly<Record<string, { readonly loads: number; readonly stores: number }>> =>
  Object.fromEntries(
    [...DEVICE_NAMES].flatMap(([base, name]) => {
      const access = { loads: loads.get(base) ?? 0, stores: stores.get(base) ?? 0 };
      return access.loads + access.stores === 0 ? [] : [[name, access]];
    }),
  );
