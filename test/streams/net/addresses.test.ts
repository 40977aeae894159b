// What counts as an IPv4 address and a subnet.
import { isIPv4 } from "node:net";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { isAddress, parseSubnet } from "../../../src/streams/net/addresses.js";

test("given texts, when they are looked at, then an address is what Node takes for one", () => {
  const parts = [
    "0",
    "1",
    "9",
    "10",
    "99",
    "100",
    "199",
    "200",
    "249",
    "250",
    "255",
    "256",
    "260",
    "300",
    "01",
    "00",
    "",
  ];
  for (const part of parts)
    for (const text of [`${part}.0.2.15`, `10.${part}.2.15`, `10.0.2.${part}`, `10.0.${part}`, `1.2.3.4.${part}`])
      assert.is(isAddress(text), isIPv4(text), text);
  for (const text of ["", ".", "1.2.3.4.", ".1.2.3.4", "1..3.4", " 1.2.3.4", "1.2.3.4\n", "::1", "0x1.2.3.4", "1.2.3"])
    assert.is(isAddress(text), isIPv4(text), JSON.stringify(text));
});

test("given subnets, when they are parsed, then bits and address must be right", () => {
  assert.equal(parseSubnet("10.0.2.0/24"), { address: "10.0.2.0", bits: 24 });
  assert.equal(parseSubnet("10.0.2.1"), { address: "10.0.2.1", bits: 32 });
  for (const wrong of ["10.0.2.0/33", "10.0.2.0/", "10.0.2/24", "10.0.2.0/24/1", "/24"])
    assert.is(parseSubnet(wrong), undefined, wrong);
});

test.run();
