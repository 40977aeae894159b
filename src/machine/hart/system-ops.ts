/**
 * What CSRs, traps, page walks and system instructions need beyond `Ops`. A tier that has no use for them, because it
 * leaves such instructions to another, implements `Ops` alone.
 */
import type { HartNote } from "./notes.js";
import type { Ops } from "./ops.js";

/** What devices and the clock show to a hart. */
export type HartInput =
  | "hartId"
  | "interruptLines"
  /** Instructions that all harts have retired. */
  | "icount"
  /** Those of this hart. */
  | "instret"
  | "virtualNs"
  | "mtimeOffset";

export interface SystemOps<V, C, R> extends Ops<V, C, R> {
  /** Shared semantics: compiled once, called from many instructions. */
  invoke<Arity extends number>(procedure: Procedure<Arity>, ...inputs: readonly V[]): V;

  /** `pmpaddr0` to `pmpaddr15`, by a computed index. */
  pmpAddress(index: V): V;
  input(name: HartInput): V;
  /** For diagnosing a stuck hart: see notes.ts. */
  note(name: HartNote): V;
  setNote(name: HartNote, value: V): void;

  /** Physical memory, for the page-table walk. */
  isRam(address: V, bytes: number): C;
  physicalLoad(address: V): V;
  physicalStore(address: V, value: V): void;
  /** A walk uses the valid entry at this address. A later store to it voids what derives from it. */
  notePageTable(address: V, level: V): void;

  /** Ends a trap's entry or an xRET. The hart continues at the field `pc`. */
  resume(): void;
  /** Ends the hart's turn too, as `pause` does. */
  waitForInterrupt(): void;
  /** Interrupts or translation may differ from the next instruction on. */
  contextChanged(): void;
  /** PMP changed, so what derives from it is void. */
  translationsChanged(): void;
}

/** `body` returns the procedure's value. */
export interface Procedure<Arity extends number> {
  readonly name: string;
  readonly arity: Arity;
  readonly body: <V, C, R>(o: SystemOps<V, C, R>, ...inputs: readonly V[]) => V;
}
