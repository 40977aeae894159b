import { test } from "uvu";
import * as assert from "uvu/assert";

import { virtDeviceTree, withChosen } from "../../src/machine/device-tree.js";
import { encodeFdt } from "../../src/machine/fdt/encode.js";
import { cells, strings } from "../../src/machine/fdt/fdt.js";
import { findNode, findProperty } from "../support/fdt-query.js";

const MIB = 2 ** 20;
const tree = virtDeviceTree({ memoryBytes: 256 * MIB, harts: 2, virtio: [] });

test("given a machine of two harts, when its tree is made, then it has its memory and its harts", () => {
  assert.equal(findProperty(findNode(tree, "/memory@80000000"), "reg"), cells(0, 0x8000_0000, 0, 0x1000_0000));
  assert.ok(findNode(tree, "/cpus/cpu@1"));
  assert.is(findNode(tree, "/cpus/cpu@2"), undefined);
  assert.equal(findProperty(findNode(tree, "/cpus/cpu@0"), "mmu-type"), strings("riscv,sv39"));
});

test("given the tree, when all phandles are collected, then each is given once", () => {
  const phandles: string[] = [];
  const visit = (from: typeof tree): void => {
    const phandle = findProperty(from, "phandle");
    if (phandle !== undefined) phandles.push(phandle.join());
    from.children.forEach(visit);
  };
  visit(tree);
  assert.is(phandles.length, 6);
  assert.is(new Set(phandles).size, 6);
});

test("given nothing to say, when /chosen is set, then the tree is the same", () => {
  assert.is(withChosen(tree, { bootargs: "" }), tree);
});

test("given one seed, when the tree is made twice, then the blobs are equal; given another, then they differ", () => {
  const blob = (seed: number): Uint8Array =>
    encodeFdt({ root: withChosen(tree, { rngSeed: new Uint8Array(32).fill(seed) }) });
  assert.equal(blob(1), blob(1));
  assert.not.equal(blob(1), blob(2));
});

test.run();
