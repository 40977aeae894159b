// What a peer sends to a console at a Unix socket stays in the socket while the guest has no room for it.
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { BehaviorSubject } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { openCharacterDevice, type CharacterDevice } from "../../../src/streams/host/character-device.js";
import { withTemporaryFolder } from "../../support/temporary-folder.js";

const SENT_BYTES = 8 << 20;
/** What a socket's buffers hold on any kernel, and a chunk that was on its way. */
const BUFFERED_BYTES = 1 << 20;
const HOLDING_MS = 100;

const fail = (error: Error): never => {
  throw error;
};

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries += 1) {
    assert.ok(tries < 2000, "it took too long");
    await pause(5);
  }
}

/** The device and its peer, in both directions of connecting. */
async function joined(path: string, server: boolean): Promise<readonly [CharacterDevice, Socket, () => void]> {
  if (server) {
    const device = await openCharacterDevice({ kind: "unix", path, server }, fail);
    return [device, connect(path), () => undefined];
  }
  const peers: Socket[] = [];
  const listener = createServer((socket) => peers.push(socket));
  await new Promise<void>((resolve) => listener.listen(path, resolve));
  const device = await openCharacterDevice({ kind: "unix", path, server }, () => undefined);
  await until(() => peers.length > 0);
  return [device, peers[0]!, () => listener.close()];
}

// Negative control, tried once: red without the pause in held-stream.ts.
for (const server of [true, false])
  test(`given a console that ${server ? "listens" : "connects"}, when its peer sends more than there is room for, then the peer waits, and nothing is lost`, () =>
    withTemporaryFolder(async (folder) => {
      const [device, peer, close] = await joined(join(folder, "console"), server);
      peer.on("error", () => undefined);
      let isWritten = false;
      peer.write(Buffer.alloc(SENT_BYTES, "a"), () => (isWritten = true));
      // Also what came before anybody listened.
      await pause(HOLDING_MS);
      assert.not.ok(isWritten);
      const hasRoom$ = new BehaviorSubject(false);
      let received = 0;
      const listening = device.input$(hasRoom$).subscribe((bytes) => (received += bytes.length));
      await pause(HOLDING_MS);
      assert.is(received, 0);
      hasRoom$.next(true);
      await until(() => received > 0);
      hasRoom$.next(false);
      const some = received;
      await pause(HOLDING_MS);
      assert.ok(received - some < BUFFERED_BYTES, `${String(received)} after ${String(some)}`);
      hasRoom$.next(true);
      await until(() => received === SENT_BYTES);
      listening.unsubscribe();
      // What is on its way at the end holds nobody up.
      peer.write(Buffer.alloc(SENT_BYTES, "a"));
      await device.end();
      peer.destroy();
      close();
    }));

test("given a peer that goes and one that comes, then both are heard, and neither's end ends the input", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "console");
    const device = await openCharacterDevice({ kind: "unix", path, server: true }, fail);
    let received = "";
    let hasEnded = false;
    device.input$(new BehaviorSubject(true)).subscribe({
      next: (bytes) => (received += Buffer.from(bytes).toString()),
      complete: () => (hasEnded = true),
    });
    for (const text of ["first", "second"]) {
      await new Promise((resolve) => connect(path).once("close", resolve).end(text));
      await until(() => received.endsWith(text));
    }
    assert.is(received, "firstsecond");
    assert.not.ok(hasEnded);
    await device.end();
  }));

test.run();
