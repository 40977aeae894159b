import { spawnSync } from "node:child_process";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { decodeFdt, FdtError, MAX_BLOB_BYTES } from "../../../src/machine/fdt/decode.js";
import { encodeFdt } from "../../../src/machine/fdt/encode.js";
import { cells, cells64, empty, node, setProperty, strings, type FdtNode } from "../../../src/machine/fdt/fdt.js";
import { findNode, findProperty } from "../../support/fdt-query.js";
import { requires } from "../../support/requires.js";

const root = node(
  "",
  [["compatible", strings("a", "b")]],
  [
    node("soc", [["ranges", empty]], [node("serial@10", [["reg", cells64(0x1_0000_0002, 3)]])]),
    node("chosen", [["bootargs", strings("old")]]),
  ],
);
const reservations = [{ address: 0x8000_0000n, sizeBytes: 0x1000n }];

const codeOf = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    if (error instanceof FdtError) return error.code;
    throw error;
  }
  return "no error";
};

test("given a tree, when it is encoded and decoded, then it is the same tree", () => {
  assert.equal(decodeFdt(encodeFdt({ root, reservations, bootHartId: 2 })), { root, reservations, bootHartId: 2 });
});

test("given a tree, when a property is set, then it is replaced, or added to a node made for it, and the old tree stays", () => {
  const replaced = setProperty(root, "/chosen", "bootargs", strings("new"));
  assert.equal(findProperty(findNode(replaced, "/chosen"), "bootargs"), strings("new"));
  const added = setProperty(root, "/chosen/deep", "x", cells(1));
  assert.equal(findProperty(findNode(added, "/chosen/deep"), "x"), cells(1));
  assert.equal(findProperty(findNode(root, "/chosen"), "bootargs"), strings("old"));
  assert.is(findNode(root, "/chosen/deep"), undefined);
});

test("given a damaged blob, when it is decoded, then the error says what is wrong", () => {
  const blob = encodeFdt({ root });
  const changed = (offset: number, value: number): Uint8Array => {
    const copy = blob.slice();
    copy.set(cells(value), offset);
    return copy;
  };
  assert.is(
    codeOf(() => decodeFdt(new Uint8Array(100))),
    "FDT_NOT_FDT",
  );
  assert.is(
    codeOf(() => decodeFdt(new Uint8Array(0))),
    "FDT_NOT_FDT",
  );
  assert.is(
    codeOf(() => decodeFdt(blob.subarray(0, blob.length - 1))),
    "FDT_TRUNCATED",
  );
  assert.is(
    codeOf(() => decodeFdt(blob.subarray(0, 6))),
    "FDT_TRUNCATED",
  );
  assert.is(
    codeOf(() => decodeFdt(changed(20, 1))),
    "FDT_VERSION",
  );
  assert.is(
    codeOf(() => decodeFdt(changed(8, 0xffff_fff0))),
    "FDT_MALFORMED",
  );
  assert.is(
    codeOf(() => decodeFdt(changed(56, 7))),
    "FDT_MALFORMED",
  );
});

test("given names as long as they may be, when one has a byte more, then the blob is refused", () => {
  for (const named of [(name: string) => node("", [[name, empty]]), (name: string) => node("", [], [node(name, [])])]) {
    const blob = (bytes: number): Uint8Array => encodeFdt({ root: named("x".repeat(bytes)) });
    assert.ok(decodeFdt(blob(255)));
    assert.throws(() => decodeFdt(blob(256)), /is damaged: a name in it has more than 255 bytes/);
  }
});

test("given a blob of as many bytes as one may have, when it has one more, then it is refused", () => {
  const [root, blob] = [node("", [["model", strings("mine")]]), new Uint8Array(MAX_BLOB_BYTES + 1)];
  blob.set(encodeFdt({ root }));
  assert.equal(decodeFdt(blob.subarray(0, MAX_BLOB_BYTES)).root, root);
  assert.throws(
    () => decodeFdt(blob, "big.dtb"),
    (fault: unknown) =>
      fault instanceof FdtError && fault.message === "big.dtb has 16777217 bytes, and a tree at most 16777216.",
  );
});

test("given nodes as deep as they may be, when one is deeper, then the blob is refused", () => {
  const nested = (depth: number): FdtNode => (depth === 0 ? node("x", []) : node("x", [], [nested(depth - 1)]));
  assert.ok(decodeFdt(encodeFdt({ root: nested(64) })));
  assert.throws(() => decodeFdt(encodeFdt({ root: nested(65) })), /is damaged: its nodes nest deeper than 64/);
});

test("given any byte of a blob changed, when it is decoded, then it gives a tree or a typed error, and returns", () => {
  const blob = encodeFdt({ root, reservations });
  for (let offset = 0; offset < blob.length; offset += 1) {
    for (const value of [0, 1, 0x7f, 0xff]) {
      const copy = blob.slice();
      copy[offset] = value;
      codeOf(() => decodeFdt(copy));
    }
  }
});

if (requires("dtc reads what we encode", ["dtc"])) {
  test("given our blob, when dtc decompiles it, then it prints the tree", () => {
    const input = encodeFdt({ root, reservations });
    const { stdout, status } = spawnSync("dtc", ["-q", "-I", "dtb", "-O", "dts"], { input, encoding: "utf8" });
    assert.is(status, 0);
    assert.is(
      stdout.replaceAll("\t", "  "),
      `/dts-v1/;

/memreserve/\t0x0000000080000000 0x0000000000001000;
/ {
  compatible = "a\\0b";

  soc {
    ranges;

    serial@10 {
      reg = <0x01 0x02 0x00 0x03>;
    };
  };

  chosen {
    bootargs = "old";
  };
};
`.replaceAll("\t", "  "),
    );
  });

  test("given a blob of dtc, when it is decoded, then names and values are those of its source", () => {
    const input = `/dts-v1/; /memreserve/ 0x1000 0x20; / { a = <1 2>; b { c = "x", "y"; d; }; };`;
    const { stdout } = spawnSync("dtc", ["-q", "-I", "dts", "-O", "dtb", "-S", "4096"], { input });
    const fdt = decodeFdt(new Uint8Array(stdout));
    const b = node("b", [
      ["c", strings("x", "y")],
      ["d", empty],
    ]);
    assert.equal(fdt.root, node("", [["a", cells(1, 2)]], [b]));
    assert.equal(fdt.reservations, [{ address: 0x1000n, sizeBytes: 0x20n }]);
  });
}

test.run();
