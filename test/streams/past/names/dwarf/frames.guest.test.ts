// test-time-limit-seconds: 600
/** Frames and the variables in them, against gdb on a program that runs in QEMU. */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { frameWithin } from "../../../../../src/streams/past/names/frame.js";
import { bytesAt, signedOf } from "../../../../../src/streams/past/names/location-bytes.js";
import type { FrameReader, Variable } from "../../../../../src/streams/past/names/name-source.js";
import { bytesOf, plain } from "../../../../../src/streams/past/names/type-layout.js";
import { builtNames, NAMES_BUILDS, type Names } from "../../../../support/built-names.js";
import { guestCompilerFits } from "../../../../support/guest-build.js";
import { requires } from "../../../../support/requires.js";
import { withTemporaryFolder } from "../../../../support/temporary-folder.js";

const SCRIPT = fileURLToPath(new URL("gdb-stops.py", import.meta.url));
const MEMORY = 0x8000_0000n;

interface Told {
  readonly number?: string;
  readonly address?: string;
  readonly bytes?: number;
}

interface GdbFrame {
  readonly pc: string;
  readonly name: string | null;
  readonly isInline: boolean;
  readonly variables: readonly { readonly name: string; readonly isParameter: boolean; readonly is: Told | null }[];
}

interface Stop {
  readonly registers: readonly string[];
  readonly memory: string;
  readonly frames: readonly GdbFrame[];
}

async function stopsOf(path: string, folder: string): Promise<readonly Stop[]> {
  const socket = join(folder, "gdb");
  const output = join(folder, "stops");
  const qemu = spawn(
    "qemu-system-riscv64",
    [
      ...["-machine", "virt", "-m", "64M", "-bios", "none", "-kernel", path, "-display", "none", "-monitor", "none"],
      ...[
        "-serial",
        "null",
        "-S",
        "-chardev",
        `socket,path=${socket},server=on,wait=off,id=gdb`,
        "-gdb",
        "chardev:gdb",
      ],
    ],
    { stdio: "ignore" },
  );
  try {
    while (!existsSync(socket)) await after(20);
    const commands = ["set confirm off", `target remote ${socket}`, "break main", "continue", `source ${SCRIPT}`];
    execFileSync("gdb-multiarch", ["-nx", "-batch", ...commands.flatMap((one) => ["-ex", one]), path], {
      env: { ...process.env, OUTPUT: output, STOPS: "120", STEP: "7" },
      stdio: ["ignore", "ignore", "pipe"],
    });
  } finally {
    qemu.kill();
  }
  return readFileSync(output, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Stop);
}

/** The frames of a stop by our rules, from registers and memory alone. */
function ownFrames(names: Names, { registers, memory, frames: theirs }: Stop): readonly FrameReader[] {
  const bytes = Buffer.from(memory, "hex");
  const read = (address: bigint, length: number): Uint8Array | undefined => {
    const at = Number(address - MEMORY);
    return at >= 0 && at + length <= bytes.length ? bytes.subarray(at, at + length) : undefined;
  };
  const frameOf = (pc: bigint, isCall: boolean, register: FrameReader["register"]): FrameReader => {
    const rules = names.unwindRules(isCall ? pc - 1n : pc);
    const frame: FrameReader = {
      pc,
      isCaller: isCall,
      register,
      read,
      canonicalFrameAddress: () => rules?.canonicalFrameAddress(frame),
      caller: () => {
        const address = frame.canonicalFrameAddress();
        if (rules === undefined || address === undefined) return undefined;
        const back = rules.register(rules.returnRegister, frame, address);
        return back === undefined ? undefined : frameOf(back, true, (one) => rules.register(one, frame, address));
      },
    };
    return frame;
  };
  const frames: FrameReader[] = [];
  const pc = BigInt(theirs[0]?.pc ?? 0);
  let next: FrameReader | undefined = frameOf(pc, false, (register) => BigInt(registers[register] ?? 0));
  while (next !== undefined && frames.length < 40) {
    frames.push(next);
    const isMain: boolean = names.linesAt(next.pc - (frames.length > 1 ? 1n : 0n)).at(-1)?.function === "main";
    next = isMain ? undefined : next.caller?.();
  }
  return frames;
}

/** Answers how many values were compared. */
function agree(names: Names, stop: Stop): number {
  const theirs = stop.frames.slice(0, stop.frames.findIndex(({ name }) => name === "main") + 1);
  const own = ownFrames(names, stop).flatMap((frame, depth) => {
    const at = depth === 0 ? frame.pc : frame.pc - 1n;
    return names.linesAt(at).map((line, index) => ({ frame: frameWithin(frame, index), at, name: line.function }));
  });
  const place = `pc 0x${BigInt(stop.frames[0]?.pc ?? 0).toString(16)}`;
  let compared = 0;
  assert.equal(
    own.map(({ frame, name }) => `${String(frame.pc)} ${String(name)}`),
    theirs.map(({ pc, name }) => `${pc} ${String(name)}`),
    place,
  );
  for (const [depth, { frame, at }] of own.entries()) {
    const expected = theirs[depth]?.variables ?? [];
    const found = names.variablesAt(at, frame.within);
    // A variable of a block that an inlined function has again is twice in gdb's list.
    const unique = (all: readonly { readonly name: string }[]): readonly string[] =>
      [...new Set(all.map(({ name }) => name))].sort();
    assert.equal(unique(found), unique(expected), place);
    for (const variable of expected) {
      const ours = found.find(({ name }) => name === variable.name);
      assert.is(ours?.isParameter, variable.isParameter);
      if (ours !== undefined && agrees(ours, variable.is, frame, depth, `${place}, frame ${String(depth)}`))
        compared += 1;
    }
  }
  return compared;
}

/** False: nothing is to be compared. */
function agrees(ours: Variable, theirs: Told | null, frame: FrameReader, depth: number, place: string): boolean {
  const what = `${place}, ${ours.name}`;
  const location = ours.locate(frame);
  const bytes = bytesOf(ours.type);
  if (theirs?.address !== undefined) {
    if (location === undefined) return false;
    assert.equal([location, bytes], [{ kind: "memory", address: BigInt(theirs.address) }, theirs.bytes], what);
    return true;
  }
  if (theirs?.number === undefined) return false;
  const read = location && bytesAt(location, bytes, frame);
  // Gdb takes a caller's other registers for unchanged; the calling convention says that they are lost.
  if (read === undefined && depth > 0) return false;
  assert.ok(read, `${what} is ${theirs.number}, and not known here`);
  const type = plain(ours.type);
  assert.is(String(signedOf(read, "isSigned" in type && type.isSigned)), theirs.number, what);
  assert.is(bytes, theirs.bytes, what);
  return true;
}

for (const flags of NAMES_BUILDS) {
  // Nothing tells there where an inlined function was called: gdb has no frames for it.
  if (flags.includes("-gdwarf-2")) continue;
  const name = `given the guest for names built with ${flags.join(" ")}, when gdb stops it, then frames and variables are gdb's`;
  if (!guestCompilerFits(name) || !requires(name, ["gdb-multiarch", "qemu-system-riscv64"])) continue;
  test(name, () =>
    withTemporaryFolder(async (folder) => {
      const { path, names } = await builtNames(folder, flags);
      const stops = await stopsOf(path, folder);
      const compared = stops.reduce((sum, stop) => sum + agree(names, stop), 0);
      assert.ok(stops.length > 60 && compared > 80, `${String(compared)} values at ${String(stops.length)} stops`);
    }),
  );
}

test.run();
