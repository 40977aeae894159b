/** What a debugger writes, as the events of it. */
import { physicalRanges } from "../past/names/place.js";
import type { Inspected } from "../../machine/inspect.js";
import { requireWritable } from "../../machine/written-state.js";
import type { DebuggerEvent } from "../../reducers/debugger.js";
import type { MonitorTarget } from "./target/target.js";

/** By virtual address, as a hart sees it: one for each page that the bytes lie in. @throws {PlaceError} */
export function memoryWrites(at: Inspected, address: bigint, bytes: Uint8Array): readonly DebuggerEvent[] {
  let from = 0;
  return physicalRanges({ address, bytes: bytes.length }, () => at).map((range) =>
    physicalWrite(range.address, bytes.subarray(from, (from += range.bytes))),
  );
}

export const physicalWrite = (address: number, bytes: Uint8Array): DebuggerEvent => ({
  type: "debugger/memoryWritten",
  address,
  bytes: Uint8Array.from(bytes),
});

export const registerWrite = (hart: number, register: string, value: bigint): DebuggerEvent => ({
  type: "debugger/registerWritten",
  ...{ hart, register, value: BigInt.asUintN(64, value) },
});

/** All of them, or none: where one can't be written, nothing is, and no branch is made. @throws {NotWritableError} */
export function writeAll(target: Pick<MonitorTarget, "state" | "write">, events: readonly DebuggerEvent[]): void {
  if (events.length > 1) {
    const state = target.state();
    for (const event of events) requireWritable(state, event);
  }
  for (const event of events) target.write?.(event);
}
