/** The address that a server says it is at: one that whoever is to come can open. */
import type { NetworkInterfaceInfo } from "node:os";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { reachedAt } from "../../../src/streams/server/reached-at.js";

const addressOf = (address: string, internal: boolean, scopeid = 0): NetworkInterfaceInfo => {
  const rest = { address, internal, netmask: "", mac: "", cidr: null };
  return address.includes(":") ? { ...rest, family: "IPv6", scopeid } : { ...rest, family: "IPv4" };
};

const LO = [addressOf("127.0.0.1", true), addressOf("::1", true)];
const LINK_LOCAL = addressOf("fe80::1", false, 2);

test("given the address that is listened on, then it is reached there, and of all at one that others can open", () => {
  const network = { lo: LO, eth0: [LINK_LOCAL, addressOf("2001:db8::7", false), addressOf("192.0.2.7", false)] };
  const six = { lo: LO, eth0: [LINK_LOCAL, addressOf("2001:db8::7", false)] };
  for (const [host, interfaces, url] of [
    ["127.0.0.1", network, "http://localhost:80"],
    ["::1", network, "http://localhost:80"],
    ["192.0.2.9", network, "http://192.0.2.9:80"],
    ["2001:db8::9", network, "http://[2001:db8::9]:80"],
    ["0.0.0.0", network, "http://192.0.2.7:80"],
    ["::", six, "http://[2001:db8::7]:80"],
    ["0.0.0.0", { lo: LO }, "http://localhost:80"],
  ] as const)
    assert.is(
      reachedAt(host, 80, () => ({ ...interfaces })),
      url,
    );
});

test.run();
