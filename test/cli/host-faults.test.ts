// What the host does to a recording run: its terminal goes, its reader goes, its input ends. Each ends with a message
// and a recording that replays.
import { appendFileSync, closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { diskGuest, READ } from "../support/disk-guest.js";
import { numberedSectors } from "../support/memory-disk.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import { sleeping, ticking } from "../support/tiny-guests.js";
import { ended, foldvm, startFoldvm, startFoldvmOn, testStdio, type TestStdio } from "./command-line.js";

interface Facts {
  readonly complete: boolean;
  readonly cause: string | null;
}

const factsOf = async (recording: string): Promise<Facts> =>
  JSON.parse((await foldvm(["info", recording, "--json"])).stdout) as Facts;

const guest = (folder: string, kernel: Uint8Array): string[] => {
  const path = join(folder, "kernel.bin");
  writeFileSync(path, kernel);
  return ["--bios", "none", "--kernel", path, "--memory", "2M", "--seed", "x"];
};

// Negative controls, tried once: red where the session does not listen to signals (the recording is cut off); where a
// closed output switches nothing off (`found("outputClosed")` in watched-output.ts) the run goes on until the time is
// over.
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

// Negative control, tried once: where the end of standard input is not handed to the sequencer (`inputEnded$` in
// session.ts) the run never ends, and the time is over.
test("given a guest that sleeps without a timer, when its input ends, then the run ends and says why; with a timer it goes on", () =>
  withTemporaryFolder(async (folder) => {
    const recording = join(folder, "a.fold");
    const stdio = testStdio();
    stdio.stdin.end("x");
    const { code, stderr } = await foldvm(["record", "-o", recording, ...guest(folder, sleeping())], stdio);
    assert.is(code, 69);
    assert.match(stderr, "its input has ended or is not taken, and it has no timer");
    assert.equal([(await factsOf(recording)).complete, (await factsOf(recording)).cause], [true, "stopped"]);
    assert.is((await foldvm(["verify", recording])).code, 0);
    const other = testStdio();
    other.stdin.end();
    const ticks = await foldvm(["run", ...guest(folder, ticking(1000)), "--timeout", "0.3"], other);
    assert.is(ticks.code, 42);
  }));

// Negative controls, tried once: without `hasRoom$` in held-stream.ts all of the text is read; without `isHeld$` in
// typing.ts the run goes on until the time is over.
test("given a guest that sleeps and takes nothing, when a text without end is typed, then little of it is read, and the run ends and says why", () =>
  withTemporaryFolder(async (folder) => {
    let readBytes = 0;
    const stdin = new Readable({
      read() {
        readBytes += 4096;
        this.push(Buffer.alloc(4096, "a"));
      },
    });
    const { code, stderr } = await foldvm(["run", ...guest(folder, sleeping()), "--timeout", "20"], {
      ...testStdio(),
      stdin: stdin as unknown as TestStdio["stdin"],
    });
    assert.is(code, 69, stderr);
    assert.ok(readBytes < 1 << 20, String(readBytes));
  }));

// Negative control, tried once: red where an image is not asked whether it is unchanged after each read (`keep` in
// image-file.ts).
test("given a disk's image that somebody changes while a machine is recorded, then the run ends and says so, and what was recorded replays from the image as it was", () =>
  withTemporaryFolder(async (folder) => {
    const [image, recording] = [join(folder, "disk.raw"), join(folder, "a.fold")];
    const before = numberedSectors(512);
    writeFileSync(image, before);
    // What lies behind the image's beginning, which was read to see of what format it is.
    const kernel = diskGuest([[{ type: READ, sector: 1 }], [{ type: READ, sector: 400 }]]);
    const words = ["--virtio", "none,none,rng,rng,rng,rng,rng,rng", "--drive", image, "--drive", image];
    const stdio = testStdio();
    // It listens for signals when its images are open, and before the guest runs.
    const onSignal: TestStdio["onSignal"] = (listener) => {
      appendFileSync(image, "x");
      return stdio.onSignal(listener);
    };
    const running = foldvm(["record", "-o", recording, ...guest(folder, kernel), ...words], { ...stdio, onSignal });
    const { code, stderr } = await running;
    assert.is(code, 66);
    assert.match(stderr, `${image} was changed while a machine was using it`);
    assert.is((await foldvm(["verify", recording])).code, 66);
    writeFileSync(image, before);
    const { code: verified, stdout } = await foldvm(["verify", recording, "--json"]);
    assert.is(verified, 0);
    assert.ok((JSON.parse(stdout) as { instructions: number }).instructions > 100);
  }));

// Node shows a folder as an input that has ended at once.
test("given a folder as standard input, when a recording is read from it, then the message says that it is a folder", () =>
  withTemporaryFolder(async (folder) => {
    const input = openSync(folder, "r");
    try {
      const answer = await ended(startFoldvmOn(input, ["verify", "-"]));
      assert.is(answer.code, 66, answer.stderr);
      assert.match(answer.stderr, /standard input can't be read: it is a folder/);
    } finally {
      closeSync(input);
    }
  }));

test.run();
