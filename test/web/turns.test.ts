// Turns of the page's worker. Seen red: work in the background that went on before an answer was on its way.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { Cancelled } from "../../web/worker/cancelled.js";
import { Turns } from "../../web/worker/turns.js";
import { withBriefTurns } from "../support/brief-turns.js";

/** Work that never ends, a step a turn. */
class Endless {
  steps = 0;
  private readonly ending = new AbortController();
  private readonly over: Promise<unknown>;

  constructor(turns: Turns) {
    this.over = turns.run(this.work(), { signal: this.ending.signal }).catch((fault: unknown) => fault);
  }

  async gone(steps: number): Promise<void> {
    while (this.steps < steps) await new Promise((resolve) => setImmediate(resolve));
  }

  async ended(): Promise<void> {
    this.ending.abort();
    assert.instance(await this.over, Cancelled);
  }

  private *work(): Generator<undefined, never> {
    for (;;) {
      this.steps += 1;
      yield undefined;
    }
  }
}

function* someSteps(): Generator<undefined, string> {
  for (let step = 0; step < 3; step += 1) yield undefined;
  return "answered";
}

test("given work in the background, when somebody waits for an answer, then the work stands still until that is on its way", () =>
  withBriefTurns(async () => {
    const turns = new Turns();
    const background = new Endless(turns);
    await background.gone(3);
    const answer = turns.run(someSteps(), { isUrgent: true });
    const { steps } = background;
    assert.is(await answer, "answered");
    // Whoever hands it on has some promises to resolve.
    for (let hop = 0; hop < 20; hop += 1) await Promise.resolve();
    assert.is(background.steps, steps);
    await background.gone(steps + 3);
    await background.ended();
  }));

test("given an answer that is waited for while another is made, then the work stands still until both are", () =>
  withBriefTurns(async () => {
    const turns = new Turns();
    const background = new Endless(turns);
    await background.gone(1);
    let answered!: () => void;
    const other = turns.alone(() => new Promise<void>((resolve) => (answered = resolve)));
    const { steps } = background;
    await turns.run(someSteps(), { isUrgent: true });
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    assert.is(background.steps, steps);
    answered();
    await other;
    await background.gone(steps + 1);
    await background.ended();
  }));

test.run();
