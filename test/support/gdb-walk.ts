/**
 * Random commands of a real gdb on a recording. Where each is to stand, queries of the recording say, and what its
 * registers are, a replay to there: neither knows of a debugger.
 */
import * as assert from "uvu/assert";

import { retiredBy } from "../../src/reducers/schedule.js";
import { visits, writes } from "../../src/streams/past/query/index.js";
import type { Recording } from "../../src/streams/past/recording.js";
import { trace$ } from "../../src/streams/past/trace.js";
import { ReplayTarget } from "../../src/streams/session/target/replay-target.js";
import { hostTime, type HostTime } from "../../src/streams/time/host-time.js";
import { gdbOn, type GdbOptions, type Seen } from "./gdb-client.js";
import { oneOf, type Random } from "./seeded-random.js";

export interface Walk extends GdbOptions {
  readonly recording: Recording;
  readonly folder: string;
  readonly random: Random;
  readonly commands: number;
  /** As gdb writes it, and as a query does. */
  readonly watched: { readonly gdb: string; readonly of: string };
  /** Places are gone to in there. Default: anywhere. */
  readonly from?: number;
}

const WINDOW_INSNS = 3000;
const MOST_STEPS = 40;

export const targetOf = (recording: Recording, time: HostTime = hostTime): ReplayTarget =>
  new ReplayTarget(recording, { heard: () => undefined, failed: () => undefined, quit: () => undefined, time });

/** What gdb shows is what a replay to there has. */
export function requireReplayed(recording: Recording, { command, text, position, hart, pc, registers }: Seen): void {
  const state = recording.at(position).harts[hart];
  const where = `${command}: ${JSON.stringify(position)}, hart ${String(hart)}: ${text}`;
  assert.is(pc, state?.fields.pc, where);
  assert.equal(registers, state?.x.slice(1), where);
}

export async function walk(options: Walk): Promise<readonly Seen[]> {
  const { recording, folder, random } = options;
  const asked = await askedOf(options, random);
  const lines = asked.map(({ command }) => command);
  const [connected, ...seen] = await gdbOn(targetOf(recording), folder, lines, options);
  assert.is(connected?.position.icount, recording.log.start.icount, connected?.text);
  let before = connected;
  for (const [index, { command, expected }] of asked.entries()) {
    const one = seen[index];
    assert.is(one?.command, command);
    if (one === undefined || before === undefined) break;
    expected(before, one, `${String(index)}: ${command} from ${JSON.stringify(before.position)}: ${one.text}`);
    if (!isUnseen(command)) requireReplayed(recording, one);
    before = one;
  }
  return seen;
}

/** gdb looks only after the next one. */
const isUnseen = (command: string): boolean => command.startsWith("monitor");

interface Asked {
  readonly command: string;
  /** @throws where a command does not go from there to there */
  readonly expected: (before: Seen, after: Seen, words: string) => void;
}

/** Arrivals at a pc stand before the instruction. A store stands behind it, or on the way back before it. */
interface Stops {
  readonly breaks: readonly number[];
  readonly stores: readonly number[];
}

/** Those of a window somewhere in it, by the reference evaluator. */
async function pcsOf({ recording, from = 0 }: Walk, random: Random): Promise<readonly bigint[]> {
  const start = from + random(recording.info.instructions - from - WINDOW_INSNS);
  const pcs: bigint[] = [];
  const traced$ = trace$(recording, { of: ["instruction/retired"], from: start, until: start + WINDOW_INSNS });
  await traced$.forEach((action) => {
    if (action.type === "instruction/retired") pcs.push(action.pc);
  });
  return pcs;
}

/** Random ones, and what each is to do. */
async function askedOf(options: Walk, random: Random): Promise<Asked[]> {
  const { recording, commands, watched, from = 0 } = options;
  const pcs = await pcsOf(options, random);
  const end = recording.info.instructions;
  const asked: Asked[] = [];
  const changing = writes(recording, { of: watched.of })
    .toArray()
    .filter(({ before, value }) => before !== value)
    .map(({ icount }) => icount);
  let stops: Stops = { breaks: [], stores: [] };
  while (asked.length < commands) {
    const { breaks, stores } = stops;
    const next = (before: number): number =>
      Math.min(
        breaks.find((icount) => icount > before) ?? end,
        (stores.find((icount) => icount >= before) ?? end) + 1,
        end,
      );
    const last = (before: number): number =>
      Math.max(breaks.findLast((icount) => icount < before) ?? 0, stores.findLast((icount) => icount < before) ?? 0);
    const insns = 1 + random(MOST_STEPS);
    const moved = motionsOf(recording, { next, last, insns });
    switch (asked.length === 0 ? 0 : random(11)) {
      case 0: {
        const pc = oneOf(random, pcs);
        const arrivals = visits(recording, { of: `0x${pc.toString(16)}` })
          .toArray()
          .filter((visit) => visit.pc === pc)
          .map(({ icount }) => icount);
        stops = { breaks: [...breaks, ...arrivals].sort((a, b) => a - b), stores };
        asked.push({ command: `break *${String(pc)}`, expected: stays });
        break;
      }
      case 1:
        stops = { breaks, stores: changing };
        asked.push({ command: `watch ${watched.gdb}`, expected: stays });
        break;
      case 2:
        stops = { breaks: [], stores: [] };
        asked.push({ command: "delete", expected: stays });
        break;
      case 3: {
        // gdb remembers what was at a watched place, and does not hear of going elsewhere.
        if (stores.length > 0) break;
        const icount = from + random(end - from);
        asked.push(
          { command: `monitor goto ${String(icount)}`, expected: () => undefined },
          { command: "maintenance flush register-cache", expected: standsAt(() => icount) },
          { command: "stepi 1", expected: stepFrom(recording, icount, { next, last }, breaks) },
        );
        break;
      }
      case 4:
      case 5:
        asked.push({ command: "continue", expected: moved.forward });
        break;
      case 6:
      case 7:
        asked.push({ command: "reverse-continue", expected: moved.back });
        break;
      case 8:
      case 9:
        asked.push({ command: `stepi ${String(insns)}`, expected: moved.steps });
        break;
      default:
        asked.push({ command: `reverse-stepi ${String(insns)}`, expected: moved.stepsBack });
    }
  }
  return asked;
}

const standsAt =
  (expected: (before: number) => number): Asked["expected"] =>
  (before, after, words) => {
    assert.is(after.position.icount, expected(before.position.icount), words);
  };

const stays = standsAt((before) => before);

interface Ways {
  readonly next: (icount: number) => number;
  readonly last: (icount: number) => number;
}

interface Motion extends Ways {
  readonly insns: number;
}

/**
 * The step after going elsewhere. gdb leaves a breakpoint behind only where it knows that it stopped: at one that it
 * was brought to it stays, and knows of it from then on.
 */
function stepFrom(recording: Recording, icount: number, ways: Ways, breaks: readonly number[]): Asked["expected"] {
  if (recording.config.harts === 1 && breaks.includes(icount)) return stays;
  return motionsOf(recording, { ...ways, insns: 1 }).steps;
}

/**
 * With several harts, gdb lets one step while it takes its breakpoints away, and the others go on meanwhile, past what
 * it would have seen: then only the direction is told, and the steps of the hart.
 */
function motionsOf(
  recording: Recording,
  { next, last, insns }: Motion,
): Readonly<Record<"forward" | "back" | "steps" | "stepsBack", Asked["expected"]>> {
  if (recording.config.harts === 1) {
    return {
      forward: standsAt(next),
      back: standsAt(last),
      steps: standsAt((before) => Math.min(before + insns, next(before))),
      stepsBack: standsAt((before) => Math.max(before - insns, last(before))),
    };
  }
  const retired = ({ position, hart }: Seen, of = hart): number => {
    const { schedule } = recording.at(position);
    return retiredBy(schedule, position.icount)[of] ?? 0;
  };
  return {
    forward: ({ position: { icount } }, after, words) => {
      assert.ok(after.position.icount >= Math.min(icount, next(icount)), words);
    },
    back: ({ position: { icount } }, after, words) => {
      assert.is(after.position.icount, last(icount), words);
    },
    steps: (before, after, words) => {
      if (after.hart === before.hart) assert.ok(retired(after) <= retired(before) + insns, words);
      assert.ok(after.position.icount >= before.position.icount, words);
    },
    stepsBack: (before, after, words) => {
      if (after.hart === before.hart) assert.ok(retired(after) >= retired(before) - insns, words);
      assert.ok(after.position.icount <= before.position.icount, words);
    },
  };
}
