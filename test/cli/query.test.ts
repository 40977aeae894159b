import { test } from "uvu";
import * as assert from "uvu/assert";

import { foldvm } from "./command-line.js";

const FAILS = "logs/race-fails.fold";

const rowsOf = async (...words: readonly string[]): Promise<readonly Record<string, unknown>[]> => {
  const { code, stdout, stderr } = await foldvm(["query", FAILS, ...words, "--json"]);
  assert.is(code, 0, stderr);
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
};

test("given a device's name or its addresses, when it is asked for, then the rows are its loads and stores", async () => {
  const byName = await rowsOf("devices", "uart16550", "--limit", "5");
  const [first] = byName;
  assert.equal(Object.keys(first ?? {}).sort(), [
    ...["access", "address", "bytes", "device", "function", "hart", "icount", "line", "ns", "pc", "seq", "value"],
  ]);
  assert.is(first?.["device"], "uart16550");
  assert.equal(await rowsOf("devices", "0x10000000:256", "--limit", "5"), byName);
});

test("given CSRs, when their writes are asked for, then each row has its name, what was there, and what comes", async () => {
  const [row] = await rowsOf("csrs", "mtvec", "--first");
  assert.is(row?.["csr"], "mtvec");
  assert.is(row?.["before"], "0");
  assert.match(String(row?.["value"]), /^\d+$/);
});

test("given a name that is none, then the error names those that are near", async () => {
  const device = await foldvm(["query", FAILS, "devices", "uart"]);
  assert.is.not(device.code, 0);
  assert.match(device.stderr, /no device uart; .*uart16550/);
  const csr = await foldvm(["query", FAILS, "csrs", "stap"]);
  assert.match(csr.stderr, /stap.*did you mean satp/s);
});

test.run();
