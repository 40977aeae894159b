/** A real gdb on a recording, forward and back: it stands where brute force says, with the registers of a replay. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { ReplayTarget } from "../../../../src/streams/session/monitor/replay-target.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { visits, writes } from "../../../../src/streams/past/query/index.js";
import type { Recording } from "../../../../src/streams/past/recording.js";
import { trace$ } from "../../../../src/streams/past/trace.js";
import { DEMO_ELF } from "../../../support/demo-guest.js";
import { gdbOn, type Seen } from "../../../support/gdb-client.js";
import { requires } from "../../../support/requires.js";
import { freshSeed, oneOf, seededRandom } from "../../../support/seeded-random.js";
import { withTemporaryFolder } from "../../../support/temporary-folder.js";

const COMMANDS = Number(process.env["FOLDVM_QUERIES"] ?? 60);
const WINDOW_INSNS = 3000;
const LOG = "logs/race-fails.fold";

const targetOf = (recording: Recording): ReplayTarget =>
  new ReplayTarget(recording, { heard: () => undefined, failed: () => undefined, quit: () => undefined });

/** Those of a window somewhere in it, by the reference evaluator. */
async function pcsOf(recording: Recording, random: (below: number) => number): Promise<readonly bigint[]> {
  const from = random(recording.info.instructions - WINDOW_INSNS);
  const pcs: bigint[] = [];
  const traced$ = trace$(recording, { of: ["instruction/retired"], from, until: from + WINDOW_INSNS });
  await traced$.forEach((action) => {
    if (action.type === "instruction/retired") pcs.push(action.pc);
  });
  return pcs;
}

function requireReplayed(recording: Recording, { command, position, pc, registers }: Seen): void {
  const { harts } = recording.at(position);
  const where = `${command}: ${JSON.stringify(position)}`;
  assert.is(pc, harts[0]?.fields.pc, where);
  assert.equal(registers, harts[0]?.x.slice(1), where);
}

/** Where it stands after a command, by where it stood. */
type Oracle = (before: number) => number;

interface Asked {
  readonly command: string;
  readonly expected: Oracle;
}

/** Arrivals at a pc stand before the instruction. A store stands behind it, or on the way back before it. */
class Stops {
  readonly breaks: readonly number[];

  constructor(
    private readonly end: number,
    breaks: readonly number[],
    private readonly stores: readonly number[],
  ) {
    this.breaks = breaks;
  }

  next(before: number): number {
    const reached = this.breaks.find((icount) => icount > before) ?? this.end;
    const stored = this.stores.find((icount) => icount >= before) ?? this.end;
    return Math.min(reached, stored + 1, this.end);
  }

  last(before: number): number {
    const reached = this.breaks.findLast((icount) => icount < before) ?? 0;
    const stored = this.stores.findLast((icount) => icount < before) ?? 0;
    return Math.max(reached, stored);
  }
}

/** Random ones, and what each is to do. */
function askedOf(recording: Recording, pcs: readonly bigint[], random: (below: number) => number): Asked[] {
  const end = recording.info.instructions;
  const changing = writes(recording, { of: "link.count" })
    .toArray()
    .filter(({ before, value }) => before !== value)
    .map(({ icount }) => icount);
  let breaks: readonly number[] = [];
  let stores: readonly number[] = [];
  const stays: Oracle = (before) => before;
  return Array.from({ length: COMMANDS }, (_, index): Asked => {
    const stops = new Stops(end, breaks, stores);
    const insns = 1 + random(40);
    switch (index === 0 ? 0 : random(9)) {
      case 0: {
        const pc = oneOf(random, pcs);
        const arrivals = visits(recording, { of: pc }).toArray();
        breaks = [...breaks, ...arrivals.map(({ icount }) => icount)].sort((a, b) => a - b);
        return { command: `break *${String(pc)}`, expected: stays };
      }
      case 1:
        stores = changing;
        return { command: "watch link.count", expected: stays };
      case 2:
        [breaks, stores] = [[], []];
        return { command: "delete", expected: stays };
      case 3:
      case 4:
        return { command: "continue", expected: (before) => stops.next(before) };
      case 5:
      case 6:
        return { command: "reverse-continue", expected: (before) => stops.last(before) };
      case 7:
        return {
          command: `stepi ${String(insns)}`,
          expected: (before) => Math.min(before + insns, stops.next(before)),
        };
      default:
        return {
          command: `reverse-stepi ${String(insns)}`,
          expected: (before) => Math.max(before - insns, stops.last(before)),
        };
    }
  });
}

if (requires("gdb goes forward and back", ["gdb-multiarch"])) {
  const seed = freshSeed();

  test(`given random commands of gdb (FOLDVM_SEED=${String(seed)}), when each stands, then it is where brute force says`, () =>
    withTemporaryFolder(async (folder) => {
      const recording = openRecording(LOG);
      const random = seededRandom(seed);
      const asked = askedOf(recording, await pcsOf(recording, random), random);
      const [connected, ...seen] = await gdbOn(
        targetOf(recording),
        folder,
        asked.map(({ command }) => command),
        { program: DEMO_ELF },
      );
      assert.is(connected?.position.icount, 0, connected?.text);
      let before = 0;
      for (const [index, { command, expected }] of asked.entries()) {
        const one = seen[index];
        assert.is(one?.command, command);
        if (one === undefined) return;
        const words = `${String(index)}: ${command} from ${String(before)}: ${one.text}`;
        assert.is(one.position.icount, expected(before), words);
        requireReplayed(recording, one);
        before = one.position.icount;
      }
      recording.close();
    }));
}

test.run();
