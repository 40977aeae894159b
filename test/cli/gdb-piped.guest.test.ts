/** A gdb that begins foldvm itself, over a pipe: forward, back, to both ends, and left. */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { openRecording } from "../../src/streams/session/open-recording.js";
import { DEMO_ELF } from "../support/demo-guest.js";
import { requires } from "../support/requires.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import { commandFile } from "./command-line.js";

const LOG = "logs/race-fails.fold";
const FOLDVM = `${process.execPath} ${commandFile()} replay ${LOG} --gdb -`;
const TIME_LIMIT_MS = 120_000;
const PATIENCE_MS = 500;

const PROLOGUE = `
import gdb
gdb.execute("set confirm off")
gdb.execute("set pagination off")
gdb.execute("set remotetimeout 60")
gdb.execute("target remote | ${FOLDVM}", to_string=True)
def say(command):
    try:
        print("@", gdb.execute(command, to_string=True).strip().replace("\\n", " / "), flush=True)
    except gdb.error as fault:
        print("@ error:", fault, flush=True)
`;

/**
 * What gdb printed, and what each command said. Where it prints that it goes on, Ctrl-C comes soon, to all of its group
 * as on a terminal. Rejects where gdb, or what it began, does not end.
 */
async function gdb(lines: readonly string[]): Promise<{ readonly text: string; readonly said: readonly string[] }> {
  return withTemporaryFolder(async (folder) => {
    const script = join(folder, "script.py");
    writeFileSync(script, [PROLOGUE, ...lines, ""].join("\n"));
    const words = ["-nx", "-batch", DEMO_ELF, "-x", script];
    const child = spawn("gdb-multiarch", words, { detached: true, stdio: ["ignore", "pipe", "inherit"] });
    const toAll = (signal: NodeJS.Signals): void => {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    };
    const limit = setTimeout(toAll, TIME_LIMIT_MS, "SIGKILL");
    let text = "";
    child.stdout.on("data", (part: Buffer) => {
      if (part.includes(GOING)) setTimeout(toAll, PATIENCE_MS, "SIGINT");
      text += part.toString();
    });
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    clearTimeout(limit);
    assert.is(code, 0, text);
    const said = text.split("\n").filter((line) => line.startsWith("@"));
    return { text, said: said.map((line) => line.slice(2)) };
  });
}

const GOING = "goes on";

const said = (command: string): string => `say(${JSON.stringify(command)})`;

if (requires("gdb over a pipe", ["gdb-multiarch"])) {
  test("given foldvm behind a pipe, when gdb goes to both ends and detaches, then it stands at them, and all end", async () => {
    const recording = openRecording(LOG);
    const end = String(recording.info.instructions);
    recording.close();
    const { text, said: answers } = await gdb([
      ...["continue", "monitor when", "reverse-continue", "monitor when", "monitor goto 5000", "detach"].map(said),
    ]);
    const [, atEnd = "", , atStart = "", gone = "", left = ""] = answers;
    assert.match(atEnd, new RegExp(`^at instruction ${end},`));
    assert.match(atStart, /^at instruction 0, event 0/);
    assert.is(text.match(/No more reverse-execution history/g)?.length, 2);
    assert.match(gone, /^at instruction 5000, .*maintenance flush register-cache/);
    assert.match(left, /\[Inferior 1 \(.*\) detached\]/);
  });

  test("given the lines for ~/.gdbinit of docs/gdb.md, when a command goes elsewhere, then gdb sees what is there", async () => {
    const recording = openRecording(LOG);
    const pc = recording.at(5000).harts[0]?.fields.pc ?? 0n;
    recording.close();
    const {
      said: [, shown],
    } = await gdb([
      `gdb.execute("define hookpost-monitor\\nmaintenance flush register-cache\\nmaintenance flush dcache\\nend")`,
      ...["monitor goto 5000", "print/x (unsigned long)$pc"].map(said),
    ]);
    assert.is(shown, `$1 = 0x${pc.toString(16)}`);
  });

  test("given a machine that goes on for gdb, when Ctrl-C comes to all of the terminal, then it stands, and goes on", async () => {
    const { text, said: answers } = await gdb([
      // gdb takes each step itself: that lasts.
      ...["set can-use-hw-watchpoints 0", "watch link.count"].map(said),
      `print("${GOING}", flush=True)`,
      ...["continue", "monitor when", "stepi", "monitor when", "kill"].map(said),
    ]);
    const [, , , stood, , stepped, killed = ""] = answers;
    const [before = NaN, after] = [stood, stepped].map((one) => Number(/instruction (\d+)/.exec(one ?? "")?.[1]));
    assert.match(text, /Program received signal SIGINT/);
    assert.is(after, before + 1);
    assert.match(killed, /killed/);
  });
}

test.run();
