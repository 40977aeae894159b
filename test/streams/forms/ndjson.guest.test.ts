/** NDJSON of a run, as its documented readers take it: jq at a named pipe, and DuckDB of the file. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { output } from "../../../src/streams/past/query/index.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { commandFile } from "../../cli/command-line.js";
import { DEMO_ELF } from "../../support/demo-guest.js";
import { requiresDuckdb } from "../../support/duckdb.js";
import { requires } from "../../support/requires.js";
import { withTemporaryFolder } from "../../support/temporary-folder.js";

const RACE = [
  "--kernel",
  DEMO_ELF,
  "--memory",
  "8M",
  "--append",
  "race",
  "--script",
  "guests/demo/race.script",
  "--quiet",
];

const recorded = async (recording: string, place: string): Promise<void> => {
  const words = ["record", "-o", recording, ...RACE, "--events", place, "--events-of", "inputs,output"];
  const command = spawn(process.execPath, [commandFile(), ...words], { stdio: "ignore" });
  const code: unknown = (await once(command, "close"))[0];
  // Whether the demo loses its race depends on the host: then it panics.
  assert.ok(code === 0 || code === 1, String(code));
};

if (requires("jq reads a run's rows at a named pipe", ["jq"]))
  test("given jq at a named pipe, when a machine is recorded, then it prints the lines of its console", () =>
    withTemporaryFolder(async (folder) => {
      const [recording, pipe] = [join(folder, "a.fold"), join(folder, "rows")];
      execFileSync("mkfifo", [pipe]);
      const jq = spawn("jq", ["-r", 'select(.kind == "output") | .text', pipe], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const printed = text(jq.stdout);
      await recorded(recording, pipe);
      const lines = output(openRecording(recording)).toArray();
      assert.is(await printed, lines.map((line) => `${line.text}\n`).join(""));
    }));

const duckdb = requiresDuckdb("DuckDB reads a run's rows");
if (duckdb !== undefined)
  test("given DuckDB, when it reads the rows of a run, then it counts what was typed and printed", () =>
    withTemporaryFolder(async (folder) => {
      const [recording, rows] = [join(folder, "a.fold"), join(folder, "rows.ndjson")];
      await recorded(recording, rows);
      const opened = openRecording(recording);
      const typed = [...opened.eventsFrom()].filter(({ type }) => type === "uart16550/byteReceived").length;
      const printed = output(opened).toArray().length;
      assert.equal(duckdb(`select kind, count(*) from read_json_auto('${rows}') group by kind order by kind`), [
        `input|${String(typed)}`,
        `output|${String(printed)}`,
      ]);
    }));

test.run();
