/** A stack as gdb tells it (gdb-frames.py), and whether ours is the same: frames, variables, types, values. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import * as assert from "uvu/assert";

import { frameWithin, instructionOf } from "../../src/streams/past/names/frame.js";
import { bytesAt, bitsOf } from "../../src/streams/past/names/location-bytes.js";
import type { FrameReader, NameSource, Variable } from "../../src/streams/past/names/name-source.js";
import { bytesOf, plain } from "../../src/streams/past/names/type-layout.js";
import type { Type } from "../../src/streams/past/names/type.js";

const script = (name: string): string =>
  fileURLToPath(new URL(`../streams/past/names/dwarf/${name}.py`, import.meta.url));

/** Commands that have gdb tell: the script says of what. They write to the file that is OUTPUT in its environment. */
export const tellingBy = (name: "gdb-stops" | "gdb-threads"): readonly string[] => [
  `source ${script("gdb-frames")}`,
  `source ${script(name)}`,
];

interface Told {
  readonly address?: string;
  /** Those of its members, one after the other. Null: not known. */
  readonly leaves?: readonly (string | null)[];
  readonly bytes: number;
}

export interface GdbFrame {
  readonly pc: string;
  readonly name: string | null;
  readonly isInline: boolean;
  /** By a function that jumped there at its end, as gdb guesses: what that passed is known to gdb alone. */
  readonly isJumpedTo?: boolean;
  readonly variables: readonly {
    readonly name: string;
    readonly isParameter: boolean;
    readonly is: Told | null;
    /** Which of the shapes. */
    readonly type: number;
  }[];
}

export interface GdbStack {
  readonly frames: readonly GdbFrame[];
}

/** What a script wrote: a line for each stack, and the shapes of all types at the end. */
export function toldIn(output: string): { readonly stacks: readonly GdbStack[]; readonly shapes: readonly string[] } {
  const lines = readFileSync(output, "utf8").trim().split("\n");
  const { shapes } = JSON.parse(lines.pop() ?? "{}") as { readonly shapes: readonly string[] };
  return { stacks: lines.map((line) => JSON.parse(line) as GdbStack), shapes };
}

export type Rules = Pick<Required<NameSource>, "unwindRules" | "linesAt" | "variablesAt">;

/** The innermost frame, from registers and memory alone. */
export function frameOf(
  names: Rules,
  { pc, register, read, isCaller = false }: Pick<FrameReader, "pc" | "register" | "read" | "isCaller">,
): FrameReader {
  const rules = names.unwindRules(isCaller ? pc - 1n : pc);
  const frame: FrameReader = {
    ...{ pc, isCaller, register, read },
    canonicalFrameAddress: () => rules?.canonicalFrameAddress(frame),
    caller: () => {
      const address = frame.canonicalFrameAddress();
      if (rules === undefined || address === undefined) return undefined;
      const back = rules.register(rules.returnRegister, frame, address);
      if (back === undefined) return undefined;
      return frameOf(names, {
        ...{ pc: back, isCaller: true, read },
        register: (one) => rules.register(one, frame, address),
      });
    },
  };
  return frame;
}

/** Each frame with those that are inlined in it. */
export function callsOf(frames: readonly GdbFrame[]): readonly (readonly GdbFrame[])[] {
  const calls: GdbFrame[][] = [[]];
  for (const frame of frames) {
    calls.at(-1)?.push(frame);
    if (!frame.isInline) calls.push([]);
  }
  return calls.filter(({ length }) => length > 0);
}

/** Answers how many values were compared. */
export function agreeWithGdb(
  names: Rules,
  frames: readonly FrameReader[],
  theirs: readonly GdbFrame[],
  shapes: readonly string[],
): number {
  const own = frames.flatMap((frame) => {
    const at = instructionOf(frame);
    return names.linesAt(at).map((line, index) => ({ frame: frameWithin(frame, index), at, name: line.function }));
  });
  const place = `pc 0x${BigInt(theirs[0]?.pc ?? 0).toString(16)}`;
  let compared = 0;
  assert.equal(
    own.map(({ frame, name }) => `${String(frame.pc)} ${String(name)}`),
    theirs.map(({ pc, name }) => `${pc} ${String(name)}`),
    place,
  );
  for (const [depth, { frame, at }] of own.entries()) {
    const where = `${place}, frame ${String(depth)} at 0x${frame.pc.toString(16)}`;
    compared += agreeOnVariables(names.variablesAt(at, frame.within), theirs[depth], frame, shapes, where);
  }
  return compared;
}

function agreeOnVariables(
  ours: ReturnType<Rules["variablesAt"]>,
  { name: inFunction, variables: theirs = [], isInline = false, isJumpedTo = false }: Partial<GdbFrame> = {},
  frame: FrameReader,
  shapes: readonly string[],
  where: string,
): number {
  let compared = 0;
  for (const name of new Set([...ours, ...theirs].map((one) => one.name))) {
    const what = `${where}, ${name}`;
    const own = ours.filter((one) => one.name === name);
    const all = theirs.filter((one) => one.name === name);
    const known = all.filter(({ is }) => is !== null);
    // Of an inlined function gdb also lists what it has in blocks elsewhere, and what is known a second time: as lost.
    if (own.length === 0 && known.length === 0) continue;
    assert.ok(
      own.length > 0 && all.length > 0,
      `${what} is there ${String(own.length)} times, not ${String(all.length)}`,
    );
    for (const variable of own) {
      const same = all.filter(
        ({ isParameter, type }) =>
          isParameter === variable.isParameter &&
          isShaped(variable.type, type, shapes, `${String(inFunction)} ${name}`),
      );
      const [one] = same;
      assert.ok(one, `${what} has another type`);
      const told = same.find(({ is }) => is !== null) ?? one;
      const mayBeLost = isJumpedTo || frame.isCaller === true;
      // What the caller of an inlined function passed, gdb takes from the registers of the wrong frame.
      const isOfCaller = variable.locate(frame) !== undefined && variable.locate(withoutCaller(frame)) === undefined;
      if (isInline && isOfCaller) continue;
      if (own.length === 1 && isSameValue(variable, told.is, frame, mayBeLost, what)) compared += 1;
    }
  }
  return compared;
}

/** A function's variable has the same type at each of its addresses: it is looked into once. */
function isShaped(type: Type, shape: number, shapes: readonly string[], variable: string): boolean {
  const known = shaped.get(shapes) ?? new Map<string, boolean>();
  shaped.set(shapes, known);
  const key = `${variable} ${String(shape)}`;
  const is = known.get(key) ?? shapeOf(type).join("\n") === shapes[shape];
  known.set(key, is);
  return is;
}

const shaped = new WeakMap<readonly string[], Map<string, boolean>>();

/** False: nothing is to be compared. */
function isSameValue(
  ours: Variable,
  theirs: Told | null,
  frame: FrameReader,
  mayBeLost: boolean,
  what: string,
): boolean {
  const location = ours.locate(frame);
  const bytes = bytesOf(ours.type);
  if (theirs === null) {
    // Where what is called is also inlined, gdb does not find out what the call passed; ours goes by its entry.
    const alone = ours.locate(withoutCaller(frame));
    assert.ok(alone === undefined || bytesAt(alone, bytes, frame) === undefined, `${what} is not known to gdb`);
    return false;
  }
  assert.is(bytes, theirs.bytes, what);
  if (theirs.address !== undefined) {
    if (location === undefined && mayBeLost) return false;
    assert.equal(location, { kind: "memory", address: BigInt(theirs.address) }, what);
    return true;
  }
  const read = location && bytesAt(location, bytes, frame);
  // Gdb takes a caller's other registers for unchanged; the calling convention says that they are lost.
  if (read === undefined && mayBeLost) return false;
  const { leaves = [] } = theirs;
  if (read === undefined && leaves.includes(null)) return false;
  assert.ok(read, `${what} is ${leaves.join()}, and not known here`);
  assert.equal(leavesOf(ours.type, read), leaves, what);
  return true;
}

const withoutCaller = (frame: FrameReader): FrameReader =>
  Object.create(frame, { caller: { value: () => undefined } }) as FrameReader;

const MAX_LEAVES = 64;

/** The numbers that a value is made of. */
function leavesOf(type: Type, bytes: Uint8Array): readonly string[] {
  const of = plain(type);
  switch (of.kind) {
    case "array": {
      const element = of.element();
      const size = bytesOf(element);
      return Array.from({ length: Math.min(of.length ?? 0, MAX_LEAVES) })
        .flatMap((_, index) => leavesOf(element, bytes.subarray(index * size, (index + 1) * size)))
        .slice(0, MAX_LEAVES);
    }
    case "structure":
    case "union":
      return of
        .members()
        .flatMap(({ offsetBits, widthBits, ...member }) => {
          const inner = member.type();
          const at = Math.floor(offsetBits / 8);
          if (widthBits === undefined) return leavesOf(inner, bytes.subarray(at, at + bytesOf(inner)));
          const bits = { offset: offsetBits % 8, width: widthBits };
          return [String(bitsOf(bytes.subarray(at, at + 9), bits, isSigned(inner)))];
        })
        .slice(0, MAX_LEAVES);
    default:
      return [String(bitsOf(bytes, { offset: 0, width: bytes.length * 8 }, isSigned(of)))];
  }
}

const isSigned = (type: Type): boolean => {
  const of = plain(type);
  return of.kind !== "float" && "isSigned" in of && of.isSigned;
};

/** A line for each part of a type, as gdb-frames.py has it. */
export function shapeOf(type: Type, at = 0, depth = 0): readonly string[] {
  const of = plain(type);
  const head = `${String(depth)} ${String(at)}`;
  switch (of.kind) {
    case "array": {
      const element = of.element();
      return [
        `${head} array ${String(of.length ?? 0)} ${String(bytesOf(element))}`,
        ...shapeOf(element, at, depth + 1),
      ];
    }
    case "structure":
    case "union":
      return [
        `${head} ${of.kind} ${of.name} ${String(of.bytes)}`,
        ...of
          .members()
          .flatMap(({ name, offsetBits, widthBits = 0, ...member }) => [
            `${head} member ${name} ${String(widthBits)}`,
            ...shapeOf(member.type(), at + offsetBits, depth + 1),
          ]),
      ];
    case "enumeration":
      return [
        `${head} enumeration ${of.name} ${String(of.bytes)}`,
        ...of.enumerators().map(({ name, value }) => `${name} ${String(value)}`),
      ];
    case "pointer":
      return [`${head} pointer ${String(of.bytes)}`, `${head} to ${kindOf(of.target())}`];
    default:
      return [`${head} ${kindOf(of)}`];
  }
}

function kindOf(type: Type): string {
  const of = plain(type);
  switch (of.kind) {
    case "void":
    case "pointer":
    case "array":
      return of.kind;
    case "function":
      return `function ${String(of.parameters().length)}`;
    case "structure":
    case "union":
    case "enumeration":
      return of.name;
    case "boolean":
    case "float":
      return `${of.kind} ${String(of.bytes)}`;
    default:
      return `${of.isSigned ? "signed" : "unsigned"} ${String(of.bytes)}`;
  }
}
