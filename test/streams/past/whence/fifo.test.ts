/** Random programs shuffle bytes from the UART's FIFO. A model of the shuffling knows which went where. */
import { Subject } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { consoleBackend } from "../../../../src/streams/live/backends/console.js";
import { record } from "../../../../src/streams/live/recorder.js";
import { run } from "../../../../src/streams/live/run.js";
import { at } from "../../../../src/streams/past/query/at.js";
import type { Recording } from "../../../../src/streams/past/recording.js";
import { treeLines, whence, type Source } from "../../../../src/streams/past/whence/index.js";
import { openMachine } from "../../../../src/streams/session/machine-options.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { memorySink } from "../../../../src/streams/store/log/index.js";
import { Program, X } from "../../../support/assemble.js";
import { FakeHostTime } from "../../../support/fake-host-time.js";
import { freshSeed, oneOf, seededRandom } from "../../../support/seeded-random.js";

const seed = freshSeed();
console.log(`    fifo: FOLDVM_SEED=${String(seed)}`);
const random = seededRandom(seed);

const PROGRAMS = Number(process.env["FOLDVM_PROGRAMS"] ?? 2);
const LETTERS = "abcdefghijkl";
const STEPS = 60;
const DATA = 0x8001_0000;
const DATA_BYTES = 32;
const POOL = Array.from({ length: 10 }, (_, index) => 12 + index);
const [UART, FINISHER, PASS] = [0x1000_0000n, 0x10_0000n, 0x5555n];
const FCR = 2;

/** Which letters a byte is made of. Bytes that are made of none are zero. */
type Made = ReadonlySet<number>;
const NONE: Made = new Set();
const join = (...all: readonly Made[]): Made => new Set(all.flatMap((one) => [...one]));

/** A program with what it does, as sets. */
class Model {
  readonly registers = new Map<number, readonly Made[]>(
    POOL.map((register) => [register, new Array<Made>(8).fill(NONE)]),
  );
  readonly memory: Made[] = new Array<Made>(DATA_BYTES).fill(NONE);
  private taken = 0;

  constructor(private readonly program: Program) {}

  step(): void {
    const [rd, rs1, rs2] = [oneOf(random, POOL), oneOf(random, POOL), oneOf(random, POOL)];
    const [a, b] = [this.of(rs1), this.of(rs2)];
    const width = oneOf(random, [1, 2, 4, 8] as const);
    const place = random(DATA_BYTES - width + 1);
    const bytes = random(8);
    switch (random(9)) {
      case 0:
      case 1:
        if (this.taken === LETTERS.length) return;
        this.program.i("lbu", { rd, rs1: X.s0, imm: 0 });
        this.set(rd, [new Set([this.taken])]);
        this.taken += 1;
        break;
      case 2:
        this.program.i("slli", { rd, rs1, imm: 8 * bytes });
        this.set(rd, [...new Array<Made>(bytes).fill(NONE), ...a].slice(0, 8));
        break;
      case 3:
        this.program.i("srli", { rd, rs1, imm: 8 * bytes });
        this.set(rd, a.slice(bytes));
        break;
      case 4: {
        const name = oneOf(random, ["or", "xor"]);
        this.program.i(name, { rd, rs1, rs2 });
        this.set(
          rd,
          a.map((own, byte) => join(own, b[byte] ?? NONE)),
        );
        break;
      }
      case 5:
        this.program.i("add", { rd, rs1, rs2 });
        // A carry goes up, also into a byte that happens to stay.
        this.set(
          rd,
          a.map((_, byte) => join(...a.slice(0, byte + 1), ...b.slice(0, byte + 1))),
        );
        break;
      case 6:
      case 7:
        this.program.i({ 1: "sb", 2: "sh", 4: "sw", 8: "sd" }[width], { rs1: X.s1, rs2, imm: place });
        for (let byte = 0; byte < width; byte += 1) this.memory[place + byte] = b[byte] ?? NONE;
        break;
      default:
        this.program.i({ 1: "lbu", 2: "lhu", 4: "lwu", 8: "ld" }[width], { rd, rs1: X.s1, imm: place });
        this.set(rd, this.memory.slice(place, place + width));
    }
  }

  of(register: number): readonly Made[] {
    return this.registers.get(register) ?? [];
  }

  private set(register: number, bytes: readonly Made[]): void {
    this.registers.set(
      register,
      Array.from({ length: 8 }, (_, byte) => bytes[byte] ?? NONE),
    );
  }
}

/** Switches the FIFO on, says so, waits until all letters are in it, and shuffles. */
function shuffling(): { readonly kernel: Uint8Array; readonly model: Model } {
  const program = new Program().li(X.s0, UART).li(X.s1, BigInt(DATA)).li(X.t0, 1n);
  program.i("sb", { rs1: X.s0, rs2: X.t0, imm: FCR }).i("sb", { rs1: X.s0, rs2: X.t0, imm: 0 });
  program.li(X.t1, 300_000n).label("wait").i("addi", { rd: X.t1, rs1: X.t1, imm: -1 });
  program.i("bne", { rs1: X.t1, rs2: X.zero, imm: "wait" });
  const model = new Model(program);
  for (let step = 0; step < STEPS; step += 1) model.step();
  program.li(X.t0, FINISHER).li(X.t1, PASS).i("sw", { rs1: X.t0, rs2: X.t1, imm: 0 });
  return { kernel: program.label("end").i("jal", { imm: "end" }).bytes(), model };
}

function recorded(kernel: Uint8Array): Recording {
  const { machine, header } = openMachine({ memory: "2M", kernel, seed: "fifo" });
  const sink = memorySink();
  const time = new FakeHostTime();
  const input$ = new Subject<Uint8Array>();
  const write = (): void => {
    input$.next(new TextEncoder().encode(LETTERS));
  };
  run(machine, [consoleBackend({ input$, write })], { time })
    .pipe(record(machine, sink, header))
    .subscribe();
  for (let turn = 0; machine.ended === null && turn < 10_000; turn += 1) time.turn();
  return openRecording(sink.bytes(), { images: { kernel } });
}

function eventsBehind(source: Source, seen = new Set<Source>(), found = new Set<number>()): ReadonlySet<number> {
  if (seen.has(source)) return found;
  seen.add(source);
  if (source.kind === "event") found.add(source.at?.seq ?? 0);
  for (const one of source.sources()) eventsBehind(one, seen, found);
  return found;
}

for (let program = 0; program < PROGRAMS; program += 1) {
  test(`given random program ${String(program)} over letters from a FIFO, when bytes are followed, then they lead to the letters that the model says`, () => {
    const { kernel, model } = shuffling();
    const recording = recorded(kernel);
    const letters = [...recording.eventsFrom()]
      .filter(({ type }) => type === "uart16550/byteReceived")
      .map(({ seq }) => seq);
    assert.is(letters.length, LETTERS.length);
    const moment = at(recording);
    const compare = (place: Parameters<typeof whence>[1], made: Made): void => {
      const source = whence(moment, place);
      const where = `FOLDVM_SEED=${String(seed)}, program ${String(program)}, ${JSON.stringify(place)}\n${treeLines(source, { depth: 30 }).join("\n")}`;
      const ascending = (seqs: Iterable<number>): number[] => [...seqs].sort((a, b) => a - b);
      assert.equal(ascending(eventsBehind(source)), ascending([...made].map((letter) => letters[letter] ?? 0)), where);
    };
    for (const register of POOL) compare(`x${String(register)}`, join(...model.of(register)));
    model.memory.forEach((made, offset) => {
      compare({ address: DATA + offset, bytes: 1 }, made);
    });
    recording.close();
  });
}

test.run();
