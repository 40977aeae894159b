// Where a client finds the sources of what it debugs.
import { resolve } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { SourcePaths } from "../../../src/streams/session/source-paths.js";
import { attached } from "../../support/dap-client.js";

test("given a program beside its sources, then they are found from its folder, or from one above", async () => {
  const paths = new SourcePaths({}, ["guests/demo/demo.elf"]);
  assert.equal(paths.sourceOf("demo/link.c"), { name: "link.c", path: resolve("guests/demo/link.c") });
  assert.equal(paths.sourceOf("link.c"), { name: "link.c", path: resolve("guests/demo/link.c") });
  const client = await attached({
    recording: "logs/race-fails.fold",
    symbols: ["guests/demo/demo.elf"],
    at: "8000000",
  });
  assert.is((await client.top()).source?.path, resolve("guests/demo/compute.c"));
});

test("given a file that a client set breakpoints in, then its path is the client's; a rule goes first", async () => {
  const client = await attached({ recording: "logs/race-fails.fold", at: "8000000" });
  await client.ask("setBreakpoints", { source: { path: "/elsewhere/demo/compute.c" }, breakpoints: [{ line: 15 }] });
  assert.is((await client.top()).source?.path, "/elsewhere/demo/compute.c");
  const paths = new SourcePaths({ demo: "/mapped" });
  paths.learn("demo/link.c", "/elsewhere/link.c");
  assert.is(paths.sourceOf("demo/link.c").path, "/mapped/link.c");
});

test.run();
