/** What several want of one engine's probes: all of it together, and who of them wanted what was told. */
import { PAGE_BYTES } from "./layout.js";
import type { Probed, Probes } from "./probes.js";
import { Ranges } from "./ranges.js";

/** The very same object where one alone wants anything: an engine may take another one for a change. */
export function allWanted(all: readonly Probes[]): Probes {
  const [first, ...rest] = all;
  if (first === undefined || rest.length === 0) return first ?? {};
  return {
    stores: all.flatMap(({ stores = [] }) => stores),
    loads: all.flatMap(({ loads = [] }) => loads),
    arrivals: [...new Set(all.flatMap(({ arrivals = [] }) => arrivals))],
    pageOffsets: [...new Set(all.flatMap(({ pageOffsets = [] }) => pageOffsets))],
    encodings: eitherFilter(all),
    traps: all.some(({ traps }) => traps === true),
    csrWrites: csrWritesOf(all),
    devices: all.flatMap(({ devices = [] }) => devices),
  };
}

function eitherFilter(all: readonly Probes[]): Probes["encodings"] {
  const filters = all.flatMap(({ encodings }) => encodings ?? []);
  return filters.length < 2 ? filters[0] : (raw) => filters.some((filter) => filter(raw));
}

function csrWritesOf(all: readonly Probes[]): Probes["csrWrites"] {
  if (all.some(({ csrWrites }) => csrWrites === true)) return true;
  const numbers = all.flatMap(({ csrWrites }) => (Array.isArray(csrWrites) ? (csrWrites as readonly number[]) : []));
  // An engine that is asked for none of them is to look at none.
  return numbers.length === 0 ? undefined : numbers;
}

/** A hart at an instruction, of which its bits can be read. */
export interface AtInstruction {
  readonly pc: bigint;
  codeAt(address: bigint): number | undefined;
}

/** Whether it is among what was wanted. An access of a device to what both of two want is told as one. */
export function wanting(probes: Probes): (probed: Probed, at: AtInstruction) => boolean {
  const { encodings, traps = false, csrWrites = false } = probes;
  const stores = new Ranges(probes.stores ?? []);
  const loads = new Ranges(probes.loads ?? []);
  const devices = new Ranges(probes.devices ?? []);
  const arrivals = new Set(probes.arrivals);
  const offsets = new Set(probes.pageOffsets);
  return (probed, at) => {
    switch (probed.type) {
      case "memory/stored":
        return stores.overlaps(probed.address, probed.bytes);
      case "memory/loaded":
        return loads.overlaps(probed.address, probed.bytes);
      case "instruction/reached":
        return (
          arrivals.has(probed.address) ||
          offsets.has(probed.address % PAGE_BYTES) ||
          encodings?.(at.codeAt(at.pc) ?? 0) === true
        );
      case "trap/taken":
        return traps;
      case "csr/written":
        return typeof csrWrites === "boolean" ? csrWrites : csrWrites.includes(probed.csr);
      case "device/loaded":
      case "device/stored":
        return devices.overlaps(Number(probed.address), probed.bytes);
    }
  };
}
