// The host's disk is full while a machine is recorded: here by the shell's limit on a file's size, which the kernel enforces.
import { spawnSync } from "node:child_process";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { withTemporaryFolder } from "../support/temporary-folder.js";
import { spinning } from "../support/tiny-guests.js";

const COMMAND = fileURLToPath(new URL("./cli-process.ts", import.meta.url));
const KIB = 16;
/** So many that what a second brings is a segment that the limit has room for, on a fast host too. */
const CHECKPOINT_INSNS = 300_000;

// Negative control: without the ftruncate in `fileSink` the file ended within a segment, at the very limit.
test("given a disk that gets full, when a machine is recorded, then the message says so, and what was recorded replays", () =>
  withTemporaryFolder((folder) => {
    const [kernel, recording] = [join(folder, "kernel"), join(folder, "run.fold")];
    writeFileSync(kernel, spinning());
    const foldvm = (...words: readonly string[]): string[] => [process.execPath, "--import", "tsx", COMMAND, ...words];
    const recorded = spawnSync(
      "bash",
      [
        "-c",
        `ulimit -f ${String(KIB)}; exec "$@"`,
        "bash",
        ...foldvm(
          "record",
          "-o",
          recording,
          "--kernel",
          kernel,
          "-m",
          "2M",
          "--checkpoint",
          String(CHECKPOINT_INSNS),
          "--timeout",
          "120",
        ),
      ],
      { encoding: "utf8" },
    );
    assert.is(recorded.status, 73, recorded.stderr);
    assert.match(recorded.stderr, /run\.fold: EFBIG.*what was recorded before is kept in it, make room/);
    assert.ok(statSync(recording).size < KIB * 1024, "the part of a segment is taken back");
    const [node = "", ...rest] = foldvm("verify", recording, "--quiet", "--json");
    const verified = spawnSync(node, rest, { encoding: "utf8" });
    assert.is(verified.status, 0, verified.stderr);
    const { ok, complete, stateHashes } = JSON.parse(verified.stdout) as Record<string, unknown>;
    assert.equal([ok, complete], [true, false]);
    assert.ok(Number(stateHashes) > 100);
  }));

test.run();
