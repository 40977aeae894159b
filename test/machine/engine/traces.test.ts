// Traces at their bounds: how long they get, how many ways out they have, how often they are recorded.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { CodePlaces } from "../../../src/machine/engine/compiled/code-places.js";
import { ExecutedCode } from "../../../src/machine/engine/compiled/executed-code.js";
import { HotCode } from "../../../src/machine/engine/hot-code.js";
import { HANDLER, MAX_TRACE_INSNS, MAX_TRACE_SITES } from "../../../src/machine/engine/layout.js";
import { traceOf, type Trace } from "../../../src/machine/engine/traces/trace.js";
import { TraceSites } from "../../../src/machine/engine/traces/trace-sites.js";
import { MAX_RECORDINGS } from "../../../src/machine/engine/traces/trace-tier.js";
import { WasmEngine } from "../../../src/machine/engine/wasm-engine.js";
import { Program } from "../../support/assemble.js";
import { BareHart, CODE, interpreter } from "../../support/engines.js";

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

const partsOf = ({ memory }: WasmEngine) => {
  const places = new CodePlaces(memory);
  return { places, executed: new ExecutedCode(memory, places, { speculative: false, isProbed: () => false }) };
};

const headOf = (places: CodePlaces) => {
  const head = places.spotOfPc(CODE);
  if (head === undefined) throw new Error("it was not executed");
  return head;
};

const recorded = (length: number): Trace | undefined => {
  const parts = partsOf(ranLoop(length));
  const pcs = Array.from({ length: length + 1 }, (_, index) => CODE + BigInt((index % length) * INSTRUCTION_BYTES));
  return traceOf(headOf(parts.places), pcs, parts);
};

test("given a loop as long as a trace may be, when its way is recorded, then the trace is that loop; one more, then it ends before", () => {
  const whole = recorded(MAX_TRACE_INSNS);
  assert.is(whole?.instructions.length, MAX_TRACE_INSNS);
  assert.is(whole?.isLoop, true);
  const cut = recorded(MAX_TRACE_INSNS + 1);
  assert.is(cut?.instructions.length, MAX_TRACE_INSNS);
  assert.is(cut?.isLoop, false);
});

test("given a single instruction before compiled code, when its way is recorded, then it is a trace that leads there", () => {
  const { places, executed } = partsOf(ranLoop(2));
  const way = (): Trace | undefined =>
    traceOf(headOf(places), [CODE, CODE + BigInt(INSTRUCTION_BYTES)], { places, executed });
  const next = { ...headOf(places), offset: headOf(places).offset + INSTRUCTION_BYTES };
  places.setHandler(next, HANDLER.region);
  assert.is(way()?.instructions.length, 1);
  // Before an instruction that nobody compiles it would lead nowhere.
  places.setHandler(next, HANDLER.undecoded);
  assert.is(way(), undefined);
});

test("given as many ways out as may be, when a trace needs one more, then there is no room until all are gone", () => {
  const sites = new TraceSites(ranLoop(2).memory);
  const most = MAX_TRACE_SITES / 2 - 1;
  assert.ok(sites.hasRoomFor(most));
  assert.not(sites.hasRoomFor(most + 1));
  sites.exit({ offset: 0, insns: 1, codeWord: undefined });
  assert.not(sites.hasRoomFor(most));
  sites.clear();
  assert.ok(sites.hasRoomFor(most));
});

test("given a place from which ways were recorded as often as may be, when it is hot again, then no more is", () => {
  const engine = ranLoop(2);
  const { places } = partsOf(engine);
  const code = new HotCode(engine.memory, {
    ...{ batch: 1, maxModules: 1000, maxRegions: 1000, warmth: 1, cooling: 0, speculative: false, traced: true },
    ...{ hotThreshold: 10_000, samples: Infinity, smallInsns: 1 },
    waysOut: () => ({ dispatch: () => 0, exit: () => 0, handOver: () => 0 }),
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
