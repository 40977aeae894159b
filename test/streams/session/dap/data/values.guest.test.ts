/** All variables of all frames at random positions, with their parts, against a real gdb on the same recording. */
import { fileURLToPath } from "node:url";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { seenBy } from "../../../../../src/machine/inspect.js";
import { scopesOf } from "../../../../../src/streams/session/dap/data/scopes.js";
import type { Shown, View } from "../../../../../src/streams/session/dap/data/shown.js";
import { readPlace } from "../../../../../src/streams/past/names/read-place.js";
import { valueText } from "../../../../../src/streams/past/names/value.js";
import type { Recording } from "../../../../../src/streams/past/recording.js";
import { stackOf } from "../../../../../src/streams/past/stack.js";
import { ReplayTarget } from "../../../../../src/streams/session/target/replay-target.js";
import { openRecording } from "../../../../../src/streams/session/open-recording.js";
import { DEMO_ELF } from "../../../../support/demo-guest.js";
import { gdbOn } from "../../../../support/gdb-client.js";
import { guestElf } from "../../../../support/guest-build.js";
import { recorded } from "../../../../support/recorded.js";
import { requires } from "../../../../support/requires.js";
import { freshSeed, seededRandom } from "../../../../support/seeded-random.js";
import { withTemporaryFolder } from "../../../../support/temporary-folder.js";

const SCRIPT = fileURLToPath(new URL("gdb-values.py", import.meta.url));
const POSITIONS = Number(process.env["FOLDVM_QUERIES"] ?? 25);
const ALL = Number.MAX_SAFE_INTEGER;

interface Told {
  readonly number?: string;
  readonly float?: number;
  readonly target?: Told;
  readonly fields?: Readonly<Record<string, Told | null>>;
  readonly length?: number;
  readonly elements?: readonly (Told | null)[];
}

interface GdbFrame {
  readonly pc: string;
  readonly name: string | null;
  readonly variables: readonly { readonly name: string; readonly is: Told | null }[];
}

const listed = ({ parts }: Shown, isHex = false): readonly Shown[] => parts?.list(0, ALL, { isHex }) ?? [];

/** Counts what was compared. */
class Comparison {
  compared = 0;

  constructor(
    private readonly view: View,
    private readonly isCaller: boolean,
  ) {}

  agree(ours: Shown, theirs: Told | null, what: string): void {
    if (theirs === null) return;
    // Gdb takes a caller's other registers for unchanged; the calling convention says that they are lost.
    if (this.isCaller && ours.value === "<not known>") return;
    if (theirs.number !== undefined) this.sameNumber(ours, theirs.number, what);
    if (theirs.float !== undefined) assert.is(Number(ours.value), theirs.float, what);
    this.sameAsItsExpression(ours, what);
    if (theirs.length !== undefined) assert.is(ours.parts?.count ?? 0, theirs.length, what);
    for (const [index, element] of (theirs.elements ?? []).entries()) {
      const [one] = ours.parts?.list(index, 1, { isHex: false }) ?? [];
      assert.is(one?.name, `[${String(index)}]`, what);
      if (one !== undefined) this.agree(one, element, `${what}[${String(index)}]`);
    }
    if (theirs.fields !== undefined) this.agreeFields(listed(ours), theirs.fields, what);
    if (theirs.target?.fields !== undefined) this.agreeFields(listed(ours), theirs.target.fields, `*${what}`);
    else if (theirs.target?.number !== undefined) {
      const [one] = listed(ours);
      assert.ok(one, `${what} points to ${JSON.stringify(theirs.target)}`);
      this.agree(one, theirs.target, `*${what}`);
    }
  }

  private agreeFields(ours: readonly Shown[], theirs: Readonly<Record<string, Told | null>>, what: string): void {
    assert.equal(
      ours.map(({ name }) => name),
      Object.keys(theirs),
      what,
    );
    for (const one of ours) this.agree(one, theirs[one.name] ?? null, `${what}.${one.name}`);
  }

  private sameNumber({ value, type, evaluateName }: Shown, theirs: string, what: string): void {
    this.compared += 1;
    const [word = ""] = value.split(" ");
    if (/^-?(?:\d|0x)/.test(word)) assert.is(BigInt(word), BigInt(theirs), `${what}: ${value}`);
    else if (word === "true" || word === "false") assert.is(word === "true", theirs !== "0", what);
    else {
      // An enumerator: its number is what a computation makes of it.
      assert.match(type ?? "", /^enum|urgency/, `${what} is ${value}, and ${theirs} to gdb`);
      const computed = readPlace(`(${evaluateName ?? ""}) + 0`, this.view).value;
      assert.is(BigInt.asIntN(64, computed as bigint), BigInt(theirs), what);
    }
  }

  /** What a client is told to evaluate for it is the same. */
  private sameAsItsExpression({ evaluateName, value, parts }: Shown, what: string): void {
    if (evaluateName === undefined || parts !== undefined || value.startsWith("<") || value.includes("…")) return;
    const read = readPlace(evaluateName, this.view);
    assert.ok(
      value.startsWith(valueText(read.value, read.type)),
      `${what} is ${value}, ${evaluateName} ${valueText(read.value, read.type)}`,
    );
  }
}

function agree(recording: Recording, icount: number, theirs: readonly GdbFrame[]): number {
  const { names } = recording;
  const state = recording.at(icount);
  const stack = stackOf(names, state, 0);
  const at = seenBy(state, 0);
  let compared = 0;
  for (const [depth, { pc, name, variables }] of theirs.entries()) {
    if (variables.length === 0) continue;
    const own = stack[depth];
    const where = `instruction ${String(icount)}, frame ${String(depth)}: ${String(name)}`;
    assert.equal([own?.pc, own?.function?.replace(/\..*/, "")], [BigInt(pc), name], where);
    if (own === undefined) continue;
    const view = { names, at, frame: own.frame };
    const [locals] = scopesOf(view);
    const shown = locals?.parts.list(0, ALL, { isHex: false }) ?? [];
    // Gdb also lists the variables of an inlined function's other blocks, as optimized out.
    for (const one of shown)
      assert.ok(
        variables.some((other) => other.name === one.name),
        `${where}: ${one.name}`,
      );
    const comparison = new Comparison(view, own.frame.isCaller === true);
    for (const { name: called, is } of variables) {
      const one = shown.find((other) => other.name === called);
      if (one === undefined) assert.is(is, null, `${where} has no ${called}`);
      else comparison.agree(one, is, `${where}, ${called}`);
    }
    compared += comparison.compared;
  }
  return compared;
}

const GUESTS: Readonly<Record<string, { open: () => Promise<Recording>; elf: string; least: number }>> = {
  "the embedded guest": { open: async () => openRecording("logs/race-fails.fold"), elf: DEMO_ELF, least: 1 },
  "the guest for names": {
    open: () => recorded({ memory: "8M", bios: "none", kernel: guestElf("names"), seed: "names" }),
    elf: guestElf("names"),
    least: 20,
  },
};

if (requires("variables are gdb's", ["gdb-multiarch"])) {
  const seed = freshSeed();

  for (const [guest, { open, elf, least }] of Object.entries(GUESTS)) {
    test(`given ${guest} anywhere (FOLDVM_SEED=${String(seed)}), when its frames are shown, then variables are gdb's`, () =>
      withTemporaryFolder(async (folder) => {
        const recording = await open();
        const random = seededRandom(seed);
        const positions = Array.from({ length: POSITIONS }, () => random(recording.info.instructions));
        const target = new ReplayTarget(recording, {
          heard: () => undefined,
          failed: () => undefined,
          quit: () => undefined,
        });
        const commands = positions.flatMap((icount) => [
          `monitor replay_seek ${String(icount)}`,
          "maintenance flush dcache",
          "maintenance flush register-cache",
          `source ${SCRIPT}`,
        ]);
        const seen = await gdbOn(target, folder, commands, { program: elf });
        const told = seen.filter(({ command }) => command.startsWith("source "));
        assert.is(told.length, positions.length);
        let compared = 0;
        for (const [index, { text }] of told.entries()) {
          const frames = JSON.parse(text) as readonly GdbFrame[];
          compared += agree(recording, positions[index] ?? 0, frames);
        }
        assert.ok(compared >= least, `only ${String(compared)} values were compared`);
        recording.close();
      }));
  }
}

test.run();
