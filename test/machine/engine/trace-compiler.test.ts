// The trace compiler in WebAssembly writes what the emitter writes, byte by byte.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { ByteWriter } from "../../../src/machine/byte-writer.js";
import { CodePlaces } from "../../../src/machine/engine/compiled/code-places.js";
import type { EngineMemory } from "../../../src/machine/engine/engine-memory.js";
import { layoutFor, SITE_BYTES, SLOT_BYTES } from "../../../src/machine/engine/layout.js";
import { compilerMemory, MAX_TEMPLATES } from "../../../src/machine/engine/traces/compiler-memory.js";
import { TemplateTable } from "../../../src/machine/engine/traces/template-table.js";
import { CHECKED } from "../../../src/machine/engine/traces/trace-emitter.js";
import { KEY, keyOf } from "../../../src/machine/engine/traces/template-key.js";
import { TraceCompiler } from "../../../src/machine/engine/traces/trace-compiler.js";
import { usualTemplates } from "../../../src/machine/engine/traces/usual-templates.js";
import { WasmEngine } from "../../../src/machine/engine/wasm-engine.js";
import { INSTRUCTION_BY_NAME } from "../../../src/machine/isa/instruction-set.js";
import type { FunctionBody } from "../../../src/machine/wasm/module-builder.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { plainPath, plainTrace, type PlainPath, type PlainTrace } from "../../support/plain-traces.js";
import { RandomCode } from "../../support/random-code.js";
import { freshSeed, seededRandom } from "../../support/seeded-random.js";
import { recordPath } from "../../support/trace-compilers.js";

const seed = freshSeed();
console.log(`    trace compiler: FOLDVM_SEED=${String(seed)}`);

const PATHS = Number(process.env["FOLDVM_PATHS"] ?? 2000);
const END = 0x0b;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

function bytesOf(body: FunctionBody): string {
  const writer = new ByteWriter();
  body.writeTo(writer);
  return hex(writer.view());
}

const plainBody = (body: Uint8Array): FunctionBody => ({
  writeTo: (target) => {
    target.unsigned(body.length + 1);
    target.append(body);
    target.byte(END);
  },
});

function assertSame(memory: EngineMemory, body: FunctionBody, expected: PlainTrace, firstSite: number): void {
  assert.is(bytesOf(body), bytesOf(plainBody(expected.body)));
  expected.sites.forEach((site, index) => {
    const at = memory.layout.traceSites + (firstSite + index) * SITE_BYTES;
    const found = [0, 4, 8, 12].map((field) => memory.view.getInt32(at + field, true));
    assert.equal(found, [...site], `way out ${String(index)}`);
  });
}

// Seen red: with IMMEDIATE.below32 for all that is not negative, and with insns left out of what a way out adds.
test("given random code, when paths through it are compiled, then each is byte by byte what the emitter writes", () => {
  const random = seededRandom(seed);
  const code = new RandomCode(random);
  const { memory, places, compiler, split } = code;
  const lengths: number[] = [];
  for (let count = 0; count < PATHS; count += 1) {
    const pcs = code.path();
    if (random(20) === 0) code.splitOne();
    recordPath(memory, pcs);
    const head = code.headOf(pcs);
    const path = plainPath(memory, head, pcs);
    assert.is(compiler.findPath(places.slotOf(head)), path.instructions.length);
    if (path.instructions.length === 0) continue;
    assert.equal(compiler.codePages, [...path.pages.values()]);
    assert.equal([...compiler.words], wordsOf(places, path));
    const isDirect = random(2) === 0;
    compiler.startAnew();
    const body = compiler.compile(isDirect);
    const isSplit = (spot: PlainPath["head"]): boolean => split.isSplit(places.slotOf(spot));
    assertSame(memory, body, plainTrace({ memory, path, isDirect, isSplit, firstSite: 0 }), 0);
    lengths.push(path.instructions.length);
  }
  assert.ok(lengths.length > PATHS / 2 && Math.max(...lengths) > 50, String(lengths.length));
});

function wordsOf(places: CodePlaces, { head, instructions, pages }: PlainPath): number[] {
  return instructions.flatMap(({ offset, decoded }) => {
    const spot = { codePage: pages.get(offset >> 12) ?? head.codePage, offset: offset & 0xfff };
    return [places.slotOf(spot), decoded.raw >>> 0];
  });
}

test("given a guest that runs, when its paths are compiled, then each is byte by byte what the emitter writes", () => {
  const compile = Object.getOwnPropertyDescriptor(TraceCompiler.prototype, "compile")
    ?.value as TraceCompiler["compile"];
  let memory: EngineMemory | undefined;
  let traces = 0;
  TraceCompiler.prototype.compile = function (this: TraceCompiler, isDirect) {
    assert.ok(memory);
    const { found } = compilerMemory(memory.layout);
    const firstSite = memory.view.getInt32(found.nextSite, true);
    const body = compile.call(this, isDirect);
    const path = recordedPath(memory);
    const isSplit = isSplitIn(memory);
    assertSame(memory, body, plainTrace({ memory, path, isDirect, isSplit, firstSite }), firstSite);
    traces += 1;
    return body;
  };
  try {
    for (const name of ["race-fails", "virtio", "session"]) {
      const recording = openRecording(`logs/${name}.fold`, {
        engine: (bus, wanted) => {
          const engine = new WasmEngine(bus, { ...wanted, traceThreshold: 20, smallInsns: 1, regionSamples: Infinity });
          ({ memory } = engine);
          return engine;
        },
      });
      assert.is(recording.at(recording.info.instructions).position.icount, recording.info.instructions);
    }
  } finally {
    TraceCompiler.prototype.compile = compile;
  }
  assert.ok(traces > 100, String(traces));
});

/** What was found, as it is recorded: its pcs, and the one behind it that makes a loop. */
function recordedPath(memory: EngineMemory): PlainPath {
  const { view, layout } = memory;
  const { found } = compilerMemory(layout);
  const length = view.getInt32(found.insns, true) + view.getInt32(found.isLoop, true);
  const pcs = Array.from({ length }, (_, index) => view.getBigUint64(layout.recorded.start + index * 8, true));
  const head = new CodePlaces(memory).spotOfPc(pcs[0]);
  assert.ok(head);
  return plainPath(memory, head, pcs);
}

const isSplitIn =
  ({ view, layout }: EngineMemory) =>
  (spot: PlainPath["head"]): boolean => {
    const slot = new CodePlaces({ view, layout } as EngineMemory).slotOf(spot);
    return view.getUint8(layout.splitAccesses + (slot - layout.codePool) / SLOT_BYTES) === 1;
  };

test("given as many templates as may be, when one more is needed, then all are captured anew as they are needed", () => {
  const random = seededRandom(seed);
  const code = new RandomCode(random);
  const table = new TemplateTable(code.memory);
  for (const key of manyKeys()) {
    if (table.size === MAX_TEMPLATES) break;
    table.add(key);
  }
  assert.is(table.size, MAX_TEMPLATES);
  const pcs = code.path();
  recordPath(code.memory, pcs);
  const head = code.headOf(pcs);
  const path = plainPath(code.memory, head, pcs);
  code.compiler.findPath(code.places.slotOf(head));
  const body = code.compiler.compile(false);
  assert.ok(code.compiler.templates < MAX_TEMPLATES, String(code.compiler.templates));
  const source = { memory: code.memory, path, isDirect: false, isSplit: () => false, firstSite: 0 };
  assertSame(code.memory, body, plainTrace(source), 0);
});

/** More than may be: floating point has templates for each rounding mode and for all that may be checked before. */
function* manyKeys(): Iterable<number> {
  const operations = ["add", "sub", "mul", "div", "sqrt"].flatMap((name) => [`f${name}.s`, `f${name}.d`]);
  for (const name of operations) {
    const number = INSTRUCTION_BY_NAME.get(name)?.number ?? 0;
    for (let detail = 0; detail <= KEY.detail.mask; detail += 1) {
      for (let checked = 0; checked <= KEY.checked.mask; checked += 1) {
        for (const isDirect of [0, 1]) {
          yield keyOf({ number, detail, checked, isDirect, zeros: 0, access: 0, isFollowed: 0 });
        }
      }
    }
  }
}

test("given an interpreter that is made ahead, then it has the templates that most code needs, and no float's", () => {
  const layout = layoutFor(1 << 20, 4);
  const { address, bytes } = usualTemplates(layout);
  const memory = new Uint8Array(layout.traceCompiler + 0x24_0000);
  memory.set(bytes, address);
  const table = new TemplateTable({ layout, bytes: memory, view: new DataView(memory.buffer) });
  const before = table.size;
  const plain = { detail: 0, access: 0, checked: 0, isDirect: 0, isFollowed: 0, zeros: 0 };
  const of = (name: string): number => keyOf({ ...plain, number: INSTRUCTION_BY_NAME.get(name)?.number ?? -1 });
  for (const name of ["add", "lui", "ld", "beq", "mulhu", "amoadd.w"]) table.add(of(name));
  assert.is(table.size, before);
  table.add(of("fadd.d") | (CHECKED.floatDirty << KEY.checked.shift));
  assert.is(table.size, before + 1);
});

test.run();
