// What the host does to a recording run: its disk fills up, its terminal goes, its reader goes. Each ends with a message and a recording that replays.
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { withTemporaryFolder } from "../support/temporary-folder.js";
import { sleeping, spinning, ticking } from "../support/tiny-guests.js";
import { ended, foldvm, startFoldvm, testStdio } from "./command-line.js";

const SCRIPT = fileURLToPath(new URL("cli-process.ts", import.meta.url));
/** In units of 512 bytes: the header and the first segments fit, and no more. */
const LIMIT_BLOCKS = 16;

interface Facts {
  readonly complete: boolean;
  readonly cause: string | null;
  readonly events: number;
}

const factsOf = async (recording: string): Promise<Facts> =>
  JSON.parse((await foldvm(["info", recording, "--json"])).stdout) as Facts;

const guest = (folder: string, kernel: Uint8Array): string[] => {
  const path = join(folder, "kernel.bin");
  writeFileSync(path, kernel);
  return ["--bios", "none", "--kernel", path, "--memory", "2M", "--seed", "x"];
};

// Red if the recorder does not fail with its sink (`subscriber.error` in recorder.ts): the guest then runs on for ever.
test("given a disk that fills up while recording, then the run ends and says so, and what is on it replays", () =>
  withTemporaryFolder(async (folder) => {
    const recording = join(folder, "a.fold");
    const words = ["record", "-o", recording, ...guest(folder, spinning()), "--checkpoint", "100000"];
    const command = `trap '' XFSZ; ulimit -f ${String(LIMIT_BLOCKS)}; exec "$@"`;
    const shell = ["-c", command, "sh", process.execPath, "--import", "tsx", SCRIPT, ...words];
    const { code, stderr } = await ended(spawn("sh", shell, { stdio: ["pipe", "pipe", "pipe"] }));
    assert.is(code, 73, stderr);
    assert.match(stderr, /a\.fold: EFBIG.*what was recorded before is kept in it, make room and record again/);
    const facts = await factsOf(recording);
    assert.equal([facts.complete, facts.cause], [false, null]);
    assert.ok(facts.events > 100, String(facts.events));
    assert.is((await foldvm(["verify", recording])).code, 0);
  }));

test("given a terminal that goes away (SIGHUP) or a reader that does (EPIPE), then the recording is whole, with the cause", () =>
  withTemporaryFolder(async (folder) => {
    for (const [name, lose, code, cause, says] of [
      ["hup", "SIGHUP", 129, "host-signal", "ended by SIGHUP"],
      ["pipe", "stdout", 0, "host-error", "nobody reads the output"],
    ] as const) {
      const recording = join(folder, `${name}.fold`);
      const DEMO = ["--bios", "none", "--kernel", "guests/demo/demo.elf", "--memory", "4M", "--append", "uptime"];
      const child = startFoldvm(["record", "-o", recording, ...DEMO]);
      child.stdout.once("data", () => {
        if (lose === "SIGHUP") child.kill(lose);
        else child.stdout.destroy();
        // It is noticed when the guest prints again.
        child.stdin.write("uptime\nuptime\n");
      });
      const answer = await ended(child);
      assert.is(answer.code, code, answer.stderr);
      assert.match(answer.stderr, says);
      const facts = await factsOf(recording);
      assert.equal([facts.complete, facts.cause], [true, cause]);
      assert.is((await foldvm(["verify", recording])).code, 0);
    }
  }));

// Red if the end of standard input is not handed to the sequencer (`inputEnded$` in session.ts): the run never ends.
test("given a guest that sleeps without a timer, when its input ends, then the run ends and says why; with a timer it goes on", () =>
  withTemporaryFolder(async (folder) => {
    const recording = join(folder, "a.fold");
    const stdio = testStdio();
    stdio.stdin.end("x");
    const { code, stderr } = await foldvm(["record", "-o", recording, ...guest(folder, sleeping())], stdio);
    assert.is(code, 69);
    assert.match(stderr, "its input has ended, and it has no timer");
    assert.equal([(await factsOf(recording)).complete, (await factsOf(recording)).cause], [true, "stopped"]);
    assert.is((await foldvm(["verify", recording])).code, 0);
    const other = testStdio();
    other.stdin.end();
    const ticks = await foldvm(["run", ...guest(folder, ticking(1000)), "--timeout", "0.3"], other);
    assert.is(ticks.code, 42);
  }));

test.run();
