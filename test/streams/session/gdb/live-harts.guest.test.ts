/**
 * A real gdb at a machine of several harts that is recorded: it stands where brute force on the recording says, and the
 * recording is the one that is made without gdb.
 */
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { visits, writes } from "../../../../src/streams/past/query/index.js";
import type { Recording } from "../../../../src/streams/past/recording.js";
import { trace$ } from "../../../../src/streams/past/trace.js";
import { foldvm } from "../../../cli/command-line.js";
import type { Seen } from "../../../support/gdb-client.js";
import { HARTS_ELF, HARTS_MEMORY } from "../../../support/harts-guest.js";
import { recordedUnderGdb } from "../../../support/live-gdb.js";
import { requires } from "../../../support/requires.js";
import { freshSeed, oneOf, seededRandom, type Random } from "../../../support/seeded-random.js";
import { withTemporaryFolder } from "../../../support/temporary-folder.js";

const COMMANDS = Number(process.env["FOLDVM_QUERIES"] ?? 40);
const DRAM = 0x8000_0000n;

const lineOf = (program: string, harts: number): string[] => [
  ...["--bios", "none", "--kernel", HARTS_ELF, "--memory", HARTS_MEMORY],
  ...["--append", program, "--smp", String(harts), "--seed", "harts"],
];

interface Stand {
  readonly icount: number;
  /** Which gdb has chosen. */
  readonly hart: number;
}

interface Told {
  readonly icount: number;
  readonly hart: number;
}

/** Knows by its own count where gdb stands. Its end is where no hart has more to retire. */
class Oracle {
  private breaks = new Map<bigint, readonly Told[]>();
  private stores: readonly Told[] = [];

  constructor(
    private readonly recording: Recording,
    /** By icount. */
    private readonly retired: readonly number[],
  ) {}

  addBreak(pc: bigint): void {
    this.breaks.set(pc, visits(this.recording, { of: pc }).toArray());
  }

  addWatch(place: string): void {
    const changing = writes(this.recording, { of: place })
      .toArray()
      .filter(({ before, value }) => before !== value)
      .map(({ icount, hart }) => ({ icount, hart }));
    this.stores = [...this.stores, ...changing].sort((a, b) => a.icount - b.icount);
  }

  clear(): void {
    this.breaks = new Map();
    this.stores = [];
  }

  /** Undefined: the machine went off. */
  continue(from: Stand): Stand | undefined {
    const at = this.pcOf(from);
    if (!this.breaks.has(at)) return this.stop(from.icount, Infinity);
    const stepped = this.step(from);
    return stepped === undefined || stepped.isHit ? stepped : this.stop(stepped.icount, Infinity);
  }

  stepi(from: Stand, count: number): Stand | undefined {
    let stand: Stand = from;
    for (let step = 0; step < count; step += 1) {
      const next = this.step(stand);
      // A step that ends at a breakpoint is a hit for gdb.
      if (next === undefined || next.isHit || this.breaks.has(this.pcOf(next))) return next;
      stand = next;
    }
    return stand;
  }

  /** gdb takes the breakpoint away that the hart stands at. */
  private step(from: Stand): (Stand & { readonly isHit: boolean }) | undefined {
    const last = this.retired.findIndex((hart, icount) => icount >= from.icount && hart === from.hart);
    const hit = this.stop(from.icount, last < 0 ? Infinity : last, this.pcOf(from));
    if (hit !== undefined) return { ...hit, isHit: true };
    return last < 0 ? undefined : { icount: last + 1, hart: from.hart, isHit: false };
  }

  /** The first hit of the instructions from one to another. */
  private stop(first: number, last: number, without?: bigint): Stand | undefined {
    const isWithin = ({ icount }: Told): boolean => icount >= first && icount <= last;
    const reached = [...this.breaks]
      .filter(([pc]) => pc !== without)
      .flatMap(([, told]) => told.find(isWithin) ?? [])
      .map(({ icount, hart }) => ({ icount, hart }))
      .sort((a, b) => a.icount - b.icount)[0];
    const stored = this.stores.find(isWithin);
    if (stored === undefined || (reached !== undefined && reached.icount <= stored.icount)) return reached;
    return { icount: stored.icount + 1, hart: stored.hart };
  }

  private pcOf({ icount, hart }: Stand): bigint {
    return this.recording.at(icount).harts[hart]?.fields.pc ?? 0n;
  }
}

interface Asked {
  readonly command: string;
  /** Where it stands then; undefined: the machine is off. */
  readonly stand: Stand | undefined;
}

interface Traced {
  readonly harts: readonly number[];
  readonly pcs: readonly bigint[];
}

async function traced(recording: Recording): Promise<Traced> {
  const harts: number[] = [];
  const pcs: bigint[] = [];
  await trace$(recording, { of: ["instruction/retired"] }).forEach((action) => {
    if (action.type !== "instruction/retired") return;
    harts.push(action.hart);
    pcs.push(action.pc);
  });
  return { harts, pcs };
}

/** Memory that the guest changes, each once. */
const changedPlaces = (recording: Recording): readonly string[] => [
  ...new Set(
    writes(recording, { of: `0x${DRAM.toString(16)}:${String(1 << 20)}` })
      .toArray()
      .filter(({ before, value, bytes }) => before !== value && bytes === 4)
      .map(({ address }) => `0x${address.toString(16)}`),
  ),
];

/** A breakpoint or watchpoint lies mostly where it will be hit soon. */
function askedOf(oracle: Oracle, { pcs }: Traced, places: readonly string[], random: Random): Asked[] {
  let stand: Stand = { icount: 0, hart: 0 };
  const one = (): Asked => {
    switch (random(8)) {
      case 0:
        oracle.clear();
        return { command: "delete", stand };
      case 1:
      case 2: {
        const place = oneOf(random, places);
        oracle.addWatch(`${place}:4`);
        return { command: `watch *(int*)${place}`, stand };
      }
      case 3:
      case 4: {
        const count = 1 + random(30);
        return { command: `stepi ${String(count)}`, stand: oracle.stepi(stand, count) };
      }
      default: {
        const gone = oracle.continue(stand);
        if (gone !== undefined) return { command: "continue", stand: gone };
        const pc = pcs[Math.min(stand.icount + random(2000), pcs.length - 1)] ?? 0n;
        oracle.addBreak(pc);
        return { command: `break *${String(pc)}`, stand };
      }
    }
  };
  const asked: Asked[] = [];
  while (asked.length < COMMANDS) {
    const next = one();
    if (next.stand === undefined) break;
    asked.push(next);
    stand = next.stand;
  }
  return [...asked, { command: "delete", stand }, { command: "continue", stand: undefined }];
}

function requireAsReplayed(recording: Recording, { position, hart, pc, registers }: Seen, where: string): void {
  const at = recording.at(position).harts[hart];
  // A breakpoint at a trap's handler stands between two positions.
  if (pc !== at?.fields.pc)
    assert.ok(
      visits(recording, { of: pc })
        .toArray()
        .some(({ icount }) => icount === position.icount),
      where,
    );
  else assert.equal(registers, at.x.slice(1), where);
}

async function compare([program, harts]: readonly [string, number], seed: number): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const [plain, stopped] = [join(folder, "plain.fold"), join(folder, "stopped.fold")];
    await foldvm(["record", "-o", plain, ...lineOf(program, harts), "--quiet"]);
    const recording = openRecording(plain);
    const random = seededRandom(seed);
    const trace = await traced(recording);
    const oracle = new Oracle(recording, trace.harts);
    const asked = askedOf(oracle, trace, changedPlaces(recording), random);
    const commands = [...asked.map(({ command }) => command), "print $_exitcode"];
    const { seen, answer } = await recordedUnderGdb([stopped, folder], lineOf(program, harts), commands, {
      program: HARTS_ELF,
    });
    for (const [index, { stand }] of asked.entries()) {
      const one = seen[index + 1];
      if (one === undefined) throw new Error(`gdb did not come to command ${String(index)}`);
      const where = `FOLDVM_SEED=${String(seed)}, ${program}, ${String(harts)} harts, ${String(index)}: ${one.command}: ${one.text}`;
      assert.equal([one.position.icount, one.hart], [stand?.icount ?? -1, stand?.hart ?? -1], where);
      if (stand === undefined) break;
      requireAsReplayed(recording, one, where);
    }
    assert.match(seen.at(-1)?.text ?? "", /= 0$/m, "the guest's exit code");
    assert.is(answer.code, 0);
    const made = openRecording(stopped);
    assert.equal([...made.eventsFrom()], [...recording.eventsFrom()]);
    assert.equal(made.info.stateHash, recording.info.stateHash);
    assert.is((await foldvm(["verify", stopped])).code, 0);
  });
}

if (requires("gdb at several harts", ["gdb-multiarch"])) {
  const seed = freshSeed();

  for (const [program, harts] of [
    ["lock-amo", 1],
    ["messages", 2],
    ["lock-lrsc", 4],
  ] as const) {
    test(`given ${program} on ${String(harts)} harts and random commands of gdb (FOLDVM_SEED=${String(seed)}), when each stands, then it is where brute force says, and no recording shows it`, () =>
      compare([program, harts], seed));
  }
}

test.run();
