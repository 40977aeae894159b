// Standard input is read no faster than there is room, and is left as it was found.
import { Readable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";

import { BehaviorSubject, of } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { stdioInput } from "../../../../src/streams/host/terminal/stdio-input.js";
import type { Stdio } from "../../../../src/streams/host/stdio.js";
import { testStdio } from "../../../cli/command-line.js";

const CHUNK_BYTES = 1 << 16;
const MANY_TURNS = 50;

const turns = async (): Promise<void> => {
  for (let count = 0; count < MANY_TURNS; count += 1) await turn();
};

const actions = () => {
  const heard: string[] = [];
  const hear = (what: string) => () => heard.push(what);
  return { heard, quit: hear("quit"), reset: hear("reset"), monitor: hear("monitor"), ended: hear("ended") };
};

/** Standard input of which it is known how much was asked for. */
const endless = (): { stdio: Stdio; pulled: () => number } => {
  let pulled = 0;
  const stdin = new Readable({
    highWaterMark: CHUNK_BYTES,
    read() {
      pulled += CHUNK_BYTES;
      this.push(Buffer.alloc(CHUNK_BYTES, "a"));
    },
  });
  return { stdio: { ...testStdio(), stdin }, pulled: () => pulled };
};

test("given input without end, when there is no room, then it is read no further, and goes on when there is some", async () => {
  const { stdio, pulled } = endless();
  const hasRoom$ = new BehaviorSubject(true);
  let read = 0;
  const reading = stdioInput(
    stdio,
    actions(),
  )(hasRoom$).subscribe((bytes) => {
    read += bytes.length;
    hasRoom$.next(false);
  });
  await turns();
  assert.is(read, CHUNK_BYTES);
  assert.ok(pulled() <= 4 * CHUNK_BYTES, String(pulled()));
  hasRoom$.next(true);
  await turns();
  assert.is(read, 2 * CHUNK_BYTES);
  reading.unsubscribe();
  hasRoom$.next(true);
  await turns();
  assert.is(read, 2 * CHUNK_BYTES, "unsubscribed");
});

test("given a guest that takes nothing from the start, then nothing is read at all", async () => {
  const { stdio } = endless();
  let read = 0;
  stdioInput(stdio, actions())(of(false)).subscribe((bytes) => (read += bytes.length));
  await turns();
  assert.is(read, 0);
});

test("given run after run in one process, then standard input has no more listeners than after the first", () => {
  const stdio = testStdio();
  const count = (): number => stdio.stdin.eventNames().reduce((sum, name) => sum + stdio.stdin.listenerCount(name), 0);
  const once = (): number => {
    stdioInput(stdio, actions())(of(true)).subscribe().unsubscribe();
    return count();
  };
  const first = once();
  for (let runs = 0; runs < 20; runs += 1) assert.is(once(), first);
});

test("given standard input that fails after the run, then nobody is hurt", async () => {
  const stdio = testStdio();
  stdioInput(stdio, actions())(of(true)).subscribe().unsubscribe();
  stdio.stdin.destroy(new Error("EIO"));
  await turns();
});

test("given a pipe that ends, then that is said, once; given a terminal that is lost, then the machine is switched off", async () => {
  for (const [isTerminal, expected] of [
    [false, "ended"],
    [true, "quit"],
  ] as const) {
    const stdio = testStdio({ isTerminal });
    const heard = actions();
    stdioInput(stdio, heard)(of(true)).subscribe();
    stdio.stdin.end();
    await turns();
    assert.equal(heard.heard, [expected]);
  }
});

// A shell gives the terminal its own mode when it stops a job; a mode that Node believes to be set is not set again.
test("given a terminal, when the process goes on after a stop, then it is made raw anew, and as it was at the end", () => {
  const stdio = testStdio({ isTerminal: true });
  const reading = stdioInput(stdio, actions())(of(true)).subscribe();
  assert.equal(stdio.rawModes, [true]);
  stdio.continued();
  assert.equal(stdio.rawModes, [true, false, true]);
  reading.unsubscribe();
  assert.equal(stdio.rawModes, [true, false, true, false]);
  stdio.continued();
  assert.is(stdio.rawModes.length, 4);
});

test.run();
