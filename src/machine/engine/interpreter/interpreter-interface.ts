/** What the interpreter's module imports and exports. */
import type { Signature } from "../../wasm/module-builder.js";
import type { WaysOut } from "../compiled/ways-out.js";
import type { TraceCompilerExports } from "../traces/compiler-functions.js";
import type { ProbeImports } from "../probe-imports.js";

/** The module's imports from "env", without its memory. */
export interface InterpreterImports extends Partial<ProbeImports> {
  /** A physical address in halves of 32 bits, of any sign. */
  readonly busLoad: (high: number, low: number, width: number) => bigint;
  readonly busStore: (high: number, low: number, width: number, value: bigint) => void;
  readonly float: (operation: number, rm: bigint, a: bigint, b: bigint, c: bigint) => bigint;
  /** A slot has become hot. Not 0: where control goes now is to be recorded. */
  readonly noteHot: (slot: number) => number;
  readonly noteRecorded: () => void;
  readonly noteStretch: (slot: number) => void;
  readonly noteSplit: (slot: number) => void;
  readonly noteTranslated: () => void;
  readonly dropRegions: (codeAddress: number) => void;
}

export interface InterpreterExports extends Partial<WaysOut>, Partial<TraceCompilerExports> {
  readonly run: () => number;
  readonly flushTranslations: (slot: number) => void;
  readonly invalidateCode: (slot: number, page: number, host: number, width: number) => void;
  readonly decodeSlot: (slot: number) => void;
}

/** The same, in WebAssembly. */
export const IMPORTS: Readonly<Record<Exclude<keyof InterpreterImports, keyof ProbeImports>, Signature>> = {
  busLoad: { parameters: ["i32", "i32", "i32"], results: ["i64"] },
  busStore: { parameters: ["i32", "i32", "i32", "i64"], results: [] },
  float: { parameters: ["i32", "i64", "i64", "i64", "i64"], results: ["i64"] },
  noteHot: { parameters: ["i32"], results: ["i32"] },
  noteRecorded: { parameters: [], results: [] },
  noteStretch: { parameters: ["i32"], results: [] },
  noteSplit: { parameters: ["i32"], results: [] },
  noteTranslated: { parameters: [], results: [] },
  dropRegions: { parameters: ["i32"], results: [] },
};
