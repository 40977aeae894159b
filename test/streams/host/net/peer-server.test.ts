// Sockets at which one peer is served: what is in the way of one, who comes second, and a peer that does not read.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { peerServer } from "../../../../src/streams/host/net/peer-server.js";
import { socketFault } from "../../../../src/streams/host/net/socket-faults.js";
import { withTemporaryFolder } from "../../../support/temporary-folder.js";
import { eventually } from "../../net/fake-guest.js";

const served = async (path: string) => {
  const met: Socket[] = [];
  const server = await peerServer({ type: "unix", path }, { met: (peer) => met.push(peer), failed: () => undefined });
  return { server, met };
};

const codeOf = async (path: string): Promise<string | undefined> =>
  served(path).then(
    async ({ server }) => {
      await server.end();
      return undefined;
    },
    (fault: unknown) => (fault as NodeJS.ErrnoException).code,
  );

test("given a socket that a killed process left behind, when it is listened at, then it is taken over", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "socket");
    const killed = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
    spawnSync(process.execPath, ["-e", killed]);
    assert.ok(existsSync(path));
    assert.is(await codeOf(path), undefined);
    assert.not.ok(existsSync(path), "and is gone afterwards");
  }));

test("given a socket that somebody listens at, when it is listened at too, then it stays theirs", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "socket");
    const theirs = createServer((peer) => peer.on("error", () => undefined).end("theirs")).listen(path);
    await eventually(() => theirs.listening, "a server");
    assert.is(await codeOf(path), "EADDRINUSE");
    const said = await new Promise<string>((resolve) =>
      connect(path).on("data", (bytes) => {
        resolve(bytes.toString());
      }),
    );
    assert.is(said, "theirs");
    theirs.close();
  }));

test("given a file, when it is listened at, then it stays what it is, and the fault says so", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "file");
    writeFileSync(path, "precious");
    assert.is(await codeOf(path), "ENOTSOCK");
    assert.is(readFileSync(path, "utf8"), "precious");
    assert.is(await codeOf(join(folder, "no", "socket")), "ENOENT");
  }));

test("given a peer, when another comes, then it is turned away; after the first has gone, the next one is met", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "socket");
    const { server, met } = await served(path);
    const first = connect(path);
    await eventually(() => met.length === 1, "a peer");
    let isTurnedAway = false;
    connect(path).on("close", () => (isTurnedAway = true));
    await eventually(() => isTurnedAway, "the second's end");
    first.destroy();
    met[0]?.resume();
    await eventually(() => server.peer === undefined, "the first's end");
    const third = connect(path);
    await eventually(() => met.length === 2, "the third");
    third.destroy();
    await server.end();
  }));

test("given a peer that does not read, when the server ends, then that does not wait for it", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "socket");
    const { server, met } = await served(path);
    const peer = connect(path).on("error", () => undefined);
    peer.pause();
    await eventually(() => met.length === 1, "a peer");
    met[0]?.write(new Uint8Array(8 << 20));
    await server.end();
    peer.destroy();
  }));

test("given what the host says of a socket, then the message names the address and what to do", () => {
  const told = (code: string): string => socketFault("10.0.0.1:22", Object.assign(new Error("x"), { code })).message;
  for (const [code, what] of [
    ["EADDRINUSE", "is taken by another program: end that one, or name another address"],
    ["EACCES", "is not permitted"],
    ["ENOTFOUND", "is no host that can be found: check the name"],
    ["ECONNREFUSED", "has nobody who listens: start the other end first"],
    ["EMFILE", "ulimit -n"],
    ["EADDRNOTAVAIL", "is no address of this host"],
  ] as const) {
    assert.match(told(code), `10.0.0.1:22 `);
    assert.match(told(code), what);
    assert.match(told(code), `(${code})`);
  }
  assert.is(socketFault("a", new Error("never heard of")).message, "a can't be used: never heard of");
});

test.run();
