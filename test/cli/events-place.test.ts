/** --events: a run tells what happens at a place, the same rows as `foldvm events --of` of its recording. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import { HTTP, type CloudEvent } from "cloudevents";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { DEMO_ELF } from "../support/demo-guest.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import { commandFile, foldvm } from "./command-line.js";

const OF = "inputs,predicted,output,calls main,traps breakpoint,mei";
const RUN = ["--memory", "8M", "--seed", "events", "--quiet", "--append", "race"];
const SCRIPT = ["--script", "guests/demo/race.script"];

const READ_SOCKET = "require('node:net').connect(process.argv[1]).pipe(process.stdout)";

const withKernel = async (work: (folder: string, machine: readonly string[]) => Promise<void>): Promise<void> =>
  withTemporaryFolder(async (folder) => {
    await work(folder, ["--kernel", DEMO_ELF, ...RUN, ...SCRIPT]);
  });

/** With the guest's own verdict: whether a letter of the race is lost depends on when it comes. */
const requireEnded = (code: unknown, said?: string): void => {
  assert.ok(code === 0 || code === 1, said ?? String(code));
};

const ofRecording = async (file: string, of = OF): Promise<string> => {
  const { code, stdout, stderr } = await foldvm(["events", file, "--of", of]);
  assert.is(code, 0, stderr);
  return stdout;
};

test("given --events FILE, when a machine is recorded, then it has what foldvm events --of says of the recording", () =>
  withKernel(async (folder, machine) => {
    const [recording, rows] = [join(folder, "a.fold"), join(folder, "rows.ndjson")];
    const { code, stderr } = await foldvm([
      ...["record", "-o", recording, ...machine],
      ...["--events", rows, "--events-of", OF],
    ]);
    requireEnded(code, stderr);
    const told = readFileSync(rows, "utf8");
    assert.is(told, await ofRecording(recording));
    const kinds = new Set(lines(told).map(({ kind }) => kind));
    assert.equal([...kinds].sort(), ["calls", "input", "output", "predicted", "traps"]);
  }));

test("given --events with a named pipe, then its reader gets the same", () =>
  withKernel(async (folder, machine) => {
    const [recording, pipe] = [join(folder, "a.fold"), join(folder, "pipe")];
    execFileSync("mkfifo", [pipe]);
    const reader = spawn("cat", [pipe], { stdio: ["ignore", "pipe", "inherit"] });
    const read = text(reader.stdout);
    const words = ["record", "-o", recording, ...machine, "--events", pipe, "--events-of", OF];
    const command = spawn(process.execPath, [commandFile(), ...words], { stdio: "ignore" });
    requireEnded((await once(command, "close"))[0]);
    assert.is(await read, await ofRecording(recording));
  }));

test("given --events unix:PATH,server=off, then who listens there gets the same", () =>
  withKernel(async (folder, machine) => {
    const [recording, path] = [join(folder, "a.fold"), join(folder, "socket")];
    const server = createServer().listen(path);
    const met = once(server, "connection");
    const words = ["record", "-o", recording, ...machine, "--events", `unix:${path},server=off`, "--events-of", OF];
    const command = spawn(process.execPath, [commandFile(), ...words], { stdio: "ignore" });
    const [peer] = (await met) as [Socket];
    const read = text(peer);
    requireEnded((await once(command, "close"))[0]);
    assert.is(await read, await ofRecording(recording));
    server.close();
  }));

test("given --events unix:PATH,wait=on, then the machine begins once there is a reader, who gets the same", () =>
  withKernel(async (folder, machine) => {
    const [recording, path] = [join(folder, "a.fold"), join(folder, "socket")];
    const words = ["record", "-o", recording, ...machine.filter((word) => word !== "--quiet")];
    const rows = ["--events", `unix:${path},wait=on`, "--events-of", OF];
    const command = spawn(process.execPath, [commandFile(), ...words, ...rows], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const closed = once(command, "close");
    let said = "";
    for await (const part of command.stderr) if ((said += String(part)).includes("waiting for a reader at")) break;
    const reader = spawn("node", ["-e", READ_SOCKET, path], { stdio: ["ignore", "pipe", "inherit"] });
    const read = text(reader.stdout);
    requireEnded((await closed)[0], said);
    assert.is(await read, await ofRecording(recording));
    const both = await foldvm(["run", ...machine, "--events", `unix:${path},server=off,wait=on`]);
    assert.match(both.stderr, /--events wait=on: who listens waits; leave server=off out/);
    assert.is(both.code, 2);
  }));

test("given --events -, when the console is elsewhere, then standard output has the rows and nothing else", () =>
  withKernel(async (folder, machine) => {
    const recording = join(folder, "a.fold");
    const words = ["record", "-o", recording, ...machine.slice(0, -SCRIPT.length), "--timeout", "1"];
    const places = ["--serial", `file:${join(folder, "console")}`, "--events", "-", "--events-of", OF];
    const { code, stdout, stderr } = await foldvm([...words, "--timeout-exit-code", "0", ...places]);
    assert.is(code, 0, stderr);
    assert.is(stdout, await ofRecording(recording));
  }));

test("given --events - on the console's standard output, then an error says so, and nothing is recorded", () =>
  withKernel(async (folder, machine) => {
    const recording = join(folder, "a.fold");
    const { code, stderr } = await foldvm(["record", "-o", recording, ...machine, "--events", "-"]);
    assert.is(code, 2);
    assert.match(
      stderr,
      /the events \(--events -\): end each console elsewhere, .*typed, piped or by --script, name a file/,
    );
    const both = await foldvm(["record", "-o", "-", ...machine, "--events", "-"]);
    assert.match(both.stderr, /--events -: standard output is the recording's/);
  }));

test("given a pipe that nobody reads, or a socket that is taken, then it says so before anything runs", () =>
  withKernel(async (folder, machine) => {
    const [pipe, path] = [join(folder, "pipe"), join(folder, "socket")];
    execFileSync("mkfifo", [pipe]);
    const unread = await foldvm(["run", ...machine, "--events", pipe]);
    assert.is(unread.code, 73);
    assert.match(unread.stderr, /pipe is a pipe that nobody reads: begin its reader first/);
    const server = createServer().listen(path);
    await once(server, "listening");
    const taken = await foldvm(["run", ...machine, "--events", `unix:${path}`]);
    assert.is(taken.code, 73);
    assert.match(taken.stderr, /socket is taken by another program/);
    server.close();
    const alone = await foldvm(["run", ...machine, "--events", `unix:${join(folder, "none")},server=off`]);
    assert.match(alone.stderr, /is not there: start the other end first/);
  }));

test("given a reader who goes, then that is said, and the recording is whole", () =>
  withKernel(async (folder, machine) => {
    const [recording, pipe] = [join(folder, "a.fold"), join(folder, "pipe")];
    execFileSync("mkfifo", [pipe]);
    const reader = spawn("head", ["-n", "1", pipe], { stdio: ["ignore", "ignore", "inherit"] });
    const words = ["record", "-o", recording, ...machine.filter((word) => word !== "--quiet")];
    const rows = ["--events", pipe, "--events-of", "devices,csrs,traps"];
    const command = spawn(process.execPath, [commandFile(), ...words, ...rows], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const said = text(command.stderr);
    requireEnded((await once(command, "close"))[0]);
    reader.kill();
    assert.match(await said, /--events: nobody reads .*pipe any more; the run goes on without it/);
    assert.is((await foldvm(["verify", recording, "--quiet"])).code, 0);
  }));

test("given a disk that gets full of rows, then that is said, no line is cut, and the recording is whole", () =>
  withKernel(async (folder, machine) => {
    const [recording, rows] = [join(folder, "a.fold"), join(folder, "rows")];
    const words = ["record", "-o", recording, ...machine, "--events", rows, "--events-of", "devices"];
    const { status, stderr } = spawnSync(
      "bash",
      ["-c", `ulimit -f 80; exec "$@"`, "bash", process.execPath, commandFile(), ...words],
      { encoding: "utf8" },
    );
    assert.is(status, 73, stderr);
    assert.match(stderr, /rows can.t be written: EFBIG.*; make room, or send it elsewhere/);
    const told = lines(readFileSync(rows, "utf8"));
    assert.ok(told.length > 10);
    assert.is((await foldvm(["verify", recording, "--quiet"])).code, 0);
  }));

test("given --webhook, when a machine is recorded, then its receiver has the rows; without one, the recording is whole", () =>
  withKernel(async (folder, machine) => {
    const recording = join(folder, "a.fold");
    const got: string[] = [];
    const server = createHttpServer((request, response) => {
      void text(request).then((body) => {
        const { data } = HTTP.toEvent({ headers: request.headers, body }) as CloudEvent;
        got.push(JSON.stringify(data));
        response.writeHead(204).end();
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`;
    const words = ["record", "-o", recording, ...machine, "--webhook", url, "--webhook-mode", "binary"];
    const { code, stderr } = await foldvm([...words, "--events-of", OF]);
    requireEnded(code, stderr);
    assert.is(got.map((line) => `${line}\n`).join(""), await ofRecording(recording));
    server.closeAllConnections();
    server.close();
    await once(server, "close");
    const rows = ["--events-of", "calls main", "--force"];
    const alone = await foldvm(["record", "-o", recording, ...machine, "--webhook", url, ...rows]);
    assert.is(alone.code, 73);
    assert.match(alone.stderr, /1 of 1 events were not delivered \(the first: connect ECONNREFUSED/);
    assert.is((await foldvm(["verify", recording, "--quiet"])).code, 0);
  }));

test("given rows that do not exist, then the nearest are named", async () => {
  const { stderr } = await foldvm(["run", "--kernel", "x", "--events", "x", "--events-of", "inputs,trap"]);
  assert.match(stderr, /there are no rows "trap"; is traps meant\?/);
  assert.match((await foldvm(["run", "--kernel", "x", "--events-of", "traps"])).stderr, /--events-of: say where/);
  const needs = await foldvm(["run", "--kernel", "x", "--events", "x", "--events-of", "calls"]);
  assert.match(needs.stderr, /calls: of what\?/);
});

const lines = (ndjson: string): readonly Record<string, unknown>[] =>
  ndjson
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test.run();
