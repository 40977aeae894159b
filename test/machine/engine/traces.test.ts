// Traces at their bounds: how long they get, how many ways out they have, how often they are recorded.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { CodePlaces } from "../../../src/machine/engine/compiled/code-places.js";
import { HotCode } from "../../../src/machine/engine/hot-code.js";
import { HANDLER, MAX_TRACE_INSNS, MAX_TRACE_SITES } from "../../../src/machine/engine/layout.js";
import { compilerMemory } from "../../../src/machine/engine/traces/compiler-memory.js";
import { MAX_RECORDINGS } from "../../../src/machine/engine/traces/trace-tier.js";
import { WasmEngine } from "../../../src/machine/engine/wasm-engine.js";
import { Program } from "../../support/assemble.js";
import { BareHart, CODE, interpreter } from "../../support/engines.js";
import { compilerOver, recordPath } from "../../support/trace-compilers.js";

const INSTRUCTION_BYTES = 4;

/** An engine that has run so many instructions in a row, the last of which jumps to the first. */
const ranLoop = (length: number): WasmEngine => {
  const program = new Program();
  for (let index = 1; index < length; index += 1) program.i("addi", { rd: 1, rs1: 1, imm: 1 });
  program.i("jal", { imm: -INSTRUCTION_BYTES * (length - 1) });
  const hart = new BareHart(interpreter).place(CODE, program);
  hart.run(length + 1);
  const { engine } = hart;
  if (!(engine instanceof WasmEngine)) throw new Error("it is another engine");
  return engine;
};

const headOf = (places: CodePlaces) => {
  const head = places.spotOfPc(CODE);
  if (head === undefined) throw new Error("it was not executed");
  return head;
};

const recorded = (length: number): { readonly insns: number; readonly isLoop: boolean } => {
  const { memory } = ranLoop(length);
  const places = new CodePlaces(memory);
  recordPath(
    memory,
    Array.from({ length: length + 1 }, (_, index) => CODE + BigInt((index % length) * INSTRUCTION_BYTES)).slice(
      0,
      MAX_TRACE_INSNS + 1,
    ),
  );
  const insns = compilerOver(memory).compiler.findPath(places.slotOf(headOf(places)));
  return { insns, isLoop: memory.view.getInt32(compilerMemory(memory.layout).found.isLoop, true) === 1 };
};

test("given a loop as long as a trace may be, when its way is recorded, then the trace is that loop; one more, then it ends before", () => {
  assert.equal(recorded(MAX_TRACE_INSNS), { insns: MAX_TRACE_INSNS, isLoop: true });
  assert.equal(recorded(MAX_TRACE_INSNS + 1), { insns: MAX_TRACE_INSNS, isLoop: false });
});

test("given a single instruction before compiled code, when its way is recorded, then it leads there", () => {
  const { memory } = ranLoop(3);
  const places = new CodePlaces(memory);
  const { compiler } = compilerOver(memory);
  const head = headOf(places);
  const next = { ...head, offset: head.offset + INSTRUCTION_BYTES };
  recordPath(memory, [CODE, CODE + BigInt(INSTRUCTION_BYTES)]);
  const handler = places.handlerAt(next);
  places.setHandler(next, HANDLER.region);
  assert.equal([compiler.findPath(places.slotOf(head)), compiler.leadsToCode], [1, true]);
  places.setHandler(next, handler);
  assert.equal([compiler.findPath(places.slotOf(head)), compiler.leadsToCode], [2, false]);
});

test("given as many ways out as may be, when a trace needs one more, then there is no room until all are gone", () => {
  const { memory } = ranLoop(2);
  const { compiler } = compilerOver(memory);
  const { nextSite } = compilerMemory(memory.layout).found;
  const most = MAX_TRACE_SITES - 3 * MAX_TRACE_INSNS - 2;
  memory.view.setInt32(nextSite, most, true);
  assert.ok(compiler.hasRoom);
  memory.view.setInt32(nextSite, most + 1, true);
  assert.not(compiler.hasRoom);
  compiler.startAnew();
  assert.ok(compiler.hasRoom);
});

test("given a place from which ways were recorded as often as may be, when it is hot again, then no more is", () => {
  const engine = ranLoop(2);
  const places = new CodePlaces(engine.memory);
  const code = new HotCode(engine.memory, {
    ...{ batch: 1, maxModules: 1000, maxRegions: 1000, warmth: 1, cooling: 0, speculative: false, traced: true },
    ...{ hotThreshold: 10_000, samples: Infinity, smallInsns: 1 },
    waysOut: () => ({ dispatch: () => 0, exit: () => 0, handOver: () => 0 }),
    traceCompiler: () => ({ findTracePath: () => 0, compileTracePath: () => 0 }),
    decodeSlot: () => assert.unreachable("all of it was decoded"),
    isProbed: () => false,
    nowMs: () => 0,
  });
  const slot = places.slotOf(headOf(places));
  for (let count = 1; count <= MAX_RECORDINGS; count += 1) {
    assert.is(code.noteHot(slot), true);
    // The run ended before anything was executed.
    code.recorded();
  }
  assert.is(code.noteHot(slot), false);
});

test.run();
