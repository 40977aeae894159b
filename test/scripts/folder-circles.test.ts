import { test } from "uvu";
import * as assert from "uvu/assert";

import { folderCircles } from "../../scripts/testing/folder-circles.js";

test("given two folders whose files need each other's, when looked for, then the circle is named, though no two files are one", () => {
  const imports = [
    ["src/isa/a.ts", "src/hart/b.ts"],
    ["src/hart/c.ts", "src/isa/d.ts"],
  ] as const;
  assert.equal(folderCircles(imports), [["src/isa", "src/hart", "src/isa"]]);
});

test("given a circle through a file beside the folders, when looked for, then it is found", () => {
  const imports = [
    ["src/hart/traced.ts", "src/machine.ts"],
    ["src/machine.ts", "src/engine/x.ts"],
    ["src/engine/x.ts", "src/hart/fields.ts"],
  ] as const;
  assert.equal(folderCircles(imports), [["src/hart", "src/machine.ts", "src/engine", "src/hart"]]);
});

test("given a folder and what lies above it, when they need each other, then that is no circle of the same level", () => {
  const imports = [
    ["src/machine/machine.ts", "src/machine/engine/engine.ts"],
    ["src/machine/engine/layout.ts", "src/machine/memory-map.ts"],
    ["src/machine/engine/a/b.ts", "src/machine/engine/engine.ts"],
  ] as const;
  assert.equal(folderCircles(imports), []);
});

test.run();
