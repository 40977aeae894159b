// test-time-limit-seconds: 600
/** Frames and the variables in them, against gdb on a program that runs in QEMU. */
import { execFileSync, spawn } from "node:child_process";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import type { FrameReader } from "../../../../../src/streams/past/names/name-source.js";
import { builtNames, NAMES_BUILDS, type Names } from "../../../../support/built-names.js";
import { agreeWithGdb, frameOf, tellingBy, toldIn, type GdbStack } from "../../../../support/gdb-frames.js";
import { guestCompilerFits } from "../../../../support/guest-build.js";
import { requires } from "../../../../support/requires.js";
import { withTemporaryFolder } from "../../../../support/temporary-folder.js";
import { listening } from "../../../../support/unix-sockets.js";

const MEMORY = 0x8000_0000n;

interface Stop extends GdbStack {
  readonly registers: readonly string[];
  readonly memory: string;
}

async function stopsOf(
  path: string,
  folder: string,
): Promise<{ readonly stacks: readonly Stop[]; readonly shapes: readonly string[] }> {
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
    await listening(socket);
    const commands = [
      "set confirm off",
      `target remote ${socket}`,
      "break main",
      "continue",
      ...tellingBy("gdb-stops"),
    ];
    execFileSync("gdb-multiarch", ["-nx", "-batch", ...commands.flatMap((one) => ["-ex", one]), path], {
      env: { ...process.env, OUTPUT: output, STOPS: "120", STEP: "7" },
      stdio: ["ignore", "ignore", "pipe"],
    });
  } finally {
    qemu.kill();
  }
  const { stacks, shapes } = toldIn(output);
  return { stacks: stacks as readonly Stop[], shapes };
}

/** From main inwards, by our rules, from registers and memory alone. */
function ownFrames(names: Names, { registers, memory, frames: theirs }: Stop): readonly FrameReader[] {
  const bytes = Buffer.from(memory, "hex");
  const read = (address: bigint, length: number): Uint8Array | undefined => {
    const at = Number(address - MEMORY);
    return at >= 0 && at + length <= bytes.length ? bytes.subarray(at, at + length) : undefined;
  };
  const pc = BigInt(theirs[0]?.pc ?? 0);
  const frames: FrameReader[] = [];
  let next: FrameReader | undefined = frameOf(names, { pc, read, register: (one) => BigInt(registers[one] ?? 0) });
  while (next !== undefined && frames.length < 40) {
    frames.push(next);
    const isMain: boolean = names.linesAt(next.pc - (frames.length > 1 ? 1n : 0n)).at(-1)?.function === "main";
    next = isMain ? undefined : next.caller?.();
  }
  return frames;
}

for (const flags of NAMES_BUILDS) {
  // Nothing tells there where an inlined function was called: gdb has no frames for it.
  if (flags.includes("-gdwarf-2")) continue;
  const name = `given the guest for names built with ${flags.join(" ")}, when gdb stops it, then frames and variables are gdb's`;
  if (!guestCompilerFits(name) || !requires(name, ["gdb-multiarch", "qemu-system-riscv64"])) continue;
  test(name, () =>
    withTemporaryFolder(async (folder) => {
      const { path, names } = await builtNames(folder, flags);
      const { stacks: stops, shapes } = await stopsOf(path, folder);
      const compared = stops.reduce((sum, stop) => {
        const theirs = stop.frames.slice(0, stop.frames.findIndex(({ name }) => name === "main") + 1);
        return sum + agreeWithGdb(names, ownFrames(names, stop), theirs, shapes);
      }, 0);
      assert.ok(stops.length > 60 && compared > 80, `${String(compared)} values at ${String(stops.length)} stops`);
    }),
  );
}

test.run();
