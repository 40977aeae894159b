/**
 * Probes: what an engine tells of the guest as it happens, and how it knows what is wanted. The guest sees none of it,
 * and an engine that nobody probes pays nothing.
 */
import { integerOf } from "../little-endian.js";
import { carriedFrom, type Carried } from "./carried.js";
import { DRAM_BASE } from "../memory-map.js";
import { Ranges, type MemoryRange } from "./ranges.js";

export type { MemoryRange } from "./ranges.js";

/** What is wanted. What is absent is not told. */
export interface Probes {
  /** Stores to RAM, by harts (also those of a page-table walk), and by devices. */
  readonly stores?: readonly MemoryRange[] | undefined;
  /** Loads from RAM, by instructions and by devices. Fetches and page-table walks are none. */
  readonly loads?: readonly MemoryRange[] | undefined;
  /** The physical addresses of instructions that a hart arrives at. */
  readonly arrivals?: readonly number[] | undefined;
  /**
   * Arrivals at instructions at these offsets of their pages, whichever page: where a virtual address lies nowhere yet,
   * or somewhere else each time. Asking for others than before has all code decoded anew.
   */
  readonly pageOffsets?: readonly number[] | undefined;
  /**
   * Arrivals at instructions by what they are, wherever they lie. Asked once for each that is decoded. Asking for
   * others than before has all code decoded anew.
   */
  readonly encodings?: EncodingFilter | undefined;
  readonly traps?: boolean | undefined;
  /** True: to all; or the numbers of those that are wanted. By instructions, not by traps. */
  readonly csrWrites?: boolean | readonly number[] | undefined;
  /** Loads from and stores to what is neither RAM nor ROM. */
  readonly devices?: readonly MemoryRange[] | undefined;
}

/** `raw`: the instruction's 16 or 32 bits. Always the same answer for the same bits. */
export type EncodingFilter = (raw: number) => boolean;

interface RamAccess {
  /** Of a device that only copies: where the bytes come from, or go to. */
  readonly carried?: Carried | undefined;
  /** Physical. An access that crosses a page is told as two. */
  readonly address: number;
  readonly bytes: number;
  /** Unsigned, little-endian. */
  readonly value: bigint;
}

/** Who writes to RAM between two instructions. */
export type OutsideWriter = "device" | "debugger";

/** What happened. A hart's registers are those before the instruction, and `pc` is its own. */
export type Probed =
  | ({ readonly type: "memory/stored"; readonly before: bigint; readonly by: "hart" | OutsideWriter } & RamAccess)
  | ({ readonly type: "memory/loaded"; readonly by: "hart" | "device" } & RamAccess)
  /** The instruction was fetched, and is about to execute. It may trap yet. */
  | { readonly type: "instruction/reached"; readonly address: number }
  /** `cause`: as in xcause. */
  | { readonly type: "trap/taken"; readonly cause: bigint; readonly trapValue: bigint }
  /** `mask`: the bits that are changed. */
  | { readonly type: "csr/written"; readonly csr: number; readonly value: bigint; readonly mask: bigint }
  /** Told once the device has answered. `value`: undefined where nothing answers, so that the access faults. */
  | ({ readonly type: "device/loaded" | "device/stored" } & DeviceAccess);

interface DeviceAccess {
  /** Physical. */
  readonly address: bigint;
  readonly bytes: number;
  readonly value: bigint | undefined;
}

export type DeviceProbed = Extract<Probed, { type: "device/loaded" | "device/stored" }>;

/** `icount`: the instructions retired before; undefined where no hart executes. */
export type ProbeListener = (icount: number | undefined, probed: Probed) => void;

/** Of each kind. More would make a question as slow as the reference evaluator. */
export const MAX_PROBES = 1 << 16;

const PAGE_BYTES = 4096;
const NOTHING = new Ranges([]);

/** Between an engine and its listener: lets pass what is wanted. */
export class ProbeGate {
  private stores = NOTHING;
  private loads = NOTHING;
  private reached: ReadonlySet<number> = new Set();
  private offsets: ReadonlySet<number> = new Set();
  encodings: EncodingFilter | undefined;
  private devices = NOTHING;
  wantsTraps = false;
  private csrs: ReadonlySet<number> | boolean = false;

  constructor(
    private readonly ram: Uint8Array,
    private readonly listener: ProbeListener,
  ) {}

  watch(probes: Probes): void {
    const {
      stores = [],
      loads = [],
      arrivals = [],
      pageOffsets = [],
      encodings,
      traps = false,
      csrWrites = false,
      devices = [],
    } = probes;
    for (const wanted of [stores, loads, arrivals, pageOffsets, devices]) {
      if (wanted.length > MAX_PROBES)
        throw new RangeError(`${String(wanted.length)} probes are more than an engine has`);
    }
    this.stores = new Ranges(stores);
    this.loads = new Ranges(loads);
    this.reached = new Set(arrivals);
    this.offsets = new Set(pageOffsets);
    this.encodings = encodings;
    this.wantsTraps = traps;
    this.csrs = typeof csrWrites === "boolean" ? csrWrites : new Set(csrWrites);
    this.devices = new Ranges(devices);
  }

  get wantsLoads(): boolean {
    return !this.loads.isEmpty;
  }

  /** Whether it tells of what a hart can be stopped before. */
  get mayStop(): boolean {
    return !this.stores.isEmpty || !this.loads.isEmpty || this.reached.size > 0 || this.looksEverywhere;
  }

  /** Whether any instruction may be one that is wanted. */
  get looksEverywhere(): boolean {
    return this.encodings !== undefined || this.offsets.size > 0;
  }

  /** Which instructions are wanted wherever they lie: another value, others. */
  get everywhere(): { readonly encodings: EncodingFilter | undefined; readonly offsets: string } {
    return { encodings: this.encodings, offsets: [...this.offsets].join() };
  }

  get wantsCsrWrites(): boolean {
    return this.csrs !== false;
  }

  get arrivals(): ReadonlySet<number> {
    return this.reached;
  }

  /** The addresses of the pages on which something is watched. */
  pages(pageBytes: number): ReadonlySet<number> {
    const pages = new Set([...this.stores.pages(pageBytes), ...this.loads.pages(pageBytes)]);
    for (const address of this.reached) pages.add(address - (address % pageBytes));
    return pages;
  }

  /** Before a hart's store. */
  stored(icount: number, address: number, bytes: number, value: bigint): void {
    if (!this.stores.overlaps(address, bytes)) return;
    const written = BigInt.asUintN(8 * bytes, value);
    const before = this.ramValue(address, bytes);
    this.listener(icount, { type: "memory/stored", address, bytes, value: written, before, by: "hart" });
  }

  loaded(icount: number, address: number, bytes: number): void {
    if (!this.loads.overlaps(address, bytes)) return;
    this.listener(icount, { type: "memory/loaded", address, bytes, value: this.ramValue(address, bytes), by: "hart" });
  }

  /** Before a write that no hart makes, of which only the watched parts are told. */
  storedFromOutside(offset: number, data: Uint8Array, by: OutsideWriter, from?: Carried): void {
    const start = DRAM_BASE + offset;
    for (const { address, bytes } of this.stores.parts(start, data.length)) {
      const value = integerOf(data.subarray(address - start, address - start + bytes));
      const carried = carriedFrom(from, address - start);
      this.listener(undefined, {
        type: "memory/stored",
        address,
        bytes,
        value,
        before: this.ramValue(address, bytes),
        by,
        ...(carried && { carried }),
      });
    }
  }

  loadedByDevice(offset: number, length: number, to?: Carried): void {
    const start = DRAM_BASE + offset;
    for (const { address, bytes } of this.loads.parts(start, length)) {
      const value = this.ramValue(address, bytes);
      const carried = carriedFrom(to, address - start);
      this.listener(undefined, {
        type: "memory/loaded",
        address,
        bytes,
        value,
        by: "device",
        ...(carried && { carried }),
      });
    }
  }

  arrived(icount: number, address: number, raw: () => number): void {
    if (this.isReached(address, raw)) this.listener(icount, { type: "instruction/reached", address });
  }

  isReached(address: number, raw: () => number): boolean {
    const { reached, offsets, encodings } = this;
    return reached.has(address) || offsets.has(address % PAGE_BYTES) || encodings?.(raw()) === true;
  }

  trapped(icount: number, cause: bigint, trapValue: bigint): void {
    if (!this.wantsTraps) return;
    this.listener(icount, { type: "trap/taken", cause: unsigned(cause), trapValue: unsigned(trapValue) });
  }

  csrWritten(icount: number, csr: number, value: bigint, mask: bigint): void {
    const { csrs } = this;
    if (typeof csrs === "boolean" ? !csrs : !csrs.has(csr)) return;
    if (isReadOnly(csr)) return;
    this.listener(icount, { type: "csr/written", csr, value: unsigned(value & mask), mask: unsigned(mask) });
  }

  get wantsDevices(): boolean {
    return !this.devices.isEmpty;
  }

  accessed(icount: number, probed: DeviceProbed): void {
    if (this.devices.overlaps(Number(probed.address), probed.bytes)) this.listener(icount, probed);
  }

  private ramValue(address: number, bytes: number): bigint {
    const offset = address - DRAM_BASE;
    return integerOf(this.ram.subarray(offset, offset + bytes));
  }
}

const unsigned = (value: bigint): bigint => BigInt.asUintN(64, value);

/** A write to one is an illegal instruction (privileged spec, §2.1). */
const isReadOnly = (csr: number): boolean => (csr & 0xc00) === 0xc00;
