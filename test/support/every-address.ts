/**
 * Frames, variables and values at every address of a program, against gdb. A core has a thread for each address, with
 * registers and a stack of chance, so that gdb says of each what it would say of a program that stands there.
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import * as assert from "uvu/assert";

import { hartState } from "../../src/machine/hart/registers.js";
import { headersOf } from "../../src/streams/past/core/elf-core.js";
import { notesOf } from "../../src/streams/past/core/notes.js";
import { instructionOf } from "../../src/streams/past/names/frame.js";
import type { FrameReader, NameSource } from "../../src/streams/past/names/name-source.js";
import { binutils, codeAddresses } from "./built-names.js";
import { agreeWithGdb, callsOf, frameOf, tellingBy, toldIn, type Rules } from "./gdb-frames.js";
import { oneOf, seededRandom, type Random } from "./seeded-random.js";

const STACKS = 0x2_0000_0000n;
/** Of each thread: what has larger frames finds another one's, which is as good. */
const STACK_BYTES = 512;
/** The innermost, and who called. */
const FRAMES = 3;

const [ZERO, RA, SP, FP] = [0, 1, 2, 8] as const;

interface Thread {
  readonly pc: bigint;
  readonly x: readonly bigint[];
  readonly f: readonly bigint[];
}

interface Stood {
  readonly threads: readonly Thread[];
  /** The program's own, and a stack for each thread. */
  readonly memory: readonly Part[];
}

interface Part {
  readonly start: bigint;
  readonly bytes: Uint8Array;
}

/** Half of what lies on a stack are addresses in it, half are where calls return to. */
function stoodAt(pcs: readonly bigint[], path: string, random: Random): Stood {
  const returnsTo = returnsOf(path);
  const stackBytes = pcs.length * STACK_BYTES;
  const onStack = (): bigint => STACKS + BigInt(random(stackBytes / 16) * 16);
  const number = (): bigint => (BigInt(random(2 ** 32)) << 32n) | BigInt(random(2 ** 32));
  const words = (start: bigint, bytes: number, word: () => bigint): Part => ({
    start,
    bytes: new Uint8Array(BigUint64Array.from({ length: Math.ceil(bytes / 8) }, word).buffer),
  });
  const threads = pcs.map((pc) => {
    const x = Array.from({ length: 32 }, () => (random(2) === 0 ? number() : onStack()));
    [x[ZERO], x[RA], x[SP], x[FP]] = [0n, oneOf(random, returnsTo), onStack(), onStack()];
    return { pc, x, f: Array.from({ length: 32 }, number) };
  });
  const loaded = loadedRanges(path).map(({ start, bytes }) => words(start, bytes, number));
  const stacks = words(STACKS, stackBytes, () => (random(2) === 0 ? onStack() : oneOf(random, returnsTo)));
  return { threads, memory: [...loaded, stacks] };
}

function coreOf({ threads, memory }: Stood): Uint8Array {
  const harts = threads.map(({ pc, x, f }) =>
    hartState({
      x: (index) => x[index] ?? 0n,
      f: (index) => f[index] ?? 0n,
      field: (name) => (name === "pc" ? pc : 0n),
      ...{ setX: () => undefined, setF: () => undefined, setField: () => undefined },
    }),
  );
  let end = 0;
  const segments = memory.map(({ start, bytes: { length } }) => {
    const dataOffset = end;
    end += length;
    return { virtual: start, ramOffset: dataOffset, bytes: length, fileBytes: length, dataOffset };
  });
  return Buffer.concat([headersOf(segments, notesOf(harts, undefined)), ...memory.map(({ bytes }) => bytes)]);
}

/** Answers how many values were compared. */
export function agreeEverywhere(
  path: string,
  names: Rules & Pick<NameSource, "symbols">,
  { folder, seed }: { readonly folder: string; readonly seed: number },
): number {
  const random = seededRandom(seed);
  const pcs = codeAddresses(path);
  const stood = stoodAt(pcs, path, random);
  const [core, output] = [join(folder, "core"), join(folder, "told")];
  writeFileSync(core, coreOf(stood));
  const commands = tellingBy("gdb-threads").flatMap((one) => ["-ex", one]);
  const { stderr } = spawnSync("gdb-multiarch", ["-nx", "-batch", path, core, ...commands], {
    env: { ...process.env, OUTPUT: output, FRAMES: String(FRAMES) },
    stdio: ["ignore", "ignore", "pipe"],
    maxBuffer: 2 ** 28,
    encoding: "utf8",
  });
  const { stacks, shapes } = toldIn(output);
  const entries = new Set(names.symbols().map(({ address }) => address));
  assert.is(stacks.length, pcs.length, stderr.slice(-1000));
  let compared = 0;
  for (const [index, { frames }] of stacks.entries()) {
    const thread = stood.threads[index];
    assert.ok(thread);
    // Where a function begins, gdb takes the first of several values that hold for no instruction (DWARF 5, 2.6.2).
    if (entries.has(thread.pc)) continue;
    const calls = callsOf(frames);
    const own = ownFrames(names, thread, stood.memory, calls.length);
    compared += agreeWithGdb(names, own, calls.slice(0, own.length).flat(), shapes);
  }
  return compared;
}

/** As many as lead on by call frame information: where there is none, gdb guesses by the code. */
function ownFrames(names: Rules, { pc, x, f }: Thread, memory: readonly Part[], most: number): readonly FrameReader[] {
  const read = (address: bigint, length: number): Uint8Array | undefined => {
    for (const { start, bytes } of memory) {
      const at = Number(address - start);
      if (at >= 0 && at + length <= bytes.length) return bytes.subarray(at, at + length);
    }
    return undefined;
  };
  const frames: FrameReader[] = [];
  let next: FrameReader | undefined = frameOf(names, {
    pc,
    read,
    register: (one) => (one < 32 ? x[one] : f[one - 32]),
  });
  while (next !== undefined && frames.length < most && names.linesAt(instructionOf(next)).length > 0) {
    frames.push(next);
    next = next.caller?.();
  }
  return frames;
}

/** Where a program lies in memory. */
function loadedRanges(path: string): readonly { readonly start: bigint; readonly bytes: number }[] {
  const rows = binutils("readelf", "-lW", path).matchAll(/^ +LOAD +\S+ (0x\S+) \S+ \S+ (0x\S+) /gm);
  return [...rows].map(([, start = "", bytes = ""]) => ({ start: BigInt(start), bytes: Number(bytes) }));
}

/** Where each call of a program returns to. */
function returnsOf(path: string): readonly bigint[] {
  const lines = [...binutils("objdump", "-d", path).matchAll(/^ *([0-9a-f]+):\t[0-9a-f ]+\t(\S+)/gm)];
  return lines.flatMap(([, address = ""], index) =>
    /^(jal|jalr|c\.jal|c\.jalr|call)$/.test(lines[index - 1]?.[2] ?? "") ? [BigInt(`0x${address}`)] : [],
  );
}
