/**
 * The semantics as compiled code: registers are locals, operands are constants, and slow cases leave the code.
 */
import type { DecodedInstruction } from "../../isa/decode.js";
import type { Width } from "../../hart/ops.js";
import type { Assembler, Local } from "../../wasm/assembler.js";
import type { Code } from "../expressions/compiled-values.js";
import { NEVER, READ_TLB, WRITE_TLB, type Layout } from "../layout.js";
import { LOADS, STORES, WasmOps, type AccessPaths } from "../wasm-ops.js";
import type { FloatStatus } from "./code-entry.js";
import { directAccess } from "./direct-access.js";
import type { FloatCall } from "../expressions/float-fast-path.js";
import type { Facts } from "../expressions/word-values.js";
import type { Word } from "../expressions/words.js";
import type { AccessGroup } from "./access-groups.js";
import type { PlacedInstruction } from "./compilable.js";
import type { Operands } from "../../isa/instruction.js";

export type Terminator =
  | { readonly kind: "branch"; readonly condition: Code }
  | { readonly kind: "jump" }
  | { readonly kind: "indirect"; readonly target: Code };

const ZERO: Facts = { constant: 0n };
const UNKNOWN: Facts = {};
const ROUND_TO_NEAREST = 0n;
const LAST_ROUNDING_MODE = 4n;
const ROUND_DYNAMIC = 7n;

/** Guest registers in locals. */
export interface GuestRegisters {
  /** The local with the register's value. */
  read: (index: number) => Local;
  /** Takes the value that `value` leaves. `mayNot`: only on some ways through the code. */
  write: (index: number, value: Code, mayNot: boolean) => void;
}

/** What compiled code is compiled into. */
export interface CompiledFrame extends FloatStatus {
  readonly asm: Assembler;
  readonly pageVa: Code;
  readonly dataContext: Code;
  /** The layout of RAM, in a region that finds it without a TLB. */
  readonly directRam: Layout | undefined;
  readonly x: GuestRegisters;
  readonly f: GuestRegisters;
  /** The local for the host address of the block's group of accesses with this number. */
  readonly hostLocal: (group: number) => Local;
  /** Hands the present instruction to the interpreter, before any of its effects. */
  readonly leaveUnfinished: () => void;
  /** The same for a group of accesses that is not on one page of the TLB. It begins at this address. */
  readonly leaveSplit: (address: Code, bytes: number) => void;
}

const TLB_OF = { load: READ_TLB, store: WRITE_TLB } as const;

export class CompiledOps extends WasmOps<number> {
  /** Set by an instruction that ends its block. */
  terminator: Terminator | undefined;
  private offset = 0;
  /** Of the present instruction. */
  private group: AccessGroup | undefined;
  private bytes = 4;
  private groups: ReadonlyMap<PlacedInstruction, AccessGroup> = new Map();
  /** The host addresses of this block's groups. */
  private readonly hosts = new Map<AccessGroup, Local>();
  /** The offset from there to addresses in this memory. */
  private readonly hostOffset: number;
  private displacement = 0;
  /** What this block knows of the registers' values. */
  private readonly known = new Map<number, Facts>();
  private isConditional = false;
  private readonly required = new Set<Word>();

  constructor(private readonly frame: CompiledFrame) {
    super(frame.asm);
    this.hostOffset = frame.directRam?.ram ?? 0;
  }

  /** The conditions that this block has checked. */
  get checked(): ReadonlySet<Word> {
    return this.required;
  }

  /** Compiles one instruction. */
  emit(instruction: PlacedInstruction): void {
    const { offset, decoded } = instruction;
    this.group = this.groups.get(instruction);
    this.offset = offset;
    this.bytes = decoded.bytes;
    this.displacement = decoded.imm;
    this.terminator = undefined;
    decoded.instruction.execute(this, this.operandsOf(decoded));
  }

  /** Begins a block: nothing is known of the registers. */
  enterBlock(groups: ReadonlyMap<PlacedInstruction, AccessGroup>): void {
    this.known.clear();
    this.required.clear();
    this.groups = groups;
    this.hosts.clear();
  }

  /** Goes on in a block that has found these groups, and checked these conditions. */
  goOnInBlock(hosts: ReadonlyMap<AccessGroup, Local>, checked: Iterable<Word>): void {
    for (const [group, host] of hosts) this.hosts.set(group, host);
    for (const condition of checked) this.required.add(condition);
  }

  override load(width: Width, address: Code): Code {
    const { group } = this;
    if (group === undefined) return super.load(width, address);
    const { asm } = this;
    const host = this.hostOf(group);
    const result = this.temporary("i64");
    asm.get(host);
    asm.memory(LOADS[width], this.hostOffset + this.displacement - group.lowest);
    asm.set(result);
    return this.loaded(width, () => {
      asm.get(result);
    });
  }

  override store(width: Width, address: Code, value: Code): void {
    const { group } = this;
    if (group === undefined) {
      super.store(width, address, value);
      return;
    }
    this.asm.get(this.hostOf(group));
    value();
    this.asm.memory(STORES[width], this.hostOffset + this.displacement - group.lowest);
  }

  /** The first access of a group finds its place, or leaves. */
  private hostOf(group: AccessGroup): Local {
    const known = this.hosts.get(group);
    if (known !== undefined) return known;
    const { asm, frame } = this;
    const host = frame.hostLocal(this.hosts.size);
    this.hosts.set(group, host);
    const lowest = this.bind(this.add(this.x(group.base), this.i64(BigInt(group.lowest))));
    this.translated(TLB_OF[group.kind], group.bytes, lowest, {
      hit: () => {
        asm.set(host);
      },
      miss: () => {
        frame.leaveSplit(lowest, group.bytes);
      },
    });
    return host;
  }

  protected override translated(tlb: number, bytes: number, address: Code, paths: AccessPaths): void {
    const { directRam } = this.frame;
    if (directRam === undefined) super.translated(tlb, bytes, address, paths);
    else directAccess(this, directRam, { isStore: tlb === WRITE_TLB, bytes, address, paths });
  }

  override when(condition: Code, then: () => void, otherwise?: () => void): void {
    const wasConditional = this.isConditional;
    this.isConditional = true;
    super.when(condition, then, otherwise);
    this.isConditional = wasConditional;
  }

  x(register: number): Code {
    const facts = register === 0 ? ZERO : (this.known.get(register) ?? UNKNOWN);
    if (facts.constant !== undefined) return this.i64(facts.constant);
    return this.sameFacts(() => {
      this.asm.get(this.frame.x.read(register));
    }, facts);
  }

  setX(register: number, value: Code): void {
    if (register === 0) {
      value();
      this.asm.op("drop");
    } else this.frame.x.write(register, value, this.isConditional);
    this.known.set(register, this.isConditional ? UNKNOWN : value);
  }

  f(register: number): Code {
    return () => {
      this.asm.get(this.frame.f.read(register));
    };
  }

  setF(register: number, value: Code): void {
    this.frame.f.write(register, value, this.isConditional);
  }

  // No CSR is written in a region, and no flag raised, so a condition that holds once holds to the end.
  override requireFloat(): void {
    this.requireOnce(this.frame.floatDirty);
  }

  /** FS is dirty already. */
  override floatWritten(): void {
    this.requireOnce(this.frame.floatDirty);
  }

  /** If the instruction leaves the mode to frm, only RNE is compiled, because programs use it. */
  override roundingMode(rm: Code): Code {
    if (rm.constant === ROUND_DYNAMIC) {
      this.requireOnce(this.frame.roundsToNearest);
      return this.i64(ROUND_TO_NEAREST);
    }
    if ((rm.constant ?? LAST_ROUNDING_MODE) > LAST_ROUNDING_MODE) this.illegal();
    return rm;
  }

  protected override requireRounding(rm: Code): FloatCall["requireRounding"] {
    return (mode, giveUp) => {
      if (rm.constant === mode) this.requireOnce(this.frame.isInexact);
      else this.asm.br(giveUp);
    };
  }

  /** Leaves unless the condition holds. Checked once per block. */
  private requireOnce(condition: Word): void {
    if (this.required.has(condition)) return;
    if (!this.isConditional) this.required.add(condition);
    condition();
    this.asm.op("i32.eqz");
    this.asm.if(() => {
      this.frame.leaveUnfinished();
    });
  }

  pc(): Code {
    return this.inPage(this.offset);
  }

  nextPc(): Code {
    return this.inPage(this.offset + this.bytes);
  }

  inPage(offset: number): Code {
    return () => {
      this.frame.pageVa();
      this.asm.i64(BigInt(offset));
      this.asm.op("i64.add");
    };
  }

  jumpTo(target: Code): void {
    this.terminator = { kind: "indirect", target };
  }

  jumpBy(): void {
    this.terminator = { kind: "jump" };
  }

  branchBy(condition: Code): void {
    this.terminator = { kind: "branch", condition };
  }

  trap(): void {
    this.frame.leaveUnfinished();
  }

  illegal(): void {
    this.frame.leaveUnfinished();
  }

  /** Of a hart that gives no turn away, nothing happens. */
  pause(): void {
    this.when(this.ne(this.control("yieldsFrom"), this.i64(NEVER)), () => {
      this.frame.leaveUnfinished();
    });
  }

  protected dataContext(): void {
    this.frame.dataContext();
  }

  protected loadMissed(): void {
    this.frame.leaveUnfinished();
  }

  protected storeMissed(): void {
    this.frame.leaveUnfinished();
  }

  protected floatExactly(): Code {
    return () => {
      this.frame.leaveUnfinished();
    };
  }

  private operandsOf({ rd, rs1, rs2, rs3, imm, raw }: DecodedInstruction): Operands<Code, number> {
    return {
      rd,
      rs1,
      rs2,
      rs3,
      imm: this.i64(BigInt(imm)),
      uimm: this.i64(BigInt(rs1)),
      rm: this.i64(BigInt((raw >>> 12) & 7)),
    };
  }
}
