/** A real gdb at a machine that runs and is not alone with it: others ask too, the guest resets, gdb vanishes. */
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { retiredBy } from "../../../../src/reducers/schedule.js";
import { visits, writes } from "../../../../src/streams/past/query/index.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { DEMO, foldvm, testStdio } from "../../../cli/command-line.js";
import { DEMO_ELF } from "../../../support/demo-guest.js";
import { gdbAt } from "../../../support/gdb-client.js";
import { requireReplayed } from "../../../support/gdb-walk.js";
import { HARTS_ELF, HARTS_MEMORY } from "../../../support/harts-guest.js";
import { recordedUnderGdb } from "../../../support/live-gdb.js";
import { requires } from "../../../support/requires.js";
import { withTemporaryFolder } from "../../../support/temporary-folder.js";
import { listening } from "../../../support/unix-sockets.js";

const program = { program: DEMO_ELF };
const WATCHED = 300;
const IGNORED = 2;

/** What gdb's Python hears at a socket, where it says `text` or nothing: a peer that has gone takes no word. */
const hearing = (socket: string, text = ""): string =>
  `python import socket, time; s = socket.socket(socket.AF_UNIX); s.connect(${JSON.stringify(socket)}); ` +
  (text === "" ? "" : `s.sendall(b${JSON.stringify(text)}); `) +
  `time.sleep(1); s.settimeout(5); print(s.recv(4096)); s.close()`;

if (requires("gdb at a machine that others see too", ["gdb-multiarch"])) {
  test("given a monitor and a second gdb, when they ask while gdb has it, then the one sees the same, and the other is let go", () =>
    withTemporaryFolder(async (folder) => {
      const monitor = join(folder, "monitor.socket");
      const line = [...DEMO, `--monitor=unix:${monitor}`, "--append", "crc; poweroff"];
      const commands = [
        ...["break uart_put", "continue", "monitor when"],
        hearing(monitor, "when\n"),
        hearing(join(folder, "live.socket")),
        ...["stepi", "delete", "continue", "print $_exitcode"],
      ];
      const { seen, answer } = await recordedUnderGdb([join(folder, "a.fold"), folder], line, commands, program);
      const [, , stopped, , asked, second, stepped] = seen;
      assert.match(asked?.text ?? "", `instruction ${String(stopped?.position.icount)}, event`);
      assert.match(second?.text ?? "", /^b''/);
      assert.is(stepped?.position.icount, (stopped?.position.icount ?? 0) + 1);
      assert.match(seen.at(-1)?.text ?? "", /= 0$/m);
      assert.is(answer.code, 0);
    }));

  test("given a gdb that vanishes at a breakpoint, then the machine goes on without it, and the next gdb comes", () =>
    withTemporaryFolder(async (folder) => {
      const socket = join(folder, "gdb.socket");
      const stdio = testStdio();
      const answered = foldvm(["run", ...DEMO, "--gdb", `unix:${socket}`, "-S", "--quiet"], stdio);
      await listening(socket);
      await gdbAt(socket, folder, ["break uart_put", "continue", "python import os; os._exit(0)"], program);
      while (!stdio.printed().includes("demo> ")) await setTimeout(10);
      await gdbAt(socket, folder, ["kill"], program);
      assert.is((await answered).code, 0);
    }));

  test("given a guest that resets, when gdb has it, then its breakpoint is hit in the next life too", () =>
    withTemporaryFolder(async (folder) => {
      const path = join(folder, "reset.fold");
      // What stands at a breakpoint has not run yet: one step more makes it a visit.
      const commands = ["break uart_start", "continue", "continue", "info breakpoints", "stepi", "kill"];
      const { seen } = await recordedUnderGdb([path, folder], [...DEMO, "--append", "reset"], commands, program);
      const recording = openRecording(path);
      const inits = visits(recording, { of: "uart_start" })
        .toArray()
        .map(({ icount }) => icount);
      const [, , first, second, told] = seen;

      assert.equal([first?.position.icount, second?.position.icount], inits);
      assert.match(told?.text ?? "", "already hit 2 times");
    }));

  test("given hundreds of watchpoints, and a breakpoint with a condition and a count, then each stops where it is to", () =>
    withTemporaryFolder(async (folder) => {
      const path = join(folder, "watched.fold");
      const commands = [
        "break uart_put if (char)$a0 == 'e'",
        `ignore 1 ${String(IGNORED)}`,
        ...["continue", "info breakpoints", "delete"],
        ...Array.from({ length: WATCHED }, (_, one) => `watch *(int*)(0x80700000 + ${String(4 * one)})`),
        ...["watch timer_ticks", "continue", "delete", "continue"],
      ];
      const line = [...DEMO, "--append", "crc; memtest; poweroff"];
      const { seen } = await recordedUnderGdb([path, folder], line, commands, program);
      const recording = openRecording(path);
      const letters = visits(recording, { of: "uart_put" })
        .toArray()
        .filter(({ icount, hart }) => (recording.at(icount).harts[hart]?.x[10] ?? 0n) === BigInt("e".charCodeAt(0)));
      const [, , , met, told] = seen;
      assert.is(met?.position.icount, letters[IGNORED]?.icount);
      assert.match(told?.text ?? "", `already hit ${String(IGNORED + 1)} times`);
      const store = writes(recording, { of: "timer_ticks" })
        .toArray()
        .find(({ icount, before, value }) => icount >= (met?.position.icount ?? 0) && before !== value);
      assert.is(seen[7 + WATCHED]?.position.icount, (store?.icount ?? NaN) + 1, seen[7 + WATCHED]?.text);
    }));

  test("given breakpoints, when another hart than the one that stands there is stepped, then what is seen is recorded so", () =>
    withTemporaryFolder(async (folder) => {
      const path = join(folder, "harts.fold");
      const line = ["--bios", "none", "--kernel", HARTS_ELF, "--memory", HARTS_MEMORY, "--append", "messages"];
      const commands = [
        ...["break harts_interrupt", "continue", "continue", "break *$ra", "info threads"],
        ...["thread 2", "stepi", "thread 1", "stepi 3", "thread 2", "stepi 7"],
        ...["delete", "thread 2", "stepi", "continue"],
      ];
      const { seen } = await recordedUnderGdb([path, folder], [...line, "--smp", "2"], commands, {
        program: HARTS_ELF,
      });
      const recording = openRecording(path);
      const retired = ({ icount, seq }: { icount: number; seq: number }): number =>
        retiredBy(recording.at({ icount, seq }).schedule, icount)[1] ?? 0;
      for (const one of seen.slice(2, -2)) requireReplayed(recording, one);
      const [alone, stepped] = seen.slice(-3, -1);
      if (alone === undefined || stepped === undefined) throw new Error("gdb did not step");
      assert.is(stepped.hart, 1);
      assert.is(retired(stepped.position), retired(alone.position) + 1, stepped.text);
    }));
}

test.run();
