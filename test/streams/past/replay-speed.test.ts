/** An estimate is made of what replays did, and of nothing that their readers did. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { ReplaySpeed, TYPICAL_INSNS_A_SECOND } from "../../../src/streams/past/replay-speed.js";

class Replay {
  readonly position = { icount: 0 };
  nowMs = 0;
  readonly speed = new ReplaySpeed({ monotonicMs: () => this.nowMs });

  *steps(insnsEach: readonly number[], msEach: number): Generator<string> {
    for (const insns of insnsEach) {
      this.position.icount += insns;
      this.nowMs += msEach;
      yield `at ${String(this.position.icount)}`;
    }
  }
}

test("given nothing that was replayed, or little, then the speed is a typical one", () => {
  const replay = new Replay();
  assert.is(replay.speed.insnsASecond, TYPICAL_INSNS_A_SECOND);
  assert.equal([...replay.speed.measured(replay, replay.steps([1_999_999], 10))], ["at 1999999"]);
  assert.is(replay.speed.insnsASecond, TYPICAL_INSNS_A_SECOND);
});

test("given replays whose reader takes its time, or leaves, then the speed is that of what they ran", () => {
  const replay = new Replay();
  for (const _ of replay.speed.measured(replay, replay.steps([2_000_000, 4_000_000], 30))) replay.nowMs += 500;
  assert.is(replay.speed.insnsASecond, 100_000_000);
  for (const _ of replay.speed.measured(replay, replay.steps([2_000_000, 9_000_000], 100))) break;
  assert.is(replay.speed.insnsASecond, 50_000_000);
});

test.run();
