// Everything that the package exports and a program can call, given nothing, a wrong type, a wrong field: one kind of
// error, which names the argument or field, and nothing is done.
import { existsSync } from "node:fs";
import { register } from "node:module";
import { PassThrough } from "node:stream";
import { asyncScheduler, of } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import * as library from "../../src/index.js";
import * as machineAlone from "../../src/machine/index.js";
import * as nodeTest from "../../src/node-test.js";
import * as forms from "../../src/streams/forms/index.js";
import * as mcp from "../../src/streams/mcp/index.js";
import * as parquet from "../../src/streams/tables/index.js";
import { spinning } from "../support/tiny-guests.js";

/** vitest is no dependency: the entry gives its matchers to who has it. */
const VITEST = "data:text/javascript,export const expect = { extend() {} }";
const RESOLVE = `export const resolve = (name, context, next) =>
  name === "vitest" ? { url: ${JSON.stringify(VITEST)}, shortCircuit: true } : next(name, context);`;
register(`data:text/javascript,${encodeURIComponent(RESOLVE)}`);
const vitest = await import("../../src/vitest.js");

const { OptionError } = library;

const opened = library.openMachine({ memory: "2M", kernel: spinning(), seed: "test" });
const { machine, header } = opened;
const state = machine.state();
const sink = library.memorySink();
const recording = library.openRecording("logs/session.fold");
const wire = (): never => {
  throw new Error("plugged in");
};
const UNMADE = "never-made";
const event = { seq: 1, icount: 0, ns: 0n, type: "uart16550/byteReceived", byte: 65 };
const config = { memoryBytes: 1 << 20, harts: 1, shift: 0, append: null, rngSeed: "", virtio: [] };
const bus = { load: wire, store: wire };
const unix = { type: "unix", path: UNMADE };

/** What is given, and the argument or field that the error names. */
type Refusal = readonly [given: readonly unknown[], option: string | undefined];

const ofMachine: readonly Refusal[] = [
  [[], "machine"],
  [[{}], "machine"],
  [["machine"], "machine"],
];
const ofRecording: readonly Refusal[] = [
  [[], "recording"],
  [["logs/session.fold"], "recording"],
];
/** A question about the past, but for what it is about. */
const ofQuestion: readonly Refusal[] = [
  ...ofRecording,
  [[recording, { of: "mei", form: 5 }], "form"],
  [[recording, { of: "mei", symbols: "vmlinux" }], "symbols"],
  [[recording, { of: "mei", until: "end" }], undefined],
];
const ofPlace: readonly Refusal[] = [...ofQuestion, [[recording, {}], "of"], [[recording, { of: true }], "of"]];
const ofBeside: readonly Refusal[] = [
  [[], "other"],
  [[recording], "other"],
  [[library.traps(recording), { within: 5 }], "within"],
  [[library.traps(recording), { withinInsns: 0 }], "withinInsns"],
  [[library.traps(recording), { withinNs: 0n }], "withinNs"],
  [[library.traps(recording), { by: "hart" }], "by"],
];
const ofState: readonly Refusal[] = [
  [[], "state"],
  [[machine.hash()], "state"],
];
const ofTime: readonly Refusal[] = [
  [[5], "time"],
  [[{ wallNs: 5 }], "time"],
];
const ofBytes: readonly Refusal[] = [
  [[], "bytes"],
  [["x.elf"], "bytes"],
];

const LIBRARY: Readonly<Record<string, readonly Refusal[]>> = {
  answering: [
    [[], "effects"],
    [[["disk/request"], wire], "effects.0"],
    [[["disk/requested"]], "backend"],
  ],
  branchesSvg: [
    [[], undefined],
    [[{ title: "a.fold" }], "from"],
    [[{ title: "a.fold", from: 0, branches: [5] }], "branches.0"],
    [[{ title: "a.fold", from: 0 }, { titel: "a" }], "titel"],
  ],
  timelineSvg: [
    [[], "lanes"],
    [[[{ title: "a", rows: 5 }]], "lanes.0.rows"],
    [[[{ title: "a", rows: [] }], { from: 5 }], "from"],
  ],
  causality: [
    ...ofRecording,
    [[recording, { runs: 0 }], "runs"],
    [[recording, { position: 5 }], "position"],
    [[recording, { fails: true }], "fails"],
    [[recording, { chaos: { depth: 2 } }], "chaos.depth"],
  ],
  consoleBackend: [
    [[], undefined],
    [[{ prt: "uart16550" }], "prt"],
    [[{ port: 1 }], "port"],
  ],
  Control: [
    [[true], undefined],
    [[{ pause: true }], "pause"],
    [[{ paused: 1 }], "paused"],
  ],
  describeState: [
    [[], "saved"],
    [["x.state"], "saved"],
  ],
  disassemble: [
    [[], "raw"],
    [["13"], "raw"],
    [[1.5], "raw"],
  ],
  disks: [
    [[], "bySlot"],
    [[[]], "bySlot"],
    [[new Map([[0, {}]])], "bySlot"],
    [[new Map(), { onfault: wire }], "onfault"],
    [[new Map(), { onFault: 5 }], "onFault"],
  ],
  dwarfNames: [
    [[], "source"],
    [["x.elf", "x.elf"], "source"],
    [[new Uint8Array()], "title"],
    [[new Uint8Array(), "x.elf", 5], "movedBy"],
  ],
  entropy: [
    [[5], "random"],
    [[{ random: wire }], "random"],
  ],
  exportDisk: [
    [[], "image"],
    [[{ byteLength: 0, read: wire }], "state"],
    [[{ byteLength: 0, read: wire }, { slot: 0, overlay: {} }, 5], "path"],
    [[{ byteLength: 0, read: wire }, { slot: 0, overlay: {} }, UNMADE, { force: true }], "force"],
    [[{ byteLength: 0, read: wire }, { slot: 0, overlay: {} }, UNMADE, { overwrite: "no" }], "overwrite"],
  ],
  fileSink: [
    [[], "path"],
    [[5], "path"],
    [[UNMADE, { force: true }], "force"],
  ],
  fold: [
    [[], "machine"],
    [[machine], "event"],
    [[machine, {}], "seq"],
    [[machine, { wrong: 1 }], "seq"],
    [[machine, { ...event, seq: "1" }], "seq"],
    [[machine, { ...event, icount: 5n }], "icount"],
    [[machine, { ...event, type: "uart16550/byte" }], "type"],
    [[machine, { ...event, byte: 256 }], "byte"],
    [[machine, { ...event, byt: 65 }], "byt"],
    [[machine, { seq: 1, icount: 0 }], "type"],
    [[machine, { seq: 1, icount: 0, event: undefined }], "event"],
    [[machine, { seq: 1, icount: 0, event: { type: "uart16550/byteReceived", byte: -1 } }], "byte"],
    [[machine, { seq: 1, icount: 0, event: { ...event } }], "seq"],
  ],
  hashOfState: ofState,
  hostClock: ofTime,
  hostEngine: [
    [[], "bus"],
    [[bus], "ramBytes"],
    [[bus, "1M"], "options"],
    [[bus, { ramBytes: "1M" }], "ramBytes"],
  ],
  hostScheduler: ofTime,
  initialState: [
    [[], undefined],
    [["x.elf", {}], undefined],
    [[{ ...config, memory: 1 }, {}], "memory"],
    [[{ ...config, memoryBytes: 3 }, {}], "memoryBytes"],
    [[{ ...config, harts: 9 }, {}], "harts"],
    [[{ ...config, append: 5 }, {}], "append"],
    [[{ ...config, rngSeed: "0" }, {}], "rngSeed"],
    [[config], undefined],
    [[config, { kernl: spinning() }], "kernl"],
    [[config, { kernel: "x.elf" }], "kernel"],
  ],
  linuxNames: [...ofState, [[state, "Image"], "image"]],
  loadState: [
    [[], "saved"],
    [["x.state"], "saved"],
    [[new Uint8Array(1), {}], "machine"],
  ],
  Machine: [
    [[], "state"],
    [[opened], "state"],
    [[state, { engin: wire }], "engin"],
    [[state, { engine: {} }], "engine"],
    [[state, { disks: {} }], "disks"],
    [[state, { disks: new Map([["0", { byteLength: 0, read: wire }]]) }], "disks"],
  ],
  network: [
    [[], "slot"],
    [["0", wire], "slot"],
    [[0], "wire"],
    [[0, { type: "user" }], "wire"],
  ],
  openMachine: [
    [[], undefined],
    [[{ mem: 3 }], "mem"],
    [[{ memory: 3 }], "memory"],
    [[{ memory: "8X" }], "memory"],
    [[{ memory: "3G" }], "memory"],
    [[{ memory: 5n }], "memory"],
    [[{ smp: 9 }], "smp"],
    [[{ shift: 99 }], "shift"],
    [[{ seed: "" }], "seed"],
    [[{ kernel: spinning() }, {}], "engine"],
  ],
  openRecording: [
    [[], "source"],
    [[{}], "source"],
    [["x.fold", { image: {} }], "image"],
    [["x.fold", { engine: {} }], "engine"],
    [["x.fold", { index: true }], "index"],
    [["x.fold", { onIndexIgnored: true }], "onIndexIgnored"],
  ],
  openSavedMachine: [
    [[], "saved"],
    [[5], "saved"],
    [["x.state", { machine: { memory: [] } }], "machine.memory"],
    [["x.state", { paht: "" }], "paht"],
  ],
  pack: [...ofRecording, [[recording], "sink"], [[recording, "x.fold"], "sink"]],
  diff: [
    [[], "a"],
    [[state], "b"],
    [[state, recording], "b"],
    [["a.fold", "b.fold"], "a"],
    [[state, state, { ignored: [] }], "ignored"],
    [[state, state, { ignore: "clock" }], "ignore"],
    [[state, state, { ignore: ["clock/warp"] }], "ignore"],
    [[state, state, { names: [{}] }], "names.0"],
    [[recording, recording, { names: [5] }], "names.0"],
    [[recording, recording, { progress: "shown" }], "progress"],
  ],
  parseReachRule: [
    [[], "text"],
    [[80], "text"],
    [[{ to: "10.0.0.0" }], "text"],
  ],
  indexRecording: [
    ...ofRecording,
    [[recording, { maxBytes: "64M" }], "maxBytes"],
    [[recording, { sginal: 5 }], "sginal"],
    [[recording, { signal: 5 }], "signal"],
  ],
  edits: ofRecording,
  fork: [
    ...ofRecording,
    [[recording, { edits: [] }], "edits"],
    [[recording, { edit: "drop" }], "edit"],
    [[recording, { patch: [{ place: "a0" }] }], "patch.0.value"],
    [[recording, { kernel: 5 }], "kernel"],
    [[recording, { insns: 0 }], "insns"],
  ],
  hunt: [
    [[], undefined],
    [[{}], "machine"],
    [[{ machine: {}, runs: 0 }], "runs"],
    [[{ machine: {}, keep: "failed" }], "keep"],
  ],
  minimize: [
    ...ofRecording,
    [[recording, { maxTrials: 0 }], "maxTrials"],
    [[recording, { fail: "x" }], "fail"],
    [[recording, { signal: true }], "signal"],
  ],
  parseSchedule: [
    [[], "text"],
    [[5], "text"],
    [['{"icount":-1}'], "icount"],
  ],
  scheduleLine: [
    [[], "event"],
    [[{ seq: 1 }], "icount"],
  ],
  parseScript: [
    [[], "text"],
    [[[]], "text"],
  ],
  powerSwitch: [
    [[], undefined],
    [[{ off: of(1) }], "off"],
    [[{ off$: wire }], "off$"],
  ],
  at: [
    [[], "recording"],
    [[{}], "recording"],
    [[recording, { when: 3 }], undefined],
    [[recording, 1.5], undefined],
  ],
  sourceTree: [
    [[], "moment"],
    [[library.at(recording, 0)], "place"],
    [[library.at(recording, 0), "a0", { deepth: 3 }], "deepth"],
    [[library.at(recording, 0), "a0", { hrt: 0 }], "hrt"],
  ],
  treeLines: [
    [[], "source"],
    [["a0"], "source"],
    [[{ row: {} }], "source"],
  ],
  treeRows: [
    [[], "source"],
    [[library.whence(library.at(recording, 0), "a0"), { deepth: 3 }], "deepth"],
    [[library.whence(library.at(recording, 0), "a0"), { depth: "3" }], "depth"],
  ],
  whence: [
    [[], "moment"],
    [[recording, "a0"], "moment"],
    [[library.at(recording, 0)], "place"],
    [[library.at(recording, 0), true], "place"],
    [[library.at(recording, 0), "a0", { hrt: 0 }], "hrt"],
    [[library.at(recording, 0), "a0", { maxInsns: "5" }], "maxInsns"],
  ],
  calls: [...ofPlace],
  output: [...ofQuestion, [[recording, { of: 5 }], "of"]],
  rows: [
    ...ofRecording,
    [[recording, { events: 5 }], "events"],
    [[recording, { fromSeq: 0 }], "fromSeq"],
    [[recording, { untilSeq: -1 }], "untilSeq"],
    [[recording, { questions: { traps: [] } }], "questions"],
    [[recording, { event: true }], "event"],
  ],
  toWebStream: [
    [[], "rows"],
    [[5], "rows"],
    [[[], { highWaterMark: -1 }], "highWaterMark"],
  ],
  toNodeStream: [
    [[], "rows"],
    [[5], "rows"],
    [[[], { highWaterMark: "1" }], "highWaterMark"],
  ],
  LiveRows: [...ofMachine, [[machine, () => undefined], "probing"]],
  Probing: [],
  presentOf: [
    [[], "opened"],
    [[{ machine }], "opened"],
    [[opened, "vmlinux"], "symbols"],
  ],
  switches: [...ofRecording, [[recording, { form: 5 }], "form"]],
  signals: [...ofRecording, [[recording, { of: 5 }], "of"], [[recording, { form: 5 }], "form"]],
  syscalls: [...ofRecording, [[recording, { of: 5 }], "of"], [[recording, { results: 5 }], "results"]],
  printed: [...ofRecording, [[recording, { of: 5 }], "of"], [[recording, { form: 5 }], "form"]],
  csrs: [
    ...ofQuestion.filter(([[, options]]) => (options as { of?: string } | undefined)?.of !== "mei"),
    [[recording, { of: "stap" }], "of"],
  ],
  bisect: [
    ...ofRecording,
    [[recording], "holds"],
    [[recording, wire, { at: 5 }], "at"],
    [[recording, wire, { until: "end" }], undefined],
  ],
  changes: [
    ...ofRecording,
    [[recording], "valueOf"],
    [[recording, wire, { at: true }], "at"],
    [[recording, wire, { of: 5 }], "of"],
  ],
  sample: [
    ...ofRecording,
    [[recording, undefined, { everyInsns: 5 }], "valueOf"],
    [[recording, wire, { everyInsns: 0 }], "everyInsns"],
    [[recording, wire, { everyNs: 0n }], "everyNs"],
    [[recording, wire, { everyInsns: 5, everyNs: 5 }], undefined],
  ],
  devices: [...ofQuestion, [[recording, { of: 5 }], "of"]],
  reads: [...ofPlace],
  traps: [...ofQuestion, [[recording, { of: "ecall" }], "of"]],
  visits: [...ofPlace],
  workers: [
    [[], "count"],
    [[0], "count"],
    [["2"], "count"],
  ],
  writes: [...ofPlace],
  precededBy: ofBeside,
  notPrecededBy: ofBeside,
  followedBy: ofBeside,
  notFollowedBy: ofBeside,
  select: [
    [[], "project"],
    [[5], "project"],
  ],
  where: [
    [[], "predicate"],
    [["value"], "predicate"],
  ],
  profile: [...ofRecording, [[recording, { every: 5 }], "every"], [[recording, { everyInsns: "5" }], "everyInsns"]],
  toNdjson: [
    [[], "rows"],
    [[5], "rows"],
  ],
  toCore: [
    ...ofState,
    [[state, { heart: 0 }], "heart"],
    [[state, { hart: -1 }], "hart"],
    [[state, { hart: 1 }], "hart"],
  ],
  pulled: [
    [[], "open"],
    [[of(1)], "open"],
  ],
  realtimeScheduler: ofTime,
  record: [
    ...ofMachine,
    [[machine], "sink"],
    [[machine, "x.fold"], "sink"],
    [[machine, sink], "header"],
    [[machine, sink, {}], "header"],
    [[machine, sink, header, { snapshots: of() }], "snapshots"],
    [[machine, sink, header, { contents: [{}] }], "contents.0"],
  ],
  Recording: [
    [[], undefined],
    [["x.fold"], undefined],
    [[{ openLog: wire }], undefined],
  ],
  replay: [...ofRecording, [[recording, { unti: 5 }], "unti"], [[recording, { until: { seq: "5" } }], "seq"]],
  router: [
    [[], undefined],
    [[{ allows: [] }], "allows"],
    [[{}], "scheduler"],
    [[{}, asyncScheduler, {}], "report"],
  ],
  run: [
    ...ofMachine,
    [[machine], "backends"],
    [[machine, [of()]], "backends.0"],
    [[machine, [], { until: 5 }], "until"],
    [[machine, [], { untilIcount: "5" }], "untilIcount"],
  ],
  runMeter: ofMachine,
  saveState: [...ofState, [[state, {}], "images"], [[state, [{ role: "kernel" }]], "images.0.path"]],
  saveStateFile: [
    [[], "path"],
    [[UNMADE], "state"],
    [[UNMADE, state, "kernel"], "images"],
    [[UNMADE, state, undefined, { force: true }], "force"],
    [[UNMADE, state, undefined, { overwrite: 1 }], "overwrite"],
  ],
  script: [
    [[], "steps"],
    [["wait"], "steps"],
    [[[{ waits: "x" }]], "steps.0"],
    [[[], { prt: 1 }], "prt"],
  ],
  streamSocket: [
    [[], undefined],
    [[{}], "address"],
    [[{ address: UNMADE }], "address"],
    [[{ address: { type: "unx", path: UNMADE } }], "address.type"],
    [[{ address: { type: "unix" } }], "address.path"],
    [[{ address: { type: "inet", host: "localhost", port: 65_536 } }], "address.port"],
    [[{ address: { type: "inet", host: "localhost", path: UNMADE } }], "address.path"],
    [[{ address: unix, sever: true }], "sever"],
    [[{ address: unix, server: "yes" }], "server"],
    [[{ address: unix, reconnectMs: Number.NaN }], "reconnectMs"],
    [[{ address: unix }], "scheduler"],
    [[{ address: unix }, {}], "scheduler"],
  ],
  toJson: [
    [[], "event"],
    [[{}], "seq"],
    [[{ ...event, type: "uart16550/byte" }], "type"],
    [[{ ...event, byte: "A" }], "byte"],
    [[{ ...event, byt: 65 }], "byt"],
    [[{ ...event, seq: "1" }], "seq"],
    [[{ ...event, ns: 0 }], "ns"],
  ],
  trace$: [
    ...ofRecording,
    [[recording], undefined],
    [[recording, { of: "mmio/stored" }], "of"],
    [[recording, { off: [] }], "off"],
  ],
  virtualScheduler: ofMachine,
  writeBack: [
    [[], "opened"],
    [[machine], "opened"],
  ],
};

const MACHINE_ALONE: Readonly<Record<string, readonly Refusal[]>> = {
  readElf: ofBytes,
  readElfSymbols: ofBytes,
  readSymbols: [...ofBytes, [[new Uint8Array()], "name"]],
  SampledMachine: [
    [[], "state"],
    [[state, {}, 0, wire], "everyInsns"],
    [[state, {}, 5], "sample"],
  ],
  SymbolTable: [
    [[], "symbols"],
    [[[{}]], "symbols.0"],
  ],
  WasmEngine: [
    [[], "bus"],
    [[bus], undefined],
    [[bus, {}], "ramBytes"],
    [[bus, { ramBytes: 1 << 20, codePage: 1 }], "codePage"],
    [[bus, { ramBytes: 1 << 20, compileThreshold: Number.NaN }], "compileThreshold"],
  ],
};

const ofReplayable: readonly Refusal[] = [
  [[], "source"],
  [[5], "source"],
  [["logs/session.fold", { cod: 1 }], "cod"],
  [["logs/session.fold", { code: "0" }], "code"],
  [["logs/session.fold", {}, { symbls: [] }], "symbls"],
];
const ofStates: readonly Refusal[] = [
  [[], "a"],
  [[state], "b"],
  [[state, state, { ignored: [] }], "ignored"],
];
const RUNNERS: Readonly<Record<string, readonly Refusal[]>> = {
  recordUntil: [
    [[], undefined],
    [[{ kernel: 5 }], "kernel"],
    [[{ machine: { kernel: spinning() }, timeoutMs: 0 }], "timeoutMs"],
  ],
  replayReport: ofReplayable,
};
const NODE_TEST: Readonly<Record<string, readonly Refusal[]>> = {
  ...RUNNERS,
  assertReplays: ofReplayable,
  assertSameState: ofStates,
};
const VITEST_ENTRY: Readonly<Record<string, readonly Refusal[]>> = {
  ...RUNNERS,
  toReplay: ofReplayable,
  toBeSameState: ofStates,
};

const PARQUET: Readonly<Record<string, readonly Refusal[]>> = {
  toParquet: [
    [[], "rows"],
    [[[], {}], "columns"],
    [[[], { columns: { a: "int" } }], "columns"],
    [[[], { columns: { a: "text" }, name: 1 }], "name"],
  ],
};

const ofRows: readonly Refusal[] = [
  [[], "rows"],
  [[5], "rows"],
];
const FORMS: Readonly<Record<string, readonly Refusal[]>> = {
  toFirefoxProfile: [...ofRows, [[[], { product: 5 }], "product"], [[[], { name: "a" }], "name"]],
  firefoxQuestion: [...ofRecording, [[recording, { everyInsns: 0 }], "everyInsns"]],
  toPerfetto: ofRows,
  toVcd: ofRows,
  perfettoQuestion: [...ofRecording, [[recording, { calls: 5 }], "of"]],
  toAsciicast: [
    ...ofRows,
    [[[], { width: 0 }], "width"],
    [[[], { startNs: 5 }], "startNs"],
    [[[], { wide: 5 }], "wide"],
  ],
  toCloudEvents: [
    ...ofRows,
    [[[], {}], "source"],
    [[[], { source: "" }], "source"],
    [[[], { source: "urn:x", typePrefix: "" }], "typePrefix"],
    [[[], { source: "urn:x", startedAt: "today" }], "startedAt"],
  ],
  structuredMessage: [
    [[], "event"],
    [[{ id: "1" }], "event"],
  ],
  binaryMessage: [
    [[], "event"],
    [[{ id: "1" }], "event"],
  ],
  batchMessage: [
    [[], "events"],
    [[{}], "events"],
    [[[5]], "events.0"],
  ],
};

const MCP: Readonly<Record<string, readonly Refusal[]>> = {
  mcpServer: [
    [[], "recordings"],
    [[[recording]], "recordings"],
    [[new Map()], "recordings"],
  ],
  serveMcp: [
    [[], "server"],
    [[mcp.mcpServer(new Map([["a", recording]]))], "input"],
    [[mcp.mcpServer(new Map([["a", recording]])), new PassThrough()], "output"],
  ],
};

/** What takes nothing, is made by other calls, is no function, or reads what any program may have written. */
const BESIDES: Readonly<Record<string, string>> = {
  fromJson: "it refuses text from anywhere, as LogError INVALID_EVENT",
  COLUMNS: "a table",
  MAX_TOOL_FRAMES: "a number",
  MAX_TOOL_NODES: "a number",
  MAX_TOOL_ROWS: "a number",
  MAX_UNREAD: "a number",
  MAX_VALUE_CHARACTERS: "a number",
  memorySink: "takes nothing",
  Query: "made by questions",
  RecordingDiff: "made by diff",
  StateDiff: "made by diff",
  TRAP_NAMES: "a list",
  Ram: "made by states",
  matchers: "a table of functions, which are here each by its name",
};

type Callable = (...given: readonly unknown[]) => unknown;

/** A class is called with `new`. */
const calling = (exported: unknown, given: readonly unknown[]): unknown =>
  /^class\b/.test(String(exported))
    ? Reflect.construct(exported as new () => unknown, given)
    : (exported as Callable)(...given);

const isError = (exported: unknown): boolean => typeof exported === "function" && exported.prototype instanceof Error;

for (const [entry, all, table] of [
  ["foldvm", library, LIBRARY],
  ["foldvm/machine", machineAlone, { ...LIBRARY, ...MACHINE_ALONE }],
  ["foldvm/forms", forms, FORMS],
  ["foldvm/parquet", parquet, PARQUET],
  ["foldvm/mcp", mcp, MCP],
  ["foldvm/node-test", nodeTest, NODE_TEST],
  ["foldvm/vitest", { ...vitest, ...vitest.matchers }, VITEST_ENTRY],
] as const) {
  const exported: Readonly<Record<string, unknown>> = all;
  const names = Object.keys(exported).filter((name) => !isError(exported[name]));

  test(`given ${entry}, when it exports something, then what it is given wrongly is in the table`, () => {
    for (const name of names) assert.ok(name in table || name in BESIDES, name);
  });

  for (const name of names.filter((one) => one in table)) {
    test(`given nothing, a wrong type or a wrong field, when ${name} of ${entry} gets it, then the error names it`, async () => {
      for (const [given, option] of table[name] ?? []) {
        const what = `${name}, ${String(option)}`;
        try {
          // What answers with a promise fails by it.
          await calling(exported[name], given);
        } catch (fault) {
          assert.instance(fault, OptionError, `${what}: ${String(fault)}`);
          const error = fault as library.OptionError;
          assert.is(error.option, option, `${what}: ${error.message}`);
          continue;
        }
        throw new Error(`${what} was taken`);
      }
      assert.equal(machine.position, { seq: 0, icount: 0 });
      assert.is(sink.bytes().length, 0);
      assert.not(existsSync(UNMADE));
    });
  }
}

test.run();
