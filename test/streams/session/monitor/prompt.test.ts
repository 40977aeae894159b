// The prompt on a terminal: Ctrl-C stops what runs and leaves it, and an empty line steps again. On a pipe an empty
// line is nothing.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { ReplayTarget } from "../../../../src/streams/session/target/replay-target.js";
import { runPrompt } from "../../../../src/streams/session/monitor/prompt.js";
import { MAX_LINE_BYTES, ShortLines } from "../../../../src/streams/session/monitor/short-lines.js";
import { hostTime } from "../../../../src/streams/time/host-time.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { testStdio } from "../../../cli/command-line.js";
import { FakeHostTime } from "../../../support/fake-host-time.js";
import { DEMO_ELF } from "../../../support/demo-guest.js";

const CTRL_C = "\x03";

/** A line that was typed is taken in the host's next turns. */
const begun = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** A prompt on a recording, with what was answered since it was last asked. */
const promptOn = ({ isTerminal }: { readonly isTerminal: boolean }) => {
  const { stdin, stdout, printed } = testStdio({ isTerminal });
  // A look at this clock takes a second: the host has its turn after each step of the replay.
  const seconds = new FakeHostTime(1000);
  let quit: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (quit = resolve));
  const target = new ReplayTarget(openRecording("logs/race-fails.fold", { images: { kernel: DEMO_ELF } }), {
    heard: () => undefined,
    failed: (fault) => {
      throw fault;
    },
    quit,
    time: { ...hostTime, monotonicMs: () => seconds.monotonicMs() },
  });
  const done = runPrompt(target, stdin, stdout, ended);
  let seen = 0;
  /** Resolves once it was printed. */
  const until = async (text: string): Promise<void> => {
    for (let turn = 0; !printed().includes(text, seen); turn += 1) {
      assert.ok(turn < 100_000, `${text} never came after ${printed()}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    seen = printed().indexOf(text, seen) + text.length;
  };
  return { type: (text: string) => stdin.write(text), end: () => stdin.end(), until, target, done, printed };
};

test("given a run until what never comes, when Ctrl-C is typed, then it stops, and the prompt takes the next line", async () => {
  const { type, until, target, done } = promptOn({ isTerminal: true });
  type("run_until_true $pc == 1\n");
  await begun();
  type(CTRL_C);
  await until("paused: instruction ");
  type("info status\n");
  await until("VM status: paused");
  assert.ok(target.state().position.icount < target.lastIcount);
  type("q\n");
  assert.is(await done, 0);
});

test("given a machine that goes on beside the prompt, when Ctrl-C is typed, then it stops and says where", async () => {
  const { type, until, done } = promptOn({ isTerminal: true });
  type("cont\n");
  await begun();
  type(CTRL_C);
  await until("^C\npaused: instruction ");
  type("q\n");
  assert.is(await done, 0);
});

test("given a line that was begun, when Ctrl-C is typed, then it is dropped", async () => {
  const { type, until, done } = promptOn({ isTerminal: true });
  type(`frobnicate${CTRL_C}info status\n`);
  await until("VM status: paused");
  type("q\n");
  assert.is(await done, 0);
});

test("given a step on a terminal, when Enter is typed, then it steps again", async () => {
  const { type, until, done } = promptOn({ isTerminal: true });
  type("s 5\n");
  await until("reached: instruction 5,");
  type("\n");
  await until("reached: instruction 10,");
  type("q\n");
  await done;
});

test("given a step on a pipe, when an empty line comes, then nothing is done", async () => {
  const { type, end, target, done } = promptOn({ isTerminal: false });
  type("s 5\n\n\n");
  end();
  assert.is(await done, 0);
  assert.is(target.state().position.icount, 5);
});

test("given a line as long as may be, when it has a byte more, then it is refused, and the next one is taken", async () => {
  const { type, end, until, done } = promptOn({ isTerminal: false });
  const longest = `info status${" ".repeat(MAX_LINE_BYTES - 11)}`;
  type(`${longest}\n`);
  await until("VM status: paused");
  type(`${longest} \n`);
  await until(`error LINE_TOO_LONG: a line has at most ${String(MAX_LINE_BYTES)} bytes`);
  type("info status\n");
  await until("VM status: paused");
  end();
  assert.is(await done, 1);
});

test("given a line without end, when it comes in pieces, then no more of it is kept than a line may have", async () => {
  const lines = new ShortLines();
  let kept = 0;
  lines.on("data", (bytes: Buffer) => (kept += bytes.length));
  for (let piece = 0; piece < 100; piece += 1) lines.write("x".repeat(MAX_LINE_BYTES / 8));
  await begun();
  assert.is(kept, MAX_LINE_BYTES + 1);
  lines.end("\nx\n");
  await begun();
  assert.is(kept, MAX_LINE_BYTES + 4);
});

test.run();
