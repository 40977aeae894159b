// A monitor at a Unix socket, beside the guest's console: of a machine that runs and of a recording.
import { existsSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { openRecording } from "../../src/streams/session/open-recording.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import { DEMO_ELF } from "../support/demo-guest.js";
import { DEMO, foldvm, testStdio } from "./command-line.js";

const PROMPT = "(foldvm) ";

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
};

/** A peer that waits for the prompt after each line, as `socat` in a script would. */
class Peer {
  private heard = "";
  isGone = false;
  private readonly socket: Socket;

  constructor(path: string) {
    this.socket = connect(path);
    this.socket.on("data", (bytes) => (this.heard += bytes.toString()));
    this.socket.on("close", () => (this.isGone = true));
  }

  async answer(): Promise<string> {
    await until(() => this.isGone || this.heard.endsWith(PROMPT));
    const answer = this.heard.slice(0, -PROMPT.length);
    this.heard = "";
    return answer;
  }

  say(line: string): Promise<string> {
    this.socket.write(`${line}\n`);
    return this.answer();
  }

  async leave(): Promise<void> {
    this.socket.end();
    await until(() => this.isGone);
  }
}

const peerAt = async (path: string): Promise<Peer> => {
  await until(() => existsSync(path));
  const peer = new Peer(path);
  await peer.answer();
  return peer;
};

// Negative control, tried once: with the machine going on when a peer leaves, as after a script on a pipe, it was red.
test("given a machine with a monitor at a socket, when peers come and go, then it stands while they want, takes what is typed, and its recording is whole", () =>
  withTemporaryFolder(async (folder) => {
    const [path, recording] = [join(folder, "monitor"), join(folder, "a.fold")];
    const stdio = testStdio();
    const done = foldvm(["record", "-o", recording, ...DEMO, `--monitor=unix:${path},server,nowait`], stdio);
    const first = await peerAt(path);
    await until(() => stdio.printed().endsWith("demo> "));
    assert.is(await first.say("info status"), "VM status: running\n");
    const late = new Peer(path);
    await until(() => late.isGone);
    assert.match(await first.say("stop"), /^paused: instruction \d+, event \d+\n$/);
    await first.leave();
    stdio.stdin.write("crc\n");

    const second = await peerAt(path);
    assert.is(await second.say("info status"), "VM status: paused\n");
    assert.not.match(stdio.printed(), "crc32 of");
    assert.match(await second.say("x /2i $pc"), /^0x[0-9a-f]{16} <\w+(\+0x[0-9a-f]+)?>: {2}[0-9a-f]{4,8} .*\n0x.*\n$/);
    assert.match(await second.say("info qtree"), /dev: serial-mm, id ""\n {4}irq 10\n {4}mmio 0000000010000000\//);
    assert.match(await second.say("system_powerdown"), /^error NO_POWER_BUTTON: /);
    assert.is(await second.say("cont"), "");
    await until(() => stdio.printed().includes("crc32 of"));
    await second.say("stop");
    assert.is(await second.say('type "help\\n"'), "");
    assert.match(await second.say("run_until_text poweroff"), /^reached: /);
    assert.is(await second.say("cont"), "");
    await second.say("quit");
    await until(() => second.isGone);

    assert.is((await done).code, 0);
    assert.not.ok(existsSync(path), "the socket is left behind");
    assert.is(openRecording(recording).info.cause, "host-ui");
    assert.is((await foldvm(["verify", recording])).code, 0);
  }));

test("given a recording with a monitor at a socket, when it has been replayed to its end, then the monitor says how that was", () =>
  withTemporaryFolder(async (folder) => {
    const [path, recording] = [join(folder, "monitor"), join(folder, "a.fold")];
    await foldvm(["record", "-o", recording, ...DEMO, "--append", "crc; panic 42"]);
    const done = foldvm(["replay", recording, `--monitor=unix:${path}`]);
    const peer = await peerAt(path);
    assert.is(await peer.say("info status"), "VM status: paused\n");
    await peer.say("run_until_text crc32");
    await peer.say("cont");
    await peer.say("wait");
    assert.is(await peer.say("info status"), "VM status: shutdown (guest-panic, code 42)\n");
    assert.match(await peer.say("info replay"), / ns \(guest-panic, code 42\)\n$/);
    await peer.say("quit");
    const { code, stdout } = await done;
    assert.is(code, 0);
    assert.match(stdout, "crc32 of");
  }));

test("given a place where no monitor can be, then the error says why", () =>
  withTemporaryFolder(async (folder) => {
    const plain = join(folder, "plain");
    writeFileSync(plain, "precious");
    for (const [words, expected, complaint] of [
      [`--monitor=unix:${plain}`, 73, `the monitor's socket ${plain} is a file and no socket: name another path`],
      ["--monitor=tcp:127.0.0.1:4444", 2, "a monitor is at stdio or listens at unix:PATH"],
      [`--monitor=unix:${plain},server=off`, 2, "listens at unix:PATH"],
    ] as const) {
      const { code, stderr } = await foldvm(["run", ...DEMO, words]);
      assert.is(code, expected, stderr);
      assert.match(stderr, complaint);
    }
  }));

test("given a recording that is made, when a snapshot is saved twice, then each answer says what became of the file, and the list its size", () =>
  withTemporaryFolder(async (folder) => {
    const [path, file] = [join(folder, "monitor"), join(folder, "a.fold")];
    const done = foldvm(["record", "-o", file, ...DEMO, `--monitor=unix:${path}`, "-S"]);
    const peer = await peerAt(path);
    const saved = await peer.say("savevm mine");
    const [, size = ""] = /: instruction 0, event 0, (\d+) bytes\n$/.exec(saved) ?? [];
    assert.is(saved, `saved mine into ${file}: instruction 0, event 0, ${size} bytes\n`);
    assert.is(await peer.say("info snapshots"), `NAME ICOUNT EVENT SIZE\nmine 0 0 ${size}\n`);
    await peer.say("step 10");
    assert.match(await peer.say("savevm mine"), /; it replaces the one of that name at instruction 0, event 0\n$/);
    assert.match(await peer.say("info snapshots"), /^NAME ICOUNT EVENT SIZE\nmine 10 0 [1-9]\d+\n$/);
    await peer.say("quit");
    await done;
    const again = await foldvm(["snapshots", file, "--save", "mine"]);
    assert.match(again.stdout, `saved mine into ${file}: instruction `);
    assert.match(again.stdout, /; it replaces the one of that name at instruction 10, event 0\n$/);
    assert.is((await foldvm(["snapshots", file, "--delete", "mine"])).stdout, `deleted mine from ${file}\n`);
  }));

test("given a run without a recording, when a snapshot is to be saved, then that is refused, and it runs on", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "monitor");
    const done = foldvm(["run", ...DEMO, `--monitor=unix:${path}`]);
    const peer = await peerAt(path);
    assert.match(await peer.say("savevm mine"), /^error NOT_HERE: .*foldvm record\n$/);
    assert.is(await peer.say("info status"), "VM status: running\n");
    await peer.say("quit");
    await done;
  }));

const RACE = ["replay", "logs/race-fails.fold", "--kernel", DEMO_ELF, "--monitor"];

test("given a console in the middle of a line, when a script's command answers, then on a line of its own", async () => {
  const stdio = testStdio();
  stdio.stdin.end("run_until_text demo>\nprint 7\nrun_until_text letters\n");
  const { code, stdout } = await foldvm(RACE, stdio);
  assert.is(code, 0);
  assert.match(stdout, /^demo>\nreached: .*\n0x7\n race\r\nrace: send the letters\nreached: /m);
});

test("given a mistyped line, when a script has it, then the exit code says so, and at a terminal it does not", async () => {
  for (const [isTerminal, expected] of [
    [false, 1],
    [true, 0],
  ] as const) {
    const stdio = testStdio({ isTerminal });
    stdio.stdin.end("pirnt 7\nquit\n");
    const { code, stdout } = await foldvm(RACE, stdio);
    assert.match(stdout, "error UNKNOWN_COMMAND: there is no command pirnt; is print meant?");
    assert.is(code, expected, stdout);
  }
});

test("given a terminal, when run has a monitor, then it says how to get there, and each Ctrl-A C shows a prompt or gives the guest the keys", async () => {
  const stdio = testStdio({ isTerminal: true });
  const shown = (): string => stripVTControlCharacters(stdio.printed());
  const done = foldvm(["run", ...DEMO, "--monitor"], stdio);
  await until(() => shown().endsWith("demo> "));
  assert.match(stdio.complained(), /^foldvm: Ctrl-A C switches between the guest's console and the monitor/m);
  stdio.stdin.write("\x01c");
  await until(() => shown().endsWith(`demo> \n${PROMPT}`));
  stdio.stdin.write("info status\r");
  await until(() => /\r\nVM status: running\n\(foldvm\) $/.test(shown()));
  stdio.stdin.write("\x01ccrc\r");
  await until(() => /crc32 of[^]*demo> $/.test(shown()));
  stdio.stdin.write("\x01c");
  await until(() => shown().endsWith(`demo> \n${PROMPT}`));
  stdio.stdin.write("quit\r");
  assert.is((await done).code, 0);
});

test("given a script that is read later than a short run ends, then all of it is answered of the machine as it ended", async () => {
  const stdio = testStdio();
  stdio.stdin.end('info status\nx /1i $pc\ntype "a"\n');
  const { code, stdout } = await foldvm(["run", ...DEMO, "--append", "poweroff", "--monitor"], stdio);
  assert.is(code, 0);
  assert.match(stdout, /^VM status: shutdown .*\n0x.* wfi\nerror NOT_HERE: the machine has ended/m);
});

test("given a machine that stands still on a terminal, then it says that it waits", async () => {
  const stdio = testStdio({ isTerminal: true });
  const done = foldvm(["run", ...DEMO, "-S"], stdio);
  await until(() => stdio.complained() !== "");
  assert.match(stdio.complained(), "foldvm: the machine waits for cont; Ctrl-A C switches");
  stdio.stdin.write("\x01x");
  await done;
});

test.run();
