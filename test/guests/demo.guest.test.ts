/** The committed demo firmware: built from the sources beside it, and booted by a machine that nobody here wrote. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { buildGuest, guestCompilerFits, guestElf } from "../support/guest-build.js";
import { requires } from "../support/requires.js";

const ELF = guestElf("demo");

interface Run {
  readonly console: string;
  readonly exitCode: number | null;
}

/** Runs it in QEMU; each step types its text once the console has shown what it waits for. */
const runQemu = (append: string, steps: readonly { awaits: string; types: string }[] = []): Promise<Run> =>
  new Promise((resolve, reject) => {
    const board = ["-machine", "virt", "-m", "64M", "-icount", "shift=0,sleep=off"];
    const host = ["-display", "none", "-monitor", "none", "-serial", "stdio"];
    const image = ["-bios", "none", "-kernel", ELF, "-append", append];
    const qemu = spawn("qemu-system-riscv64", [...board, ...host, ...image]);
    const waiting = [...steps];
    let console = "";
    let read = 0;
    qemu.stdout.setEncoding("latin1").on("data", (text: string) => {
      console += text;
      for (let step = waiting[0]; step !== undefined; step = waiting[0]) {
        const found = console.indexOf(step.awaits, read);
        if (found < 0) return;
        read = found + step.awaits.length;
        waiting.shift();
        qemu.stdin.write(step.types);
      }
    });
    qemu.on("error", reject);
    qemu.on("close", (exitCode) => {
      resolve({ console: console.replaceAll("\r\n", "\n"), exitCode });
    });
  });

if (guestCompilerFits("the demo firmware is rebuilt"))
  test("given the sources, when they are built, then the ELF has the committed bytes", async () => {
    assert.ok((await buildGuest("demo")).equals(readFileSync(ELF)), "run guests/demo/build.sh and commit demo.elf");
  });

if (guestCompilerFits("the demo firmware with the race fixed"))
  test("given the flag that fixes the race, when the sources are built, then the ELF is another", async () => {
    assert.not.ok((await buildGuest("demo", "-DLINK_FIXED")).equals(readFileSync(ELF)));
  });

test("given the committed ELF, then it is small and names no path of the machine that built it", () => {
  const bytes = readFileSync(ELF);
  assert.ok(bytes.length < 64 * 1024);
  assert.is(/\/(?:home|root|tmp|usr|work|build|opt)\//.exec(bytes.toString("latin1")), null);
});

const qemu = (name: string, body: () => Promise<void>): void => {
  if (requires(name, ["qemu-system-riscv64"])) test(name, body);
};

qemu("given no command line, when QEMU boots it, then it asks for commands and obeys", async () => {
  const { console, exitCode } = await runQemu("", [
    { awaits: "demo> ", types: "memtesx\x7ft\r\n" },
    { awaits: "memtest: OK\r\ndemo> ", types: "reset\n" },
    { awaits: "foldvm demo firmware\r\nhart 0, memory 64 MiB at 0x80000000\r\ndemo> ", types: "panic 5\r" },
  ]);
  assert.match(console, /^\nfoldvm demo firmware\nhart 0, memory 64 MiB at 0x80000000\ndemo> /);
  assert.match(console, /demo> panic 5\npanic: code 5\n$/);
  assert.is(exitCode, 5);
});

qemu("given commands in /chosen bootargs, when QEMU boots it, then it runs them in order", async () => {
  const { console, exitCode } = await runQemu("primes 1000; crc ;nonsense;poweroff; panic");
  assert.match(console, /\n168 primes below 1000\ncrc32 of .*\nnonsense: unknown command, try help\n$/);
  assert.is(exitCode, 0);
});

qemu("given the race job, when the letters arrive, then the verdict is the exit code", async () => {
  const { console, exitCode } = await runQemu("race", [{ awaits: "a to x\r\n", types: "abcdefghijklmnopqrstuvwx" }]);
  const verdict = exitCode === 0 ? /PASS: 24 bytes in order\n/ : /FAIL: (24 bytes received|all 24 bytes delivered)/;
  assert.match(console, verdict);
  assert.ok(exitCode === 0 || exitCode === 1);
});

qemu("given the race job, when a letter is missing in the line, then it fails", async () => {
  const { console, exitCode } = await runQemu("race", [{ awaits: "a to x\r\n", types: "\nabdefghijklmnopqrstuvwxyz" }]);
  // The first bytes may also meet the race, in 1 run of 100: then they lie undelivered in the ring.
  assert.match(
    console,
    /FAIL: (byte 3 is 0x64, not 'c'|2\d bytes received, \d delivered).*\nring: count \d+, head \d+, tail \d+\n/,
  );
  assert.is(exitCode, 1);
});

test.run();
