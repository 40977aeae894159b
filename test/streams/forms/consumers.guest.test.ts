// Each form by a program that reads it and that we did not write.
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { output } from "../../../src/streams/past/query/index.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { foldvm } from "../../cli/command-line.js";
import { requires } from "../../support/requires.js";
import { parsedVcd, type Dump } from "./parsed-vcd.js";
import { withTemporaryFolder } from "../../support/temporary-folder.js";

const RACE = "logs/race-fails.fold";

async function exported(folder: string, ...words: readonly string[]): Promise<string> {
  const path = join(folder, "exported");
  const [form = "", ...more] = words;
  const { code, stderr } = await foldvm(["export", RACE, form, path, ...more]);
  assert.is(code, 0, stderr);
  return path;
}

if (requires("asciinema plays a cast", ["asciinema", "script"]))
  test("given a cast, when asciinema prints it, then that is what the console printed", () =>
    withTemporaryFolder(async (folder) => {
      const path = await exported(folder, "--asciicast");
      // It reads the terminal's keys, so it needs one.
      const { stdout } = spawnSync("script", ["-qec", `asciinema cat ${path}`, "/dev/null"], { encoding: "latin1" });
      const plain = (text: string): string => text.replace(/\r/g, "");
      assert.is(plain(stdout), plain(readFileSync("logs/race-fails.console.txt", "latin1")));
    }));

if (requires("protoc decodes a trace for Perfetto", ["protoc"]))
  test("given a trace, when protoc decodes it by Perfetto's protos, then all of it is known, and the lines are in it", () =>
    withTemporaryFolder(async (folder) => {
      const path = await exported(folder, "--perfetto", "--of", "/^link_/");
      const text = execFileSync(
        "protoc",
        ["-Itest/streams/forms/perfetto", "--decode=perfetto.protos.Trace", "trace.proto"],
        { input: readFileSync(path), encoding: "utf8", maxBuffer: 1 << 26 },
      );
      // What it does not know, it prints by number.
      assert.equal(
        text.split("\n").filter((line) => /^\s*\d+[: ]/.test(line)),
        [],
      );
      for (const { text: line } of output(openRecording(RACE)).toArray())
        assert.ok(text.includes(`name: ${JSON.stringify(line)}`), line);
    }));

if (requires("GTKWave's converter reads a dump", ["vcd2fst"]))
  test("given a dump, when GTKWave's tools make their own format of it and a dump of that, then it has the same values", () =>
    withTemporaryFolder(async (folder) => {
      const path = await exported(folder, "--vcd");
      const [fst, again] = [join(folder, "a.fst"), join(folder, "a.vcd")];
      execFileSync("vcd2fst", ["-v", path, "-f", fst], { stdio: "pipe" });
      execFileSync("fst2vcd", ["-f", fst, "-o", again], { stdio: "pipe" });
      const [ours, theirs] = [path, again].map((file) => parsedVcd(readFileSync(file, "utf8")));
      const sorted = (dump: Dump | undefined): readonly string[] => (dump?.changes ?? []).map(String).sort();
      assert.ok(sorted(ours).length > 30);
      assert.equal(sorted(theirs), sorted(ours));
      assert.equal(theirs?.widths, ours?.widths);
    }));

test.run();
