/** `toCore`: a moment as a core file, for `crash`, `drgn` and `gdb`. */
import { check } from "../../../options/check.js";
import { exactly, maybe, whole } from "../../../options/codecs.js";
import { aState } from "../../../options/parts.js";
import { OptionError } from "../../../options/option-error.js";
import { mappedBy } from "../../../machine/hart/mapped.js";
import { DRAM_BASE } from "../../../machine/memory-map.js";
import { RAM_PAGE_BYTES, type Ram } from "../../../machine/ram.js";
import type { MachineState } from "../../../machine/state.js";
import { headersOf } from "./elf-core.js";
import { notesOf } from "./notes.js";
import { segmentsOf } from "./segments.js";
import { stretchesOf, type Stretch } from "./stretches.js";
import { vmcoreinfoIn } from "./vmcoreinfo.js";

export interface CoreOptions {
  /**
   * The hart whose page table tells the virtual addresses. Left out: the one whose turn it is, or else the first that
   * has one.
   */
  readonly hart?: number | undefined;
}

/** The file, piece by piece, as often as it is read. Long runs of zeros are left out. */
export interface Core extends Iterable<Uint8Array> {
  readonly byteLength: number;
  /** What the guest's Linux kernel tells of itself, `KEY=VALUE` line by line; `crash` and `drgn` need it. */
  readonly vmcoreinfo: string | undefined;
  /** False: the page table maps more than a core can say. All of RAM is there by physical address. */
  readonly isWhole: boolean;
}

/**
 * An ELF core of a machine: all of its RAM, by physical address and as a page table maps it, and each hart's registers.
 * A pure function. @throws {OptionError}
 */
export function toCore(state: MachineState, options: CoreOptions = {}): Core {
  check("toCore", exactly<{ readonly state: MachineState }>({ state: aState }), { state });
  check("toCore", exactly<CoreOptions>({ hart: maybe(whole) }), options);
  const { ram } = state;
  const stretches = stretchesOf(ram);
  const mapped = mappedBy(satpOf(state, options.hart), tablesIn(ram));
  const { segments, isWhole } = segmentsOf(stretches, mapped.mappings);
  const vmcoreinfo = vmcoreinfoIn(ram);
  const headers = headersOf(segments, notesOf(state.harts, vmcoreinfo));
  return {
    byteLength: stretches.reduce((sum, { dataBytes }) => sum + dataBytes, headers.length),
    vmcoreinfo,
    isWhole: mapped.isWhole && isWhole,
    *[Symbol.iterator]() {
      yield headers;
      for (const stretch of stretches) yield* dataOf(ram, stretch);
    },
  };
}

/** @throws {OptionError} */
function satpOf({ harts, schedule }: MachineState, hart: number | undefined): bigint {
  if (hart !== undefined) {
    const given = harts[hart];
    if (given !== undefined) return given.fields.satp;
    throw new OptionError(`toCore: hart ${String(hart)}: the machine has ${String(harts.length)}, from 0 on`, {
      option: "hart",
      value: hart,
    });
  }
  const inOrder = [...harts.slice(schedule.hart), ...harts.slice(0, schedule.hart)];
  return inOrder.map(({ fields }) => fields.satp).find((satp) => satp !== 0n) ?? 0n;
}

const tablesIn =
  (ram: Ram) =>
  (physical: bigint): Uint8Array | undefined => {
    const index = (physical - BigInt(DRAM_BASE)) / BigInt(RAM_PAGE_BYTES);
    if (physical < BigInt(DRAM_BASE) || index >= BigInt(ram.pageCount)) return undefined;
    return ram.page(Number(index))?.bytes;
  };

const PIECE_BYTES = 1 << 20;

function* dataOf(ram: Ram, { ramOffset, dataBytes }: Stretch): Generator<Uint8Array, void> {
  for (let at = 0; at < dataBytes; at += PIECE_BYTES)
    yield ram.read(ramOffset + at, Math.min(PIECE_BYTES, dataBytes - at));
}
