/** Where gdb is waited for, as it is typed. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { gdbPlace } from "../../src/cli/gdb-arguments.js";
import { UsageError } from "../../src/cli/problems.js";

const inet = (host: string, port: number): object => ({ type: "inet", host, port });

for (const [text, place] of [
  ["1234", inet("127.0.0.1", 1234)],
  [":1234", inet("127.0.0.1", 1234)],
  ["tcp::1234", inet("127.0.0.1", 1234)],
  ["tcp::1234,server=on,wait=off", inet("127.0.0.1", 1234)],
  ["0.0.0.0:65535", inet("0.0.0.0", 65535)],
  ["[::1]:1", inet("::1", 1)],
  ["unix:/tmp/gdb.sock", { type: "unix", path: "/tmp/gdb.sock" }],
  ["-", "stdio"],
  ["stdio", "stdio"],
  ["none", undefined],
] as const) {
  test(`given --gdb ${text}, when it is read, then gdb is waited for there`, () => {
    assert.equal(gdbPlace("--gdb", text), place);
  });
}

for (const text of ["", "0", ":65536", "localhost", "tcp:localhost:port", "unix:"]) {
  test(`given --gdb ${JSON.stringify(text)}, when it is read, then that is told`, () => {
    assert.throws(
      () => gdbPlace("--gdb", text),
      (fault: unknown) => fault instanceof UsageError && /give \[HOST:\]PORT/.test(fault.message),
    );
  });
}

test.run();
