/**
 * Lines that a test must guard, each with a way to break it: above all limits and refusals, which are easily left
 * without a test.
 */

export interface Mutant {
  readonly file: string;
  /** Stands in the file once. */
  readonly find: string;
  readonly replace: string;
  /** Part of the path of the test files of which one must turn red. */
  readonly test: string;
  /** Tried with every run of the tests, not on demand alone: the test takes seconds. */
  readonly isQuick?: boolean;
}

export const MUTANTS: readonly Mutant[] = [
  {
    // A carry that is forgotten: an origin would be missing.
    file: "src/machine/dataflow/sourced-arithmetic.ts",
    find: "return (below = union(below, own));",
    replace: "return own;",
    test: "machine/dataflow",
  },
  {
    file: "src/machine/dataflow/explain.ts",
    find: "while (deeds.length < MAX_DEEDS_AN_INSTRUCTION) {",
    replace: "while (deeds.length < 17) {",
    test: "machine/dataflow",
  },
  {
    // An instruction that waited for the host is told where it began first, and retires later.
    file: "src/streams/past/whence/history.ts",
    find: "block = yield* this.block({ seq, icount }, hart);",
    replace: "",
    test: "past/whence/whence",
  },
  {
    file: "src/streams/past/whence/history.ts",
    find: "if (this.ranInsns > this.maxInsns) throw new Exhausted();",
    replace: "",
    test: "past/whence/whence",
  },
  {
    file: "src/streams/past/whence/spots-named.ts",
    find: "if (bytes > MAX_WHENCE_BYTES) {",
    replace: "if (bytes > 2 * MAX_WHENCE_BYTES) {",
    test: "past/whence/whence",
  },
  {
    // Of the bytes in a FIFO, the first one is read.
    file: "src/reducers/uart16550.ts",
    find: "back: Math.max(0, state.received.length - 1) }",
    replace: "back: 0 }",
    test: "past/whence/fifo",
  },
  {
    // What keeps the guest out of the host's subnet.
    file: "src/streams/net/host-place.ts",
    find: "if (isInside && destination !== host) return undefined;",
    replace: "",
    test: "streams/net",
    isQuick: true,
  },
  {
    file: "src/machine/fold.ts",
    find: 'if (stop === "off") return { field: "type", expected: event.type, actual: "a machine that is off" };',
    replace: "",
    test: "machine/fold",
    isQuick: true,
  },
  {
    file: "src/machine/fold.ts",
    find: "if (seq !== next) diverge(",
    replace: "if (seq < next) diverge(",
    test: "machine/fold",
  },
  {
    file: "src/machine/fold.ts",
    find: "if (machine.position.icount !== icount) {",
    replace: "if (machine.position.icount > icount) {",
    test: "machine/fold",
  },
  {
    file: "src/machine/fold.ts",
    find: "return hash === event.hash",
    replace: "return (hash & 0xffn) === (event.hash & 0xffn)",
    test: "machine/fold",
  },
  {
    file: "src/machine/fold.ts",
    find: "for (const field in rowOf(event.type).payload) {",
    replace: 'for (const field of ["cause"]) {',
    test: "machine/fold",
  },
  {
    file: "src/streams/store/saved-state/page-sections.ts",
    find: "if (index >= pageCount) throw invalid(",
    replace: "if (index > pageCount) throw invalid(",
    test: "store/saved-state/saved-state",
  },
  {
    file: "src/streams/store/log/segment-walk.ts",
    find: 'if (!Number.isSafeInteger(header.firstSeq + header.count)) throw damaged("firstSeq");',
    replace: "",
    test: "store/log/forged",
  },
  {
    file: "src/machine/engine/accesses/address-spaces.ts",
    find: "o.ltU(o.i64(BigInt(LAST_CONTEXT - 2)), ",
    replace: "o.ltU(o.i64(BigInt(LAST_CONTEXT + 2)), ",
    test: "machine/engine/address-spaces",
  },
  {
    file: "src/streams/net/receive-window.ts",
    find: "Math.min(MAX_UNCONSUMED_BYTES / 2, 2 * MSS)",
    replace: "Math.min(MAX_UNCONSUMED_BYTES / 2, 0)",
    test: "streams/net",
  },
  {
    file: "src/machine/virtio/console.ts",
    find: "if (chain.readableLength > MAX_CHAIN_BYTES) {",
    replace: "if (chain.readableLength > MAX_CHAIN_BYTES + 1) {",
    test: "machine/virtio/devices",
  },
  {
    file: "src/streams/time/schedulers.ts",
    find: "if (this.closed || !Number.isFinite(delayMs)) return this;",
    replace: "if (this.closed) return this;",
    test: "streams/time/schedulers",
  },
  {
    file: "src/machine/engine/compiled/installed-code.ts",
    find: "    this.freeIds.length = 0;\n",
    replace: "",
    test: "machine/engine/growth",
  },
  {
    file: "src/streams/net/dhcp-server.ts",
    find: "if (server?.length === 4 && ipv4At(server, 0) !== this.layout.host) return undefined;",
    replace: "",
    test: "streams/net/dhcp",
    isQuick: true,
  },
  {
    // Heard twice, a disk's request would be answered twice.
    file: "src/machine/effect-listeners.ts",
    find: "if (this.silent) return;",
    replace: "",
    test: "streams/time/control",
  },
  {
    file: "src/streams/past/names/expression/parse.ts",
    find: "if (this.depth > MAX_DEPTH) {",
    replace: "if (this.depth > MAX_DEPTH + 1) {",
    test: "past/names/expression",
    isQuick: true,
  },
  {
    file: "src/streams/past/names/expression/tokens.ts",
    find: "if (words > MAX_TOKENS) {",
    replace: "if (words > MAX_TOKENS + 2) {",
    test: "past/names/expression",
  },
  {
    file: "src/streams/session/monitor/examine.ts",
    find: "if (count > MAX_COUNT) {",
    replace: "if (count > 2 * MAX_COUNT) {",
    test: "session/monitor/monitor",
  },
  {
    file: "src/machine/virtio/blk.ts",
    find: "const count = burstOf(answered);",
    replace: "const count = answered.length;",
    test: "machine/virtio/blk.test",
    isQuick: true,
  },
  {
    file: "src/streams/live/backends/merge-last.ts",
    find: "if (open.size > count) oldest?.unsubscribe();",
    replace: "",
    test: "live/backends/disks",
    isQuick: true,
  },
  {
    file: "src/streams/host/disks/image-file.ts",
    find: "if (this.fetches.size === MAX_FETCHES) return undefined;",
    replace: "",
    test: "host/disks/image-file",
  },
  {
    file: "src/machine/fdt/decode.ts",
    find: "start + MAX_NAME_BYTES + 1)",
    replace: "start + MAX_NAME_BYTES + 2)",
    test: "machine/fdt",
  },
  {
    file: "src/reducers/virtio/blk.ts",
    find: " && length <= MAX_LAYERS)",
    replace: ")",
    test: "reducers/machine-config",
  },
  {
    file: "src/streams/session/monitor/prompt.ts",
    find: "if (Buffer.byteLength(line) > MAX_LINE_BYTES) throw tooLong();",
    replace: "",
    test: "session/monitor/prompt",
  },
  {
    // A worker's run begins where the one before did.
    file: "src/streams/session/hunt/worker.ts",
    find: "    opened.machine.load(initial);",
    replace: "    if (number > 1) opened.machine.load(initial);",
    test: "session/hunt/hunt",
  },
  {
    file: "src/streams/session/hunt/hunt.ts",
    find: "throw new Trouble(reply.message, reply.fault);",
    replace: 'throw new Trouble(reply.message, "internal");',
    test: "session/hunt/hunt",
  },
  {
    file: "src/streams/session/hunt/hunt.ts",
    find: 'if (plan.keep !== "none") requirePlaces(plan, options.overwrite === true);',
    replace: "",
    test: "cli/hunt-ends",
  },
  {
    file: "src/streams/chaos/rate.ts",
    find: "const half = (Z / scale)",
    replace: "const half = (1 / scale)",
    test: "chaos/rate",
  },
  {
    file: "src/machine/harts.ts",
    find: "if (!isLockedUp(this.engine.hart(hart))) return false;",
    replace: "if (isLockedUp(this.engine.hart(hart))) return true;",
    test: "hostile/harts",
  },
  {
    file: "src/machine/harts.ts",
    find: "if (next !== hart) this.engine.registers.setField",
    replace: "if (next === hart) this.engine.registers.setField",
    test: "machine/harts/reservation",
  },
  {
    file: "src/machine/harts.ts",
    find: "hart !== schedule.hart && (now & ~(seen[hart] ?? 0)) !== 0",
    replace: "hart !== schedule.hart && (now & (seen[hart] ?? 0)) !== 0",
    test: "machine/harts",
  },
  {
    file: "src/machine/machine.ts",
    find: "    // Of a state that a machine was in, nobody's turn is over. A forged one may say so.\n    this.passOn(false);",
    replace: "",
    test: "saved-state/forged-state",
  },
  {
    file: "src/streams/store/saved-state/machine-shape.ts",
    find: "if (untilIcount !== null && untilIcount < sinceIcount)",
    replace: "if (untilIcount !== null && untilIcount > sinceIcount + icount)",
    test: "saved-state/forged-state",
  },
  {
    file: "src/streams/store/saved-state/machine-shape.ts",
    find: "if (before !== sinceIcount)",
    replace: "if (before < 0)",
    test: "saved-state/forged-state",
  },
  {
    file: "src/reducers/schedule.ts",
    find: "event.hart < state.priorities.length",
    replace: "event.hart <= state.priorities.length",
    test: "reducers/schedule",
  },
  {
    file: "src/streams/chaos/pct-chaos.ts",
    find: "priority: FIRST_PRIORITY - 1 - rank",
    replace: "priority: FIRST_PRIORITY + rank",
    test: "guests/chaos-bound",
  },
  {
    file: "src/streams/chaos/schedule.ts",
    find: "if (icount < fromIcount)",
    replace: "if (icount < 0)",
    test: "chaos/schedule-text",
  },
  {
    file: "src/streams/live/sequence/sequencer.ts",
    find: "    this.deviator?.inputTaken();",
    replace: "",
    test: "chaos/chaos",
  },
  {
    // A program may have any tp when it traps.
    file: "src/streams/past/names/linux/tasks.ts",
    find: "const hasSwapped = isInKernel && !(isAtEntry && sscratch !== 0n);",
    replace: "const hasSwapped = isInKernel;",
    test: "names/linux/linux-names",
  },
  {
    // A list of a hostile kernel runs in a circle.
    file: "src/streams/past/names/linux/linked-list.ts",
    find: "seen.has(at) || ",
    replace: "",
    test: "names/linux/hostile",
  },
  {
    file: "src/streams/past/names/linux/btf-nesting.ts",
    find: "if (depth > MAX_NESTING) return false;",
    replace: "",
    test: "names/linux/btf",
  },
  {
    file: "src/streams/past/names/linux/module-symbols.ts",
    find: "table.count <= symbolsLeft && ",
    replace: "",
    test: "names/linux/hostile",
  },
  {
    file: "src/streams/past/names/linux/module-symbols.ts",
    find: "if (last >= MAX_MODULE_NAME_BYTES) return undefined;",
    replace: "",
    test: "names/linux/hostile",
  },
  {
    file: "src/streams/past/names/linux/module-types.ts",
    find: "range.byteLength <= left;",
    replace: "true;",
    test: "names/linux/hostile",
  },
  {
    file: "src/streams/past/names/linux/kallsyms.ts",
    find: "if (name.length > MAX_NAME_CHARACTERS || characters > MAX_CHARACTERS) return undefined;",
    replace: "if (name.length > MAX_NAME_CHARACTERS) return undefined;",
    test: "names/linux/kallsyms",
  },
  {
    file: "src/streams/past/names/linux/kallsyms.ts",
    find: "names >= farthest && search.steps <= MAX_STEPS;",
    replace: "names >= farthest;",
    test: "names/linux/kallsyms",
  },
  {
    file: "src/streams/past/names/linux/kernel-place.ts",
    find: "return Math.min(Number(image.imageBytes), MAX_KERNEL_BYTES, left);",
    replace: "return Math.min(Number(image.imageBytes), left);",
    test: "names/linux/linux-names",
  },
  {
    // Another kernel may lie behind the same header.
    file: "src/streams/past/names/linux/remembered.ts",
    find: "entry?.subject === subject && isSame(entry.pages, pagesIn(ram, pagesOf, entry.ranges))",
    replace: "entry?.subject === subject",
    test: "names/linux/linux-names",
  },
  {
    file: "src/streams/past/names/linux/unwinding.ts",
    find: "pc % 2n === 0n ? scanEpilogue(read(pc, MAX_EPILOGUE_BYTES) ?? NO_CODE) : undefined",
    replace: "scanEpilogue(read(pc, MAX_EPILOGUE_BYTES) ?? NO_CODE)",
    test: "names/linux/unwinding",
  },
  {
    file: "src/streams/past/names/frame-scan.ts",
    find: "framePointerBytes = frameBytes - imm;",
    replace: "framePointerBytes = 0;",
    test: "names/linux/unwinding",
  },
  {
    // A page that was written and got its old content back is no page that was not written.
    file: "src/machine/machine.ts",
    find: "ram: this.ramImage.rewritten(this.initial.ram),",
    replace: "",
    test: "machine/reset-versions",
    isQuick: true,
  },
  {
    file: "src/streams/store/state-index/state-index.ts",
    find: "if (digester.of(bytes, version.page) !== digest) throw changedPage(version.page);",
    replace: "digester.of(bytes, version.page);",
    test: "store/state-index/damage",
  },
  {
    file: "src/streams/store/state-index/state-index.ts",
    find: "hashOfState(made) !== described.hash)",
    replace: "hashOfState(made) === 0n)",
    test: "store/state-index/damage",
  },
  {
    file: "src/streams/store/state-index/prologue.ts",
    find: "if (prologue.byteLength !== source.size) {",
    replace: "if (prologue.byteLength < 0) {",
    test: "past/recording-index",
  },
  {
    file: "src/streams/store/state-index/prologue.ts",
    find: "if (prologue.identity !== owner.identity || prologue.startHash !== owner.startHash) {",
    replace: "if (prologue.identity !== owner.identity) {",
    test: "store/state-index/damage",
  },
  {
    file: "src/streams/store/state-index/chunks.ts",
    find: "if (count > MAX_CHUNKS) throw damaged(start);",
    replace: "",
    test: "store/state-index/damage",
  },
  {
    file: "src/streams/store/state-index/state-index-builder.ts",
    find: "this.taken.length > MAX_INDEXED_STATES ||",
    replace: "",
    test: "store/state-index/state-index",
  },
  {
    file: "src/streams/store/state-index/state-index-builder.ts",
    find: "      this.last = this.start;\n",
    replace: "",
    test: "store/state-index/state-index",
  },
  {
    // The same page in a file and in memory.
    file: "src/streams/past/kept-states.ts",
    find: "this.stored === undefined ? this.state?.ram.version(page) : this.stored.state.version(page)",
    replace: "this.stored === undefined ? this.state?.ram.page(page) : this.stored.state.version(page)",
    test: "past/recording-index",
  },
  {
    file: "src/streams/host/state-index-file.ts",
    find: "if (bytes > maxBytes) rmSync(path, { force: true });",
    replace: "",
    test: "host/state-index-file",
  },
  {
    file: "src/streams/host/state-index-file.ts",
    find: "if (bytes.length === 0 || beginsAsIndex(bytes)) return;",
    replace: "if (bytes.length >= 0) return;",
    test: "host/state-index-file",
  },
  {
    // A page of zeros is shared by all states, written or not.
    file: "src/streams/past/query/may-be-written.ts",
    find: "return now === undefined || now !== before.version(page);",
    replace: "return now !== undefined && now !== before.version(page);",
    test: "past/query/segments",
  },
  {
    file: "src/streams/past/kept-states.ts",
    find: "const score = (gap + 1) / (Math.abs(icount - focusIcount) + 1);",
    replace: "const score = 1 / (gap + 1);",
    test: "past/kept-states",
  },
  {
    // A probe that is missed: its page stays in the TLB.
    file: "src/machine/engine/probes.ts",
    find: "for (const address of this.reached) pages.add(address - (address % pageBytes));",
    replace: "",
    test: "machine/engine/probes",
  },
  {
    file: "src/machine/engine/ranges.ts",
    find: "page * pageBytes < end; page += 1) yield",
    replace: "page * pageBytes < end - pageBytes; page += 1) yield",
    test: "machine/engine/probes",
  },
  {
    // Content that is written back is another version: in memory, after a reset, in an index.
    file: "src/machine/ram-image.ts",
    find: "if (digest === 0n) return [page, undefined];",
    replace: "if (digest === this.captured.page(page)?.digest) return [page, this.captured.page(page)];",
    test: "past/query/written-back",
  },
  {
    file: "src/machine/ram-image.ts",
    find: "return [index, page && { bytes: page.bytes, digest: page.digest }];",
    replace: "return [index, page];",
    test: "past/query/written-back",
  },
  {
    file: "src/streams/store/state-index/state-index.ts",
    find: 'return version === "start" ? this.start.ram.version(page) : version;',
    replace:
      'return version !== "start" && (version?.found ?? 0) >= FOUND.stored ? version : this.start.ram.version(page);',
    test: "past/query/written-back",
  },
  {
    // What lies at a segment's boundary is in the one behind it, once.
    file: "src/streams/past/query/range.ts",
    find: "if (!isOut && !wasRuledOut && last !== undefined) last.until = until;",
    replace: "if (!isOut && !wasRuledOut && last !== undefined) continue;",
    test: "past/query/written-back",
  },
  {
    file: "src/machine/engine/ranges.ts",
    find: "(this.starts[this.after(address)] ?? Infinity) < address + bytes",
    replace: "(this.starts[this.after(address)] ?? Infinity) <= address + bytes",
    test: "engine/ranges",
  },
  {
    file: "src/machine/engine/ranges.ts",
    find: "if ((ends[middle] ?? 0) <= address) low = middle + 1;",
    replace: "if ((ends[middle] ?? 0) < address) low = middle + 1;",
    test: "engine/ranges",
  },
];
