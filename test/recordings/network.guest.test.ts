// Debian on a network: its own driver and tools reach what they may and nothing else, and the recording needs no
// network.
// test-time-limit-seconds: 900
import { createHash, randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { debianMachine } from "../../scripts/debian/debian-machine.js";
import { PROMPT } from "../../scripts/debian/initramfs.js";
import type { NicOptions } from "../../src/streams/session/nics.js";
import { requiresDebian } from "../support/debian.js";
import { recordInNewProcess, replayOffline } from "../support/replay-process.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import { consoleTextOf } from "./console-text.js";

const NAME = "Debian on a network";
const FILE_BYTES = 400_000;
const SECRET = "only the guest says so";

const images = await requiresDebian(NAME);

const listening = async (body: Uint8Array): Promise<Server> => {
  const server = createServer((_, response) => response.end(body));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
};

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** What the guest sends to whoever comes to the forwarded port, once it does. */
const askGuest = async (port: number, isOver: () => boolean): Promise<string> => {
  while (!isOver()) {
    const heard = await new Promise<string>((resolve) => {
      let text = "";
      connect(port, "127.0.0.1")
        .on("data", (bytes) => (text += bytes.toString()))
        .on("error", () => undefined)
        .on("close", () => {
          resolve(text);
        });
    });
    if (heard !== "") return heard;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return "";
};

/** A port that was free a moment ago. */
const freePort = async (): Promise<number> => {
  const server = await listening(new Uint8Array());
  const port = portOf(server);
  server.close();
  return port;
};

if (images !== undefined) {
  // `replayOffline` ends with 99 as soon as a socket is opened or a router's timer is set.
  test("given Debian, when it fetches a file from the host and is asked from there, then it replays the same with no network", async () => {
    await withTemporaryFolder(async (folder) => {
      const file = randomBytes(FILE_BYTES);
      const allowed = await listening(file);
      const other = await listening(Buffer.from("not for you"));
      const forwarded = await freePort();
      const loopback = "127.0.0.1";
      const nic: NicOptions = {
        network: {
          type: "user",
          allow: [
            {
              protocol: "tcp",
              to: { address: loopback, bits: 32 },
              firstPort: portOf(allowed),
              lastPort: portOf(allowed),
            },
          ],
          forwards: [
            { protocol: "tcp", from: { address: loopback, port: forwarded }, to: { address: "10.0.2.15", port: 7000 } },
          ],
        },
      };
      const path = join(folder, "network.fold");
      let isOver = false;
      const asking = askGuest(forwarded, () => isOver);
      const recorded = await recordInNewProcess(
        {
          seed: 1,
          machine: { ...debianMachine({ ...images, initrd: images.initrdWithModules }), nics: [nic] },
          steps: [
            { awaits: PROMPT, types: "ip link set eth0 up; udhcpc -nqf -i eth0 >/dev/null && cat /etc/resolv.conf\n" },
            { awaits: PROMPT, types: "ping -c 2 10.0.2.2 | grep received; ip -4 addr show eth0 | grep inet\n" },
            {
              awaits: PROMPT,
              types: `wget -q -O /tmp/file http://10.0.2.2:${String(portOf(allowed))}/; sha256sum /tmp/file\n`,
            },
            { awaits: PROMPT, types: `wget -T 5 -O - http://10.0.2.2:${String(portOf(other))}/\n` },
            { awaits: PROMPT, types: "nslookup example.org; ping -c 1 -W 1 192.0.2.1\n" },
            { awaits: PROMPT, types: `echo '${SECRET}' | nc -l -p 7000; echo asked\n` },
            { awaits: PROMPT, types: "poweroff\n" },
          ],
          sequence: { checkpointInsns: 1 << 24 },
          timeLimitMs: 900_000,
        },
        path,
      ).finally(() => {
        isOver = true;
        allowed.close();
        other.close();
      });
      const console = await consoleTextOf(path);
      assert.is(await asking, `${SECRET}\n`, console);
      assert.match(console, "nameserver 10.0.2.3");
      assert.match(console, "2 packets received");
      assert.match(console, "inet 10.0.2.15/24");
      assert.match(console, createHash("sha256").update(file).digest("hex"));
      assert.match(console, "Connection refused");
      assert.not.match(console, "not for you");
      assert.match(console, "REFUSED");
      assert.match(console, "1 packets transmitted, 0 packets received");
      assert.equal(await replayOffline(path), recorded);
    });
  });
}

test.run();
