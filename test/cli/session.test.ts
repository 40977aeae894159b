import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { withTemporaryFolder } from "../support/temporary-folder.js";
import { DEMO, foldvm, testStdio } from "./command-line.js";

const PROMPT = /demo> $/;

test("given a guest that powers off, when run, then its console is printed and the code is 0", async () => {
  const { code, stdout, stderr } = await foldvm(["run", ...DEMO, "--append", "crc; poweroff"]);
  assert.is(code, 0);
  assert.match(stdout, /crc32 of [^\n]*\n/);
  assert.is(stderr, "");
});

test("given a guest that fails, when run, then its code is the command's, in 8 bits and never 0", async () => {
  for (const [guest, expected] of [
    [7, 7],
    [300, 44],
    [512, 255],
  ] as const) {
    const { code, stderr } = await foldvm(["run", ...DEMO, "--append", `panic ${String(guest)}`]);
    assert.is(code, expected);
    assert.match(stderr, new RegExp(`the guest ended with code ${String(guest)}`));
  }
});

test("given piped input that ends, when run, then it is typed and the run goes on to its end", async () => {
  const stdio = testStdio();
  stdio.stdin.end("crc\npanic 3\n");
  const { code, stdout } = await foldvm(["run", ...DEMO], stdio);
  assert.is(code, 3);
  assert.match(stdout, /demo> crc\r?\n[^]*demo> panic 3\r?\n/);
});

test("given a guest that waits for input that has ended, when it times out, then the code says so", async () => {
  const stdio = testStdio();
  stdio.stdin.end();
  const { code, stdout, stderr } = await foldvm(["run", ...DEMO, "--timeout", "0.3"], stdio);
  assert.is(code, 42);
  assert.match(stdout, PROMPT);
  assert.match(stderr, /ended after 0\.3 s/);
  const other = await foldvm(["run", ...DEMO, "--timeout", "0.1", "--timeout-exit-code", "9"]);
  assert.is(other.code, 9);
});

test("given --expect-text, when the guest prints it, then the run ends with 0", async () => {
  const { code, stdout } = await foldvm(["run", ...DEMO, "--expect-text", "demo> "]);
  assert.is(code, 0);
  assert.match(stdout, PROMPT);
});

test("given --expect-text, when the guest ends without it, then the run fails and says what is missing", async () => {
  const { code, stderr } = await foldvm(["run", ...DEMO, "--append", "poweroff", "--expect-text", "no such text"]);
  assert.is(code, 1);
  assert.match(stderr, /did not print "no such text"/);
  const failed = await foldvm(["run", ...DEMO, "--append", "panic 5", "--expect-text", "no such text"]);
  assert.is(failed.code, 5);
});

test("given --fail-text, when the guest prints it, then the run fails, though another text is expected", async () => {
  const words = ["run", ...DEMO, "--fail-text", "demo> nons", "--expect-text", "unknown"];
  const { code, stderr } = await foldvm([...words, "--append", "nonsense"]);
  assert.is(code, 1);
  assert.match(stderr, /printed "demo> nons" \(--fail-text\)/);
});

test("given a terminal, when Ctrl-A X is typed, then it quits, and the terminal was raw only in between", async () => {
  const stdio = testStdio({ isTerminal: true });
  let typed = 0;
  stdio.onPrinted = (text) => {
    if (PROMPT.test(text) && typed++ === 0) stdio.stdin.write("crc\r");
    if (/crc32 of[^]*demo> $/.test(text)) stdio.stdin.write("\x01x");
  };
  const { code, stderr } = await foldvm(["run", ...DEMO], stdio);
  assert.is(code, 0);
  assert.equal(stdio.rawModes, [true, false]);
  assert.match(stderr, /Ctrl-A X quits/);
  assert.match(stderr, /ended from the terminal/);
});

test("given a terminal, when Ctrl-C is typed, then the guest gets it and the run goes on", async () => {
  const stdio = testStdio({ isTerminal: true });
  stdio.stdin.write("\x03");
  stdio.onPrinted = (text) => {
    if (PROMPT.test(text)) stdio.stdin.write("\x03panic 4\r");
  };
  const { code } = await foldvm(["run", ...DEMO], stdio);
  assert.ok(code === 4 || code === 0);
});

test("given a machine that can't be made, when run, then the terminal is never touched", async () => {
  const stdio = testStdio({ isTerminal: true });
  const { code } = await foldvm(["run", "--kernel", "no-such-file"], stdio);
  assert.is(code, 66);
  assert.equal(stdio.rawModes, []);
});

test("given a terminal, when Ctrl-A R is typed, then the guest starts anew, and the recording has who asked for it", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.fold");
    const stdio = testStdio({ isTerminal: true });
    let prompts = 0;
    stdio.onPrinted = (text) => {
      const seen = text.split("demo> ").length - 1;
      if (seen === prompts) return;
      prompts = seen;
      stdio.stdin.write(prompts === 1 ? "\x01r" : "poweroff\r");
    };
    assert.is((await foldvm(["record", "-o", path, ...DEMO], stdio)).code, 0);
    assert.ok(prompts >= 2);
    const { stdout } = await foldvm(["events", path, "--type", "machine/*"]);
    assert.equal(
      stdout.match(/"cause":"[a-z-]+"/g),
      ["host-reset", "host-reset", "guest-shutdown"].map((cause) => `"cause":"${cause}"`),
    );
    assert.is((await foldvm(["verify", path])).code, 0);
  });
});

test("given a recording, when a signal comes, then it is closed with the signal as the cause", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.fold");
    const stdio = testStdio();
    stdio.onPrinted = (text) => {
      if (PROMPT.test(text)) stdio.signal("SIGTERM");
    };
    const { code, stderr } = await foldvm(["record", "-o", path, ...DEMO], stdio);
    assert.is(code, 143);
    assert.match(stderr, /ended by SIGTERM/);
    const info = await foldvm(["info", path, "--json"]);
    const facts = JSON.parse(info.stdout) as { complete: boolean; cause: string };
    assert.is(facts.complete, true);
    assert.is(facts.cause, "host-signal");
    assert.is((await foldvm(["verify", path])).code, 0);
  });
});

test("given a file that exists, when recorded into, then it is left alone unless forced", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.fold");
    const words = ["record", "-o", path, ...DEMO, "--append"];
    assert.is((await foldvm([...words, "poweroff"])).code, 0);
    const refused = await foldvm([...words, "panic 8"]);
    assert.is(refused.code, 73);
    assert.match(refused.stderr, /exists already.*--force/);
    assert.is(refused.stdout, "");
    assert.is((await foldvm([...words, "panic 8", "--force"])).code, 8);
  });
});

test("given a guest in a trap loop, when run without firmware, then it ends and says what is missing", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "zeros.bin");
    writeFileSync(path, new Uint8Array(16));
    const { code, stderr } = await foldvm(["run", "--kernel", path, "--memory", "8M"]);
    assert.is(code, 68);
    assert.match(stderr, /trap loop.*the first trap was illegal instruction.*zeros and no code.*--bios fw_jump\.elf/);
    assert.match(stderr, `${path} is no ELF file and no Linux Image, and was taken as a raw binary`);
  });
});

test("given a program for Zba, when it is run, recorded and replayed, then each names the extension, and no firmware is missed", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "zba.bin");
    // addi t1, zero, 1; sh3add t1, t1, t1
    writeFileSync(path, Buffer.from("13031000".concat("33636320"), "hex"));
    const images = ["--kernel", path, "--memory", "8M"];
    const recording = join(folder, "a.fold");
    const outputs = [
      await foldvm(["run", ...images]),
      await foldvm(["record", "-o", recording, ...images]),
      await foldvm(["replay", recording]),
    ];
    for (const { stderr } of outputs) {
      assert.match(
        stderr,
        /illegal instruction \(cause 2\) at pc 0x80000004 .*33 63 63 20 is sh3add of Zba, which this machine lacks/,
      );
      assert.not.match(stderr, /firmware/);
    }
  });
});

test("given a kernel that asks for Sv48 and waits, when it is ended, then what it waits for is named", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "sv48.bin");
    // addi t0, zero, 9; slli t0, t0, 60; csrw satp, t0; jal zero, 0
    writeFileSync(path, Buffer.from("93029000".concat("9392c203", "73900218", "6f000000"), "hex"));
    const { code, stderr } = await foldvm(["run", "--kernel", path, "--memory", "8M", "--timeout", "0.2"]);
    assert.is(code, 42);
    assert.match(stderr, /--timeout\); translation is off: at pc 0x80000008 satp was to get mode 9 \(Sv48\)/);
  });
});

test.run();
