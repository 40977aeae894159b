/** The WebAssembly engine's side of its probes: pages that its TLBs must not hold, slots that tell, and who is told. */
import type { Bus } from "./engine.js";
import type { EngineMemory } from "./engine-memory.js";
import {
  ABORT,
  CODE_PAGE_BYTES,
  CONTROL,
  HANDLER,
  PAGE_BYTES,
  PAGE_FLAG,
  PAGE_SHIFT,
  RAM_BASE,
  ROM_BASE,
  ROM_BYTES,
  SCRATCH_RAW,
  SCRATCH_SLOT,
  SLOT,
  SLOT_BYTES,
} from "./layout.js";
import { encodingOf } from "../isa/encodings.js";
import { Attempt, type Mark } from "./attempt.js";
import { probedBus } from "./probed-bus.js";
import { PTE_BYTES } from "../hart/sv39.js";
import { ProbeGate, type ProbeListener, type Probes } from "./probes.js";
import type { ProbeImports } from "./probe-imports.js";

export class WasmProbes {
  readonly gate: ProbeGate;
  readonly attempt = new Attempt();
  private pages: ReadonlySet<number> = new Set();
  /** By which the slots were marked that are decoded. */
  private marked: ProbeGate["everywhere"] = { encodings: undefined, offsets: "" };

  constructor(
    private readonly memory: EngineMemory,
    listener: ProbeListener,
  ) {
    this.gate = new ProbeGate(memory.ram, listener);
  }

  isReached(address: number, raw: () => number): boolean {
    return this.gate.isReached(address, raw);
  }

  /** Answers the addresses in this memory of the instructions whose slots must be decoded again, or that all must. */
  watch(probes: Probes): readonly number[] | "all" {
    const { gate, memory } = this;
    const before = gate.arrivals;
    for (const page of this.pages) this.setFlag(page, false);
    gate.watch(probes);
    this.pages = gate.pages(PAGE_BYTES);
    for (const page of this.pages) this.setFlag(page, true);
    memory.setCount(CONTROL.probesLoads, Number(gate.wantsLoads));
    memory.setCount(CONTROL.probesTraps, Number(gate.wantsTraps || gate.mayStop));
    memory.setCount(CONTROL.probesCsrs, Number(gate.wantsCsrWrites));
    memory.setCount(CONTROL.probesEncodings, Number(gate.looksEverywhere));
    // Marks that nobody asks for tell nothing. Who asks next often asks for the same.
    const { encodings, offsets } = gate.everywhere;
    const { marked } = this;
    if (Object.keys(probes).length > 0 && (encodings !== marked.encodings || offsets !== marked.offsets)) {
      this.marked = { encodings, offsets };
      return "all";
    }
    const { arrivals } = gate;
    const changed = [...before].filter((address) => !arrivals.has(address));
    changed.push(...[...arrivals].filter((address) => !before.has(address)));
    return changed.flatMap((address) => this.hostOf(address) ?? []);
  }

  /** A bus that tells. */
  over(bus: Bus): Bus {
    const { memory } = this;
    return probedBus(bus, this.gate, {
      icount: () => memory.icountInRun(),
      mustRestart: () => memory.low(CONTROL.abort) === ABORT.notRetired,
    });
  }

  /** The hart is stopped before the present instruction. Answers what is to be put back. */
  leaveAttempt(): readonly Mark[] {
    return this.attempt.leave(this.icount());
  }

  /** An instruction counts when it starts: not yet while it is fetched, and an interrupt comes before it. */
  private icount(): number {
    const { memory } = this;
    return memory.icountInRun() + memory.low(CONTROL.isFetching);
  }

  get imports(): ProbeImports {
    const { gate, memory, attempt } = this;
    const { view, layout } = memory;
    const icount = (): number => this.icount();
    const rawOf = (slot: number, host: number): number =>
      encodingOf(view.getUint32(slot === SCRATCH_SLOT ? SCRATCH_RAW : host, true));
    const tellArrived = (host: number, slot: number): void => {
      gate.arrived(icount(), memory.physicalOf(host), () => rawOf(slot, host));
    };
    return {
      probeStored: (host, width, value) => {
        gate.stored(icount(), memory.physicalOf(host), width, value);
      },
      probeLoaded: (host, width) => {
        gate.loaded(icount(), memory.physicalOf(host), width);
      },
      probeDecoded: (slot) => {
        const host = this.hostOfSlot(slot);
        if (!this.isReached(memory.physicalOf(host), () => rawOf(slot, host))) return;
        const handler = view.getUint16(slot + SLOT.handler, true);
        view.setUint16(layout.slotHandlers + ((slot - layout.codePool) / SLOT_BYTES) * 2, handler, true);
        view.setUint16(slot + SLOT.handler, HANDLER.probe, true);
      },
      probeReached: (slot) => {
        tellArrived(this.hostOfSlot(slot), slot);
      },
      probeFetched: (host) => {
        tellArrived(host, SCRATCH_SLOT);
      },
      probeMarking: (host) => {
        const offset = host - layout.ram;
        attempt.marking(icount(), { offset, bytes: memory.ram.slice(offset, offset + PTE_BYTES) });
      },
      probeTrapped: (cause, trapValue) => {
        const isInterrupt = cause < 0n;
        const at = isInterrupt ? memory.icountInRun() + 1 : icount();
        attempt.trapping(at);
        gate.trapped(at, cause, trapValue);
      },
      probeCsrWritten: (csr, value, mask) => {
        gate.csrWritten(icount(), Number(csr), value, mask);
      },
    };
  }

  private setFlag(address: number, isProbed: boolean): void {
    const host = this.hostOf(address);
    if (host === undefined) return;
    const { view, layout } = this.memory;
    const at = layout.pageFlags + ((host - layout.ram) >>> PAGE_SHIFT);
    const flags = view.getUint8(at);
    view.setUint8(at, isProbed ? flags | PAGE_FLAG.probed : flags & ~PAGE_FLAG.probed);
  }

  /** The address in this memory of a physical one; undefined: neither RAM nor ROM. */
  private hostOf(address: number): number | undefined {
    const { layout } = this.memory;
    if (address >= RAM_BASE && address < RAM_BASE + layout.ramBytes) return address - RAM_BASE + layout.ram;
    return address >= ROM_BASE && address < ROM_BASE + ROM_BYTES ? address - ROM_BASE + layout.rom : undefined;
  }

  /** Where the instruction of a slot lies. */
  private hostOfSlot(slot: number): number {
    const { view, layout } = this.memory;
    const offset = slot - layout.codePool;
    const codePage = Math.floor(offset / CODE_PAGE_BYTES);
    const page = view.getUint32(layout.codeOwners + codePage * 4, true) - 1;
    return layout.ram + page * PAGE_BYTES + ((offset % CODE_PAGE_BYTES) / SLOT_BYTES) * 2;
  }
}
