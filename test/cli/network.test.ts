// What a network card is plugged into, as the command line says it: what can't be is an error that says what to do.
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { guestElf } from "../support/guest-build.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import { eventually } from "../streams/net/fake-guest.js";
import { foldvm } from "./command-line.js";

/** It waits for what is typed, and so for ever. */
const GUEST = ["--bios", "none", "--kernel", guestElf("demo"), "--timeout", "60"];

test("given a network that can't be, when a guest is to run, then the error names what is wrong and what to do", () =>
  withTemporaryFolder(async (folder) => {
    const file = join(folder, "file");
    writeFileSync(file, "precious");
    const taken = createServer().listen(0, "127.0.0.1");
    await eventually(() => taken.listening, "a port");
    const port = String((taken.address() as AddressInfo).port);
    for (const [nic, code, complaint] of [
      [`user,hostfwd=tcp::${port}-:22`, 76, `hostfwd=tcp:127.0.0.1:${port} is taken by another program`],
      ["user,hostfwd=tcp:192.0.2.1:2222-:22", 76, "hostfwd=tcp:192.0.2.1:2222 is no address of this host"],
      ["user,hostfwd=udp:192.0.2.1:2222-:22", 76, "hostfwd=udp:192.0.2.1:2222 is no address of this host"],
      [`user,tftp=${join(folder, "nothing")}`, 76, `tftp=${join(folder, "nothing")} can't be served`],
      ["user,tftp=", 2, "tftp= takes a folder"],
      [`user,bootfile=${"b".repeat(128)}`, 2, "bootfile= takes at most 127 bytes"],
      [`user,hostname=${"h".repeat(256)}`, 2, "hostname= takes at most 255 bytes"],
      [`stream,addr.type=unix,addr.path=${join(folder, "nobody")}`, 76, "start the other end first"],
      [`stream,server=on,addr.type=unix,addr.path=${file}`, 76, `${file} is a file and no socket: name another path`],
      [`stream,server=on,addr.type=inet,addr.host=127.0.0.1,addr.port=${port}`, 76, "is taken by another program"],
    ] as const) {
      const { code: got, stderr } = await foldvm(["run", ...GUEST, "--nic", nic]);
      assert.is(got, code, `${nic}: ${stderr}`);
      assert.ok(stderr.includes(complaint), `${nic}: ${stderr}`);
    }
    taken.close();
  }));

test("given a folder and a file to boot from, when a guest without a network driver runs, then it runs", () =>
  withTemporaryFolder(async (folder) => {
    mkdirSync(join(folder, "boot"));
    const { code } = await foldvm([
      "run",
      ...GUEST,
      "--append",
      "poweroff",
      "--nic",
      `user,tftp=${join(folder, "boot")},bootfile=kernel`,
    ]);
    assert.is(code, 0);
  }));

test.run();
