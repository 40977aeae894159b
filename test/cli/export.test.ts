// A recording as a file of another tool: whole or not at all, and none is overwritten unasked.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { openRecording } from "../../src/streams/session/open-recording.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import { foldvm } from "./command-line.js";
import { signalled, withLongRecording } from "./long-recording.js";

const SESSION = "logs/session.fold";

test("given a form and a file, then what it has is there, and - is standard output", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.cast");
    const written = await foldvm(["export", SESSION, "--asciicast", path]);
    assert.is(written.code, 0, written.stderr);
    assert.match(written.stderr, `asciicast: ${path}, `);
    const piped = await foldvm(["export", SESSION, "--asciicast", "-"]);
    assert.is(piped.stdout, readFileSync(path, "utf8"));
    assert.is(piped.stderr, "");
  }));

test("given a part of a recording, then what was typed there alone is in it, at times from its beginning on", async () => {
  const race = ["export", "logs/race-fails.fold", "--asciicast", "-"];
  const part = await foldvm([...race, "--from", "seq:3", "--until", "seq:9"]);
  assert.is(part.code, 0, part.stderr);
  const events = part.stdout
    .split("\n")
    .slice(1, -1)
    .map((line) => JSON.parse(line) as [number, string, string]);
  const typed = openRecording("logs/race-fails.fold").eventsFrom(4);
  const letters = [...typed].flatMap((event) =>
    event.type === "uart16550/byteReceived" && event.seq <= 9 ? [String.fromCharCode(event.byte)] : [],
  );
  assert.ok(letters.length > 0);
  assert.is(events.map(([, , text]) => text).join(""), letters.join(""));
  assert.ok(events.every(([time]) => time < 0.01));
});

test("given signals that change no more in a part of a recording, then the dump lasts as long as the part", async () => {
  const race = ["export", "logs/race-fails.fold", "--vcd", "-", "--of", "hart0.msip", "--from", "/FAIL/"];
  const dump = await foldvm(race);
  assert.is(dump.code, 0, dump.stderr);
  const times = dump.stdout.split("\n").filter((line) => line.startsWith("#"));
  assert.equal(times, ["#12070047", "#12075018"]);
  assert.match((await foldvm([...race, "--until", "12071000"])).stdout, /\n#12071000\n$/);
});

test("given a file that is there, then it is kept", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "mine");
    writeFileSync(path, "mine");
    const { code, stderr } = await foldvm(["export", SESSION, "--asciicast", path]);
    assert.is(code, 73);
    assert.match(stderr, /mine exists already.*--force/);
    assert.is(readFileSync(path, "utf8"), "mine");
    assert.is((await foldvm(["export", SESSION, "--asciicast", path, "--force"])).code, 0);
  }));

test("given a place that has no room, or is none, then it says so with 73", () =>
  withTemporaryFolder(async (folder) => {
    for (const [place, says] of [
      ["/dev/full", /\/dev\/full can't be written: no space left on device/],
      [join(folder, "no/such/a.cast"), /a\.cast can't be written: no such file or directory/],
      [folder, /exists already/],
    ] as const) {
      const { code, stdout, stderr } = await foldvm(["export", SESSION, "--asciicast", place]);
      assert.equal([code, stdout], [73, ""], stderr);
      assert.match(stderr, says);
    }
    assert.equal(readdirSync(folder), []);
  }));

for (const [words, message] of [
  [[], /as what\? Give .*--asciicast/],
  [["--asciicast", "-", "--vcd", "-"], /--asciicast and --vcd: one at a time/],
  [["--asciicast", "a", "--asciicast", "b"], /--asciicast is given twice/],
  [["--perfeto", "a"], /no option --perfeto; is --perfetto meant/],
  [["--asciicast", ""], /--asciicast needs a value/],
  [["--firefox", "-", "--of", "main"], /--of: --firefox takes none/],
  [["--vcd", "-", "--of", "uart1655O"], /no signal is called uart1655O; .*uart16550.LSR/],
  [["--perfetto", "-", "--of", "/nothing_here/"], /no function's name matches/],
  [["--asciicast", "-", "--of", "uart1655"], /the machine has no console uart1655; uart16550/],
  [["--asciicast", SESSION, "--force"], /is FILE: write to another file|is what FILE names/],
] as const)
  test(`given export ${words.join(" ")}, then the message says what is wrong`, async () => {
    const { code, stderr } = await foldvm(["export", SESSION, ...words]);
    assert.is(code, 2, stderr);
    assert.match(stderr, message);
  });

test("given a signal on the way, then the command ends by it and leaves no file", () =>
  withLongRecording(async (recording, folder) => {
    const words = ["export", recording, "--asciicast", join(folder, "a.cast")];
    assert.is((await signalled(words, "SIGTERM")).code, 143);
    assert.equal(readdirSync(folder).sort(), ["kernel", "long.fold"]);
    assert.not(existsSync(join(folder, "a.cast")));
  }));

test.run();
