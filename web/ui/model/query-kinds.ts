/** The questions in words: what a select offers. */
import type { QueryKind, RowKind } from "../../protocol.js";

export const QUERY_KINDS: readonly { readonly kind: QueryKind; readonly words: string }[] = [
  { kind: "writes", words: "writes of" },
  { kind: "reads", words: "reads of" },
  { kind: "changes", words: "changes of" },
  { kind: "calls", words: "calls of" },
  { kind: "visits", words: "arrivals at" },
  { kind: "output", words: "lines with" },
  { kind: "traps", words: "traps" },
  { kind: "csrs", words: "writes of CSR" },
  { kind: "devices", words: "accesses to" },
];

export const ROW_KINDS: readonly { readonly kind: RowKind; readonly words: string }[] = [
  { kind: "events", words: "events" },
  { kind: "output", words: "console lines" },
  { kind: "interrupts", words: "interrupts" },
  { kind: "traps", words: "traps" },
  { kind: "syscalls", words: "system calls" },
  { kind: "tasks", words: "tasks" },
  { kind: "devices", words: "device accesses" },
];
