/**
 * The trace compiler once more, in TypeScript: instruction by instruction, with the emitter that the templates are
 * captured from. What the engine's own compiler writes must be the same, byte by byte.
 */
import { ByteWriter } from "../../src/machine/byte-writer.js";
import { accessGroups } from "../../src/machine/engine/compiled/access-groups.js";
import { CodePlaces, type CodeSpot } from "../../src/machine/engine/compiled/code-places.js";
import { CODE_SIGNATURE } from "../../src/machine/engine/compiled/code-protocol.js";
import {
  BRANCHES,
  compilable,
  distanceOf,
  offsetInPage,
  type PlacedInstruction,
} from "../../src/machine/engine/compiled/compilable.js";
import { ExecutedCode } from "../../src/machine/engine/compiled/executed-code.js";
import { GROUP } from "../../src/machine/engine/compiled/ways-out.js";
import type { EngineMemory } from "../../src/machine/engine/engine-memory.js";
import { HANDLER, MAX_TRACE_INSNS, PAGE_BYTES, PAGE_OFFSET } from "../../src/machine/engine/layout.js";
import { isTakenTo, TraceEmitter, type TraceLocals, type Way } from "../../src/machine/engine/traces/trace-emitter.js";
import {
  FIRST_LOCAL,
  FIRST_REGISTER,
  FIXED_LOCALS,
  FLOAT_LOCALS,
  floatLocals,
  writeLocals,
} from "../../src/machine/engine/traces/trace-locals.js";
import { Assembler, type Local } from "../../src/machine/wasm/assembler.js";
import type { ValueType } from "../../src/machine/wasm/opcodes.js";

export interface PlainPath {
  readonly head: CodeSpot;
  readonly instructions: readonly PlacedInstruction[];
  /** Its last instruction leads to its first one again. */
  readonly isLoop: boolean;
  /** The code pages by their distance from the first, in pages. */
  readonly pages: ReadonlyMap<number, number>;
}

const MAX_DISTANCE_BYTES = 1 << 29;

/** `pcs` are where the hart was, from the head on, instruction by instruction. */
export function plainPath(memory: EngineMemory, head: CodeSpot, pcs: readonly bigint[]): PlainPath {
  const places = new CodePlaces(memory);
  const executed = new ExecutedCode(memory, places, { speculative: false, isProbed: () => false });
  const instructions: PlacedInstruction[] = [];
  const pages = new Map<number, number>();
  const base = (pcs[0] ?? 0n) & ~PAGE_OFFSET;
  let isLoop = false;
  for (const pc of pcs) {
    const spot = places.spotOfPc(pc);
    const offset = Number(BigInt.asIntN(64, pc - base));
    if (spot === undefined || Math.abs(offset) > MAX_DISTANCE_BYTES) break;
    const isHead = spot.codePage === head.codePage && spot.offset === head.offset;
    const before = instructions.at(-1);
    if (before === undefined ? !isHead : !mayFollow(before, offset)) break;
    isLoop = before !== undefined && isHead;
    if (isLoop || instructions.length >= MAX_TRACE_INSNS) break;
    if (before !== undefined && places.handlerAt(spot) === HANDLER.region) break;
    if (!isOwnPage(pages, distanceOf(offset), spot.codePage)) break;
    const decoded = compilable(executed.page(spot.codePage), spot.offset);
    if (decoded === undefined) break;
    pages.set(distanceOf(offset), spot.codePage);
    instructions.push({ offset, decoded });
  }
  return { head, instructions, isLoop, pages };
}

/** A page that is seen at two addresses would be two. */
function isOwnPage(pages: ReadonlyMap<number, number>, distance: number, codePage: number): boolean {
  const known = pages.get(distance);
  return known === undefined ? ![...pages.values()].includes(codePage) : known === codePage;
}

/** Otherwise a trap was taken in between. */
function mayFollow({ offset, decoded }: PlacedInstruction, next: number): boolean {
  const { name } = decoded.instruction;
  if (name === "jalr") return true;
  if (name === "jal") return next === offset + decoded.imm;
  return next === offset + decoded.bytes || (BRANCHES.has(name) && next === offset + decoded.imm);
}

export interface PlainSource {
  readonly memory: EngineMemory;
  readonly path: PlainPath;
  readonly isDirect: boolean;
  readonly isSplit: (spot: CodeSpot) => boolean;
  /** The number of the first way out. */
  readonly firstSite: number;
}

export interface PlainTrace {
  readonly body: Uint8Array;
  /** Offset, instructions, the word of the code there, the group of accesses. */
  readonly sites: readonly (readonly [number, number, number, number])[];
}

export function plainTrace(source: PlainSource): PlainTrace {
  // What it needs is known when it was emitted once.
  const draft = new PlainEmitter(source, NOTHING);
  draft.emit();
  const trace = new PlainEmitter(source, draft.needed);
  trace.emit();
  return { body: trace.body, sites: trace.sites };
}

interface Needed {
  /** The registers, x before f, that need a local, and whether their values from before count. */
  readonly registers: ReadonlyMap<number, boolean>;
  readonly hosts: number;
  readonly temporaries: Readonly<Record<ValueType, number>>;
}

const NONE = { i32: 0, i64: 0, f32: 0, f64: 0 } as const;
const NOTHING: Needed = { registers: new Map(), hosts: 0, temporaries: NONE };
const FIRST_F = 32;

class TraceAssembler extends Assembler {
  readonly taken: Record<ValueType, number> = { ...NONE };

  constructor(private readonly first: Readonly<Record<ValueType, number>>) {
    super(CODE_SIGNATURE.parameters);
  }

  override local(type: ValueType): Local {
    return { index: this.first[type] + this.taken[type]++, type };
  }
}

class PlainEmitter {
  readonly sites: [number, number, number, number][] = [];
  private readonly asm: TraceAssembler;
  private readonly emitter: TraceEmitter;
  private readonly registers = new Map<number, boolean>();
  private readonly hosts = new Map<unknown, number>();
  private readonly seen = new Set([0]);
  private readonly groups;
  private readonly order: readonly number[];
  private readonly floats: number;
  private readonly firstHost: number;
  private present: PlacedInstruction | undefined;

  constructor(
    private readonly source: PlainSource,
    private readonly plan: Needed,
  ) {
    const { path, isDirect, memory } = source;
    this.order = [...plan.registers.keys()].sort((a, b) => a - b);
    const { temporaries, hosts } = plan;
    const i64 = FIRST_REGISTER + this.order.length;
    this.floats = i64 + temporaries.i64;
    this.firstHost = this.floats + (this.hasFloat ? FLOAT_LOCALS : 0);
    const i32 = this.firstHost + hosts;
    const f32 = i32 + temporaries.i32;
    this.asm = new TraceAssembler({ i64, i32, f32, f64: f32 + temporaries.f32 });
    this.groups = accessGroups(path.instructions, (offset) => source.isSplit(this.spotAt(offset)));
    const locals: TraceLocals = {
      ...FIXED_LOCALS,
      float: floatLocals(this.floats),
      host: () => ({ index: this.firstHost + this.hostOfPresent(), type: "i32" }),
      register: (file, index, isRead) => {
        const register = index + (file === "f" ? FIRST_F : 0);
        if (!this.registers.has(register)) this.registers.set(register, isRead);
        return { index: FIRST_REGISTER + this.order.indexOf(register), type: "i64" };
      },
    };
    const waysOut = {
      exit: ({ offset, insns }: Way) => this.addSite([offset, insns, this.codeWordAt(offset), 0]),
      handOver: ({ offset, insns }: Way) => this.addSite([offset, insns, 0, 0]),
      split: ({ offset, insns }: Way) => this.addSplit(offset, insns),
    };
    const directRam = isDirect ? memory.layout : undefined;
    this.emitter = new TraceEmitter({ asm: this.asm, locals, waysOut, directRam });
  }

  emit(): void {
    const { emitter, order, plan } = this;
    emitter.findData();
    if (this.hasFloat) emitter.loadFloatStatus();
    for (const register of order) {
      if (plan.registers.get(register) !== true) continue;
      emitter.loadRegister(register < FIRST_F ? "x" : "f", register % FIRST_F);
    }
    const { instructions, isLoop } = this.source.path;
    this.registers.clear();
    if (isLoop) emitter.loop(instructions.length, () => this.emitPath());
    else this.emitPath();
    emitter.end();
  }

  get needed(): Needed {
    return { registers: this.registers, hosts: this.hosts.size, temporaries: this.asm.taken };
  }

  get body(): Uint8Array {
    const { asm, plan, floats } = this;
    const writer = new ByteWriter();
    writeLocals(writer, {
      i64: floats - FIRST_LOCAL,
      i32: (this.hasFloat ? FLOAT_LOCALS : 0) + plan.hosts + plan.temporaries.i32,
      f32: plan.temporaries.f32,
      f64: plan.temporaries.f64,
    });
    writer.append(asm.code.view());
    return writer.view().slice();
  }

  private get hasFloat(): boolean {
    return this.order.some((register) => register >= FIRST_F);
  }

  private emitPath(): void {
    const { emitter, source, groups } = this;
    const { instructions, isLoop } = source.path;
    emitter.checkBudget(instructions.length, instructions[0]?.offset ?? 0);
    let checked = 0;
    instructions.forEach((instruction, insns) => {
      this.present = instruction;
      const isLast = insns === instructions.length - 1;
      const next = isLast && isLoop ? instructions[0]?.offset : instructions[insns + 1]?.offset;
      const group = groups.get(instruction);
      const access = group && { group, isFirst: !this.hosts.has(group) };
      checked |= emitter.instruction({ ...instruction, insns, next, access, checked });
      const way = wayOn(instruction, insns + 1, next);
      if (way === undefined) return;
      if (!isLast) this.seePage(way);
      else if (!isLoop) emitter.exit(way);
    });
  }

  private seePage(way: Way): void {
    const distance = distanceOf(way.offset);
    if (this.seen.has(distance)) return;
    const page = distance * PAGE_BYTES;
    const code = new CodePlaces(this.source.memory).slotOf(this.spotAt(page));
    this.emitter.seePage({ page, code }, way);
    this.seen.add(distance);
  }

  /** On a page of the trace. */
  private spotAt(offset: number): CodeSpot {
    const { pages, head } = this.source.path;
    return { codePage: pages.get(distanceOf(offset)) ?? head.codePage, offset: offsetInPage(offset) };
  }

  private codeWordAt(offset: number): number {
    if (!this.seen.has(distanceOf(offset))) return 0;
    return new CodePlaces(this.source.memory).codeWordOf(this.spotAt(offset));
  }

  private hostOfPresent(): number {
    const group = this.present && this.groups.get(this.present);
    const host = this.hosts.get(group) ?? this.hosts.size;
    this.hosts.set(group, host);
    return host;
  }

  private addSplit(offset: number, insns: number): number {
    const group = this.present && this.groups.get(this.present);
    if (group === undefined) throw new Error("an access of no group is split");
    return this.addSite([offset, insns, group.lowest, (group.base * 8) | (group.bytes << GROUP.baseBits)]);
  }

  private addSite(site: [number, number, number, number]): number {
    this.sites.push(site);
    return this.source.firstSite + this.sites.length - 1;
  }
}

/** Where control goes on; undefined: where a jump leads that is not followed. */
function wayOn({ offset, decoded }: PlacedInstruction, insns: number, next: number | undefined): Way | undefined {
  const { name } = decoded.instruction;
  const after = offset + decoded.bytes;
  const taken = offset + decoded.imm;
  if (name === "jalr") return next === undefined ? undefined : { offset: next, insns };
  if (name === "jal") return { offset: taken, insns };
  return { offset: BRANCHES.has(name) && isTakenTo(next, { after, taken }) ? taken : after, insns };
}
