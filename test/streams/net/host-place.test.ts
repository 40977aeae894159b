// Where the guest may go, and where that is on the host.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { placeOnHost } from "../../../src/streams/net/host-place.js";
import { parseReachRule } from "../../../src/streams/net/reach.js";
import { layoutOf } from "../../../src/streams/net/router-options.js";

const layout = layoutOf({});
const open = { restrict: false };

test("given everything allowed, when the guest goes to the host, then that is the host's loopback; elsewhere is as it says", () => {
  assert.equal(placeOnHost(open, layout, "tcp", "10.0.2.2", 80), { address: "127.0.0.1", port: 80 });
  assert.equal(placeOnHost(open, layout, "udp", "192.0.2.7", 53), { address: "192.0.2.7", port: 53 });
});

// The host may have neighbours with the very addresses of the guest's subnet: they are none of the guest's.
test("given everything allowed, when the guest goes to another address of its own subnet, then it goes nowhere", () => {
  for (const address of ["10.0.2.1", "10.0.2.3", "10.0.2.4", "10.0.2.15", "10.0.2.255", "10.0.2.0"])
    assert.is(placeOnHost(open, layout, "tcp", address, 80), undefined, address);
});

test("given everything allowed, when the guest goes to a loopback, a multicast or a reserved address, then it goes nowhere", () => {
  for (const address of ["127.0.0.1", "127.1.2.3", "0.0.0.0", "0.1.2.3", "224.0.0.1", "240.0.0.1", "255.255.255.255"])
    assert.is(placeOnHost(open, layout, "udp", address, 80), undefined, address);
});

test("given everything allowed, when the guest goes to port 0, then it goes nowhere", () => {
  for (const address of ["10.0.2.2", "192.0.2.7"])
    for (const protocol of ["tcp", "udp"] as const)
      assert.is(placeOnHost(open, layout, protocol, address, 0), undefined);
});

test("given rules, when the guest goes to the host, then they are about the loopback", () => {
  const rule = parseReachRule("tcp:127.0.0.1:80");
  const options = { allow: rule === undefined ? [] : [rule] };
  assert.equal(placeOnHost(options, layout, "tcp", "10.0.2.2", 80), { address: "127.0.0.1", port: 80 });
  assert.is(placeOnHost(options, layout, "tcp", "10.0.2.2", 81), undefined);
  assert.is(placeOnHost(options, layout, "udp", "10.0.2.2", 80), undefined);
  assert.is(placeOnHost({}, layout, "tcp", "10.0.2.2", 80), undefined, "nothing is allowed by itself");
});

test.run();
