/** Random edits of random recordings: each branch replays bit for bit, whatever was done to it and however often. */
import { lastValueFrom } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { edits, fork, openRecording, type InputEdit, type Recording } from "../../../../src/index.js";
import { isInput } from "../../../../src/streams/past/branch/branch-input.js";
import { openMachine } from "../../../../src/streams/session/machine-options.js";
import { consoleBackend } from "../../../../src/streams/live/backends/console.js";
import { record } from "../../../../src/streams/live/recorder.js";
import { wired } from "../../../../src/streams/live/run.js";
import type { PlainPosition } from "../../../../src/reducers/position.js";
import { memorySink } from "../../../../src/streams/store/log/index.js";
import { golden, GOLDEN_NAMES, linesOf, recordingOf } from "../../../support/branches.js";
import { HARTS_ELF, HARTS_MEMORY, WITH_BUGS } from "../../../support/harts-guest.js";
import { freshSeed, oneOf, seededRandom } from "../../../support/seeded-random.js";

const seed = freshSeed();
console.log(`    branches: FOLDVM_SEED=${String(seed)}`);
const random = seededRandom(seed);

const BRANCHES = Number(process.env["FOLDVM_BRANCHES"] ?? 4);
/** A prompt that is never ended waits for ever. */
const SPARE_INSNS = 20_000;

async function chaosOfHarts(): Promise<Recording> {
  const append = oneOf(random, WITH_BUGS);
  const options = { memory: HARTS_MEMORY, smp: 2 + random(2), bios: "none", kernel: HARTS_ELF, append, seed: "harts" };
  const { machine, header } = openMachine(options);
  const sink = memorySink();
  const chaos = { seed: `random-${String(random(1_000_000))}` };
  const run$ = wired(machine, [consoleBackend({})], { sleep: false, chaos });
  await lastValueFrom(run$.pipe(record(machine, sink, header)), { defaultValue: undefined });
  return openRecording(sink.bytes());
}

/** Some edits that fit, one after the other. */
function randomEdits(recording: Recording, { seq: afterSeq, icount }: PlainPosition): readonly InputEdit[] {
  const inputs = [...recording.eventsFrom(afterSeq + 1)].filter(isInput);
  const { drop, delay, insert } = edits(recording);
  const numbers = new Set(
    Array.from({ length: Math.min(1 + random(3), inputs.length) }, () => oneOf(random, inputs).seq),
  );
  const { instructions } = recording.info;
  return [...numbers].map((seq) => {
    const insns = random(2 ** (1 + random(16))) * (random(2) === 0 ? 1 : -1);
    switch (random(4)) {
      case 0:
        return drop(seq);
      case 1:
        return delay(seq, { insns });
      case 2:
        return delay(seq, { ns: BigInt(insns) });
      default:
        return insert(icount + random(instructions - icount + 1), { type: "schedule/turnEnded" });
    }
  });
}

async function checkBranch(parent: Recording, depth: number): Promise<void> {
  const { start, lastSeq } = parent.log;
  const at =
    random(3) === 0
      ? { seq: start.seq + random(lastSeq - start.seq + 1) }
      : start.icount + random(parent.info.instructions - start.icount + 1);
  const { position } = parent.at(at);
  const insns = parent.info.instructions + SPARE_INSNS;
  const options = {
    at,
    edit: randomEdits(parent, position),
    insns,
    ...(random(4) === 0 ? { chaos: { seed: String(random(99)) } } : {}),
  };
  const branch = fork(parent, options);
  const own = recordingOf(branch, parent);
  // A replay checks each event, and the hash at the end.
  own.at();
  const again = recordingOf(fork(parent, options), parent);
  assert.equal(linesOf(again), linesOf(own));
  assert.is(again.info.stateHash, own.info.stateHash);
  const { state } = branch.run();
  assert.is(own.at().history, state.history);
  if (depth > 0) await checkBranch(own, depth - 1);
}

for (const name of GOLDEN_NAMES) {
  test(`given ${name} / when it is edited at random / then its branches, and theirs, replay`, async () => {
    const parent = golden(name);
    for (let round = 0; round < BRANCHES / 2; round += 1) await checkBranch(parent, 1);
  });
}

test("given several harts under chaos / when they are edited at random / then their branches, and theirs, replay", async () => {
  for (let round = 0; round < BRANCHES; round += 1) await checkBranch(await chaosOfHarts(), 1);
});

test("given harts under chaos / when all is sequenced anew from any place / then it is the parent again", async () => {
  for (let round = 0; round < BRANCHES; round += 1) {
    const parent = await chaosOfHarts();
    const at = random(parent.info.instructions);
    // An input behind the end, which never comes: but from the place on, nothing is followed.
    const edit = edits(parent).insert(at, { type: "schedule/turnProlonged", byInsns: 0 });
    const anew = [...recordingOf(fork(parent, { edit }), parent).eventsFrom()];
    const lines = anew
      .filter((event) => event.type !== "schedule/turnProlonged" || event.byInsns > 0)
      .map(({ icount, type }) => `${String(icount)} ${type}`);
    assert.equal(
      lines,
      [...parent.eventsFrom()].map(({ icount, type }) => `${String(icount)} ${type}`),
    );
  }
});

test.run();
