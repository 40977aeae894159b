/** A window of memory, and which of its bytes changed. */
import { Expression } from "../../src/streams/past/names/expression/index.js";
import type { Inspected } from "../../src/machine/inspect.js";
import { bytesAtAddress } from "../../src/streams/session/dap/data/memory.js";
import type { MemoryAsked, MemoryRows } from "../protocol.js";
import type { Looking } from "./looking.js";

export const MAX_MEMORY_WINDOW_BYTES = 1 << 16;

const PAGE_BYTES = 4096n;

/** Where there is none, it says why. */
export function memoryRows(looking: Looking, { of, bytes: asked }: MemoryAsked): MemoryRows {
  const length = Math.min(Math.max(0, Math.trunc(asked)), MAX_MEMORY_WINDOW_BYTES);
  const rows = { of, bytes: new Uint8Array(length), present: new Uint8Array(length), changed: new Uint8Array(length) };
  const { names, at, before, frame } = looking;
  try {
    const address = BigInt.asUintN(64, new Expression(of).value({ names, at, frame }));
    read(at, address, rows.bytes, rows.present);
    if (before !== undefined) markChanged(before, address, rows);
    return { ...rows, address, fault: null };
  } catch (fault) {
    if (!(fault instanceof Error)) throw fault;
    return { ...rows, address: 0n, fault: fault.message };
  }
}

/** Page by page: one that is not mapped is left out. */
function read(at: Inspected, from: bigint, into: Uint8Array, present: Uint8Array): void {
  for (let done = 0; done < into.length;) {
    const address = BigInt.asUintN(64, from + BigInt(done));
    const count = Math.min(into.length - done, Number(PAGE_BYTES - (address % PAGE_BYTES)));
    const bytes = bytesAtAddress(at, address, count);
    if (bytes !== undefined) {
      into.set(bytes, done);
      present.fill(1, done, done + count);
    }
    done += count;
  }
}

function markChanged(
  before: Inspected,
  address: bigint,
  { bytes, present, changed }: Pick<MemoryRows, "bytes" | "present" | "changed">,
): void {
  const earlier = new Uint8Array(bytes.length);
  const wasPresent = new Uint8Array(bytes.length);
  read(before, address, earlier, wasPresent);
  for (let at = 0; at < bytes.length; at += 1) {
    if (bytes[at] !== earlier[at] || present[at] !== wasPresent[at]) changed[at] = 1;
  }
}
