/** `foldvm serve` as a process: it says where it is, answers, and ends by a signal in the middle of its answers. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";
import { WebSocket } from "ws";

import { DEMO_ELF } from "../support/demo-guest.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import { addressOf, ended, foldvm, startFoldvm } from "./command-line.js";

const RACE = "logs/race-fails.fold";

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`given readers in the middle of a stream, when ${signal} comes, then it ends by it`, async () => {
    const child = startFoldvm(["serve", RACE, "--port", "0"]);
    const url = await addressOf(child);
    assert.match(url, /^http:\/\/localhost:\d+\/$/);
    const answer = await fetch(`${url}recordings/race-fails/events?pace=original&of=output,inputs`);
    const reader = answer.body?.getReader();
    await reader?.read();
    child.kill(signal);
    const { code } = await ended(child);
    assert.is(code, signal === "SIGINT" ? 130 : 143);
    await reader?.cancel().catch(() => undefined);
  });
}

test("given a token, when it serves, then its address has it", async () => {
  const child = startFoldvm(["serve", RACE, "--port", "0", "--token", "a-long-token"]);
  const url = await addressOf(child);
  assert.match(url, /\/\?token=a-long-token$/);
  assert.is((await fetch(url.replace("?", "recordings?"))).status, 200);
  assert.is((await fetch(url.replace(/\?.*/, "recordings"))).status, 401);
  child.kill("SIGTERM");
  await ended(child);
});

test("given a machine, when it is served until a signal, then its recording is whole, and others are refused", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = `${folder}/live.fold`;
    const machine = ["--live", "--kernel", DEMO_ELF, "--memory", "8M", "-o", path];
    const child = startFoldvm(["serve", ...machine, "--port", "0"]);
    const url = await addressOf(child);
    const { running } = (await (await fetch(`${url}live`)).json()) as { running: boolean };
    assert.is(running, true);
    child.kill("SIGINT");
    const { code, stderr } = await ended(child);
    assert.is(code, 130, stderr);
    assert.match(stderr, /recorded .*live\.fold/);
    assert.is((await foldvm(["verify", path])).code, 0);
    const again = await foldvm(["serve", ...machine, "--port", "0"]);
    assert.is(again.code, 73, again.stderr);
  });
});

test("given a machine and a file for its events, when it is served, then readers and the file have them", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "events.ndjson");
    const machine = ["--live", "--kernel", DEMO_ELF, "--memory", "8M", "--events", path, "--events-of", "output"];
    const child = startFoldvm(["serve", ...machine, "--port", "0"]);
    const url = await addressOf(child);
    const { body } = await fetch(`${url}live/events?of=output`);
    const console = new WebSocket(`${url.replace("http", "ws")}live/console`);
    await new Promise((resolve) => console.once("open", resolve));
    console.send("poweroff\n");
    let read = "";
    for await (const piece of body ?? []) read += Buffer.from(piece as Uint8Array).toString();
    child.kill("SIGINT");
    await ended(child);
    const written = readFileSync(path, "utf8");
    assert.match(written, /demo> poweroff/);
    assert.ok(read.includes("demo> poweroff") && written.endsWith(read));
  });
});

test("given a machine that is not to be kept, when it is served and ends, then nothing of it is left", async () => {
  await withTemporaryFolder(async (folder) => {
    const child = startFoldvm(["serve", "--live", "--kernel", DEMO_ELF, "--memory", "8M", "--port", "0"], {
      TMPDIR: folder,
    });
    await addressOf(child);
    assert.is(readdirSync(folder).length, 1);
    child.kill("SIGTERM");
    assert.is((await ended(child)).code, 143);
    assert.equal(readdirSync(folder), []);
  });
});

test("given a machine that runs and files with more names, then its page gets them, also once it is over", async () => {
  await withTemporaryFolder(async (folder) => {
    const map = join(folder, "System.map");
    writeFileSync(map, "0000000080001000 T spin\n");
    const machine = ["--live", "--kernel", DEMO_ELF, "--memory", "8M", "--symbols", map];
    const child = startFoldvm(["serve", ...machine, "--port", "0"]);
    const url = await addressOf(child);
    for (let isRunning = true; ; isRunning = false) {
      const sources = (await (await fetch(`${url}page/sources`)).json()) as {
        readonly symbols: readonly { readonly name: string; readonly bytes: { readonly url: string } }[];
      }[];
      const [symbols] = sources[0]?.symbols ?? [];
      assert.is(symbols?.name, "System.map", "where it lies is nobody's business");
      assert.is(await (await fetch(`${url}${symbols?.bytes.url ?? ""}`)).text(), readFileSync(map, "utf8"));
      if (!isRunning) break;
      const console = new WebSocket(`${url.replace("http", "ws")}live/console`);
      await new Promise((resolve) => console.once("open", resolve));
      console.send("poweroff\n");
      while (((await (await fetch(`${url}live`)).json()) as { running: boolean }).running);
    }
    child.kill("SIGINT");
    await ended(child);
  });
});

test("given a port that is taken, when it is to serve there, then the message names it", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const { port } = other.address() as { port: number };
  const { code, stderr } = await foldvm(["serve", RACE, "--port", String(port)]);
  assert.is(code, 76);
  assert.match(stderr, new RegExp(`127\\.0\\.0\\.1:${String(port)} is taken by another program`));
  other.close();
});

test("given what can't be served, when it is asked for, then the message says what to do", async () => {
  for (const [words, code, message] of [
    [["serve"], 2, /FILE is missing/],
    [["serve", RACE, "--memory", "8M"], 2, /--memory is for a machine that runs: add --live/],
    [["serve", RACE, "--live", "--kernel", DEMO_ELF], 2, /race-fails\.fold is a recording/],
    [["serve", "--live", "--kernel", "missing.elf", "--port", "0"], 66, /missing\.elf/],
    [["serve", "--live", "--kernel", DEMO_ELF, "-o", "-"], 2, /-o -: the standard streams are the server's/],
    [["serve", "--live", "--kernel", DEMO_ELF, "--events", "-"], 2, /--events -: the standard streams/],
    [["serve", "--live", "--kernel", DEMO_ELF, "--schedule", "-"], 2, /--schedule -: the standard streams/],
    [["serve", "--live", "--kernel", DEMO_ELF, "--gdb", "-"], 2, /--gdb -: the standard streams.*name a port/],
    [["serve", "missing.fold"], 66, /missing\.fold/],
    [["serve", RACE, "--port", "70000"], 2, /0 to 65535/],
    [["serve", RACE, "--token", "short"], 2, /8 to 200/],
    [["serve", RACE, "--allow-origin", "example.org"], 2, /https:\/\/example\.org/],
    [["serve", RACE, "--allow-origin", "https://example.org/path"], 2, /an origin is/],
    [["serve", RACE, "--host", "host.invalid", "--port", "0"], 76, /host\.invalid/],
    [["serve", ...Array.from({ length: 65 }, () => RACE)], 2, /at most 64 are served/],
  ] as const) {
    const answer = await foldvm(words);
    assert.is(answer.code, code, `${words.join(" ")}: ${answer.stderr}`);
    assert.match(answer.stderr, message);
  }
});

test.run();
