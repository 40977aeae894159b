/** A real gdb at a machine that runs: how it comes and goes, and what is refused. */
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { DEMO, foldvm, testStdio } from "../../../cli/command-line.js";
import { DEMO_ELF } from "../../../support/demo-guest.js";
import { gdbAt } from "../../../support/gdb-client.js";
import { recordedUnderGdb } from "../../../support/live-gdb.js";
import { requires } from "../../../support/requires.js";
import { withTemporaryFolder } from "../../../support/temporary-folder.js";
import { listening } from "../../../support/unix-sockets.js";

const program = { program: DEMO_ELF };

test("given -gdb stdio beside a console there, when it runs, then that is refused", async () => {
  const { code, stderr } = await foldvm(["run", ...DEMO, "-gdb", "stdio"]);
  assert.is(code, 2);
  assert.match(stderr, /gdb has the standard streams for itself/);
});

test("given a schedule and gdb on standard input, when it runs, then that is refused, and nothing is read", async () => {
  const { code, stderr } = await foldvm(["run", ...DEMO, "--serial", "null", "--gdb", "-", "--schedule", "-"]);
  assert.is(code, 2);
  assert.match(stderr, "--schedule - and --gdb -: both want standard input");
});

test("given -s and --gdb, when it runs, then that is refused", async () => {
  const { code, stderr } = await foldvm(["run", ...DEMO, "-s", "--gdb", ":4000"]);
  assert.is(code, 2);
  assert.match(stderr, /-s is --gdb :1234: leave one of them out/);
});

test("given a place that somebody has, when it runs, then that is told", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "taken.socket");
    const other = createServer().listen(path);
    const { code, stderr } = await foldvm(["run", ...DEMO, "--gdb", `unix:${path}`]);
    other.close();
    assert.is.not(code, 0);
    assert.match(stderr, /--gdb .*taken\.socket/);
  }));

if (requires("gdb at a machine that runs", ["gdb-multiarch"])) {
  test("given a guest that ends itself, when gdb let it go on, then gdb has its exit code", () =>
    withTemporaryFolder(async (folder) => {
      const line = [...DEMO, "--append", "panic 7"];
      const commands = ["break uart_put", "continue", "delete", "continue", "print $_exitcode"];
      const { seen, answer } = await recordedUnderGdb([join(folder, "a.fold"), folder], line, commands, program);
      assert.match(seen.at(-1)?.text ?? "", /= 7$/m);
      assert.is(answer.code, 7);
    }));

  test("given a gdb that detaches, and one that kills, then it goes on after the one, and ends with the other", () =>
    withTemporaryFolder(async (folder) => {
      const socket = join(folder, "gdb.socket");
      const stdio = testStdio();
      const answered = foldvm(["run", ...DEMO, "--gdb", `unix:${socket}`, "-S", "--quiet"], stdio);
      await listening(socket);
      await gdbAt(socket, folder, ["break uart_put", "continue", "detach"], program);
      while (!stdio.printed().includes("demo> ")) await setTimeout(10);
      const [connected] = await gdbAt(socket, folder, ["kill"], program);
      assert.ok((connected?.position.icount ?? 0) > 2000);
      assert.is((await answered).code, 0);
    }));

  for (const how of ["kill", "monitor quit"]) {
    test(`given a machine that stands, when gdb says ${how}, then its recording ends there`, () =>
      withTemporaryFolder(async (folder) => {
        const path = join(folder, "killed.fold");
        const { seen } = await recordedUnderGdb([path, folder], DEMO, ["stepi 3", how], program);
        const recording = openRecording(path);
        assert.is(recording.info.instructions, 3);
        assert.is(seen[1]?.position.icount, 3);
        recording.close();
      }));
  }

  test("given a gdb that detaches, when another one is there at once, then it is served", () =>
    withTemporaryFolder(async (folder) => {
      const path = join(folder, "again.fold");
      const socket = `target remote ${join(folder, "live.socket")}`;
      const again = ["detach", socket, "stepi", "detach", socket, "stepi"];
      const { seen } = await recordedUnderGdb([path, folder], DEMO, [...again, ...again, "kill"], program);
      for (const { command, text } of seen) assert.not.match(text, /error|reset by peer|Broken pipe/, command);
    }));

  test("given a machine that is recorded, when gdb goes back in it, then it comes forward to the present and goes on", () =>
    withTemporaryFolder(async (folder) => {
      const path = join(folder, "back.fold");
      const line = [...DEMO, "--append", "crc; poweroff"];
      const commands = [
        ...["break uart_put", "continue", "continue", "reverse-continue", "reverse-stepi", "continue", "continue"],
        ...["continue", "delete", "continue", "print $_exitcode"],
      ];
      const { seen, answer } = await recordedUnderGdb([path, folder], line, commands, program);
      const icounts = seen.map(({ position }) => position.icount);
      const [, , first = 0, second, back, before, again, twice, third = 0] = icounts;
      assert.equal([back, before, again, twice], [first, first - 1, first, second]);
      assert.ok(third > (second ?? 0));
      assert.is(answer.code, 0);
      const plain = join(folder, "plain.fold");
      await foldvm(["record", "-o", plain, ...line, "--quiet"]);
      assert.is(openRecording(path).info.stateHash, openRecording(plain).info.stateHash);
    }));
}

test.run();
