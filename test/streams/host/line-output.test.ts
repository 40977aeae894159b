/** Lines for a reader who does not read: they never wait without bound, and readers of a server come and go. */
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { Writable } from "node:stream";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { MAX_UNREAD_LINE_BYTES, openLineOutput } from "../../../src/streams/host/line-output.js";
import { withTemporaryFolder } from "../../support/temporary-folder.js";

const LINE = `${"x".repeat(1023)}\n`;

test("given a reader who takes nothing, then it has no room once so many bytes wait, and room again when it reads", async () => {
  const taken: (() => void)[] = [];
  const stream = new Writable({
    write(_chunk, _encoding, done) {
      taken.push(done);
    },
  });
  const output = await openLineOutput({ kind: "stream", stream }, () => undefined);
  let lines = 0;
  for (; !output.isMet && lines < 10_000; lines += 1) output.write(LINE);
  assert.ok(lines * LINE.length >= MAX_UNREAD_LINE_BYTES);
  assert.ok(lines * LINE.length < 2 * MAX_UNREAD_LINE_BYTES);
  let changes = 0;
  output.changed$.subscribe(() => (changes += 1));
  for (let done = taken.shift(); done !== undefined; done = taken.shift()) {
    done();
    await new Promise(setImmediate);
  }
  assert.is(output.isMet, false);
  assert.ok(changes > 0);
});

test("given a server, then it has no room without a reader, and each reader has lines from its coming on", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "socket");
    const output = await openLineOutput({ kind: "unix", path, server: true }, () => undefined);
    for (const line of ["first\n", "second\n"]) {
      assert.is(output.isMet, true);
      output.write("lost\n");
      const room = new Promise<void>((resolve) => output.changed$.subscribe(resolve));
      const peer = connect(path);
      await room;
      assert.is(output.isMet, false);
      output.write(line);
      const [read] = (await once(peer, "data")) as [Buffer];
      assert.is(read.toString(), line);
      peer.destroy();
      while (!output.isMet) await new Promise(setImmediate);
    }
    await output.end();
  }));

test("given a stream that fails, then that is told once, and nobody waits for it", async () => {
  const faults: unknown[] = [];
  const stream = new Writable({
    write(_chunk, _encoding, done) {
      done(Object.assign(new Error("no space left on device"), { code: "ENOSPC" }));
    },
  });
  const output = await openLineOutput({ kind: "stream", stream }, (fault) => faults.push(fault));
  output.write(LINE);
  await new Promise((resolve) => setTimeout(resolve, 10));
  output.write(LINE);
  assert.is(faults.length, 1);
  assert.match(String(faults[0]), /standard output can't be written: no space left on device; make room/);
  assert.is(output.isMet, false);
  await output.end();
});

if (existsSync("/dev/full"))
  test("given a file that takes nothing, then what is wrong and what to do is said once", async () => {
    const fault = new Promise<unknown>((resolve) => {
      void openLineOutput({ kind: "file", path: "/dev/full" }, resolve).then((output) => {
        output.write(LINE);
      });
    });
    assert.match(String(await fault), /^OutputError: \/dev\/full can't be written: ENOSPC[^;]*; make room[^;]*$/);
  });

test.run();
