/** The functions that a probed interpreter imports. Addresses are in its own memory. */
import type { Signature } from "../wasm/module-builder.js";

export interface ProbeImports {
  /** Before the store. */
  readonly probeStored: (host: number, width: number, value: bigint) => void;
  readonly probeLoaded: (host: number, width: number) => void;
  /** An instruction of a probed page, or any while encodings are, was decoded into its slot. */
  readonly probeDecoded: (slot: number) => void;
  /** Control is at a slot whose handler is `HANDLER.probe`. */
  readonly probeReached: (slot: number) => void;
  /** The same of an instruction that has no slot of its own. */
  readonly probeFetched: (host: number) => void;
  /** Before a walk of page tables marks an entry as used: an address in RAM. */
  readonly probeMarking: (host: number) => void;
  readonly probeTrapped: (cause: bigint, trapValue: bigint) => void;
  readonly probeCsrWritten: (csr: bigint, value: bigint, mask: bigint) => void;
}

export const PROBE_IMPORTS: Readonly<Record<keyof ProbeImports, Signature>> = {
  probeStored: { parameters: ["i32", "i32", "i64"], results: [] },
  probeLoaded: { parameters: ["i32", "i32"], results: [] },
  probeDecoded: { parameters: ["i32"], results: [] },
  probeReached: { parameters: ["i32"], results: [] },
  probeFetched: { parameters: ["i32"], results: [] },
  probeMarking: { parameters: ["i32"], results: [] },
  probeTrapped: { parameters: ["i64", "i64"], results: [] },
  probeCsrWritten: { parameters: ["i64", "i64", "i64"], results: [] },
};

/** Their indices, where the interpreter is probed. */
export type ProbeFunctions = Readonly<Record<keyof ProbeImports, number>>;
