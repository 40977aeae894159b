/** The ways out of traces, by number. They lie in the engine's memory, where ways-out.ts reads them. */
import { GROUP } from "../compiled/ways-out.js";
import type { EngineMemory } from "../engine-memory.js";
import { MAX_TRACE_SITES, SITE, SITE_BYTES } from "../layout.js";

export interface Exit {
  /** Where control goes on, from the start of the trace's first page. */
  readonly offset: number;
  /** The instructions that have retired by then. */
  readonly insns: number;
  /** The address of the word that says which code begins there; undefined: its page may be elsewhere now. */
  readonly codeWord: number | undefined;
}

export interface HandOver {
  readonly offset: number;
  readonly insns: number;
  /** The group of accesses that begins there: the address of its base register from x0 on, and where it lies. */
  readonly group?: { readonly register: number; readonly lowest: number; readonly bytes: number } | undefined;
}

export class TraceSites {
  private next = 0;

  constructor(private readonly memory: EngineMemory) {}

  /** Whether a trace of so many instructions fits: each has two ways out at most, and the trace a few. */
  hasRoomFor(insns: number): boolean {
    return this.next + 2 * insns + 2 <= MAX_TRACE_SITES;
  }

  exit({ offset, insns, codeWord = 0 }: Exit): number {
    return this.add(offset, insns, codeWord, 0);
  }

  handOver({ offset, insns, group }: HandOver): number {
    if (group === undefined) return this.add(offset, insns, 0, 0);
    return this.add(offset, insns, group.lowest, group.register | (group.bytes << GROUP.baseBits));
  }

  /** All traces are gone. */
  clear(): void {
    this.next = 0;
  }

  private add(offset: number, insns: number, codeWord: number, group: number): number {
    const { view, layout } = this.memory;
    const site = this.next++;
    const at = layout.traceSites + site * SITE_BYTES;
    view.setInt32(at + SITE.offset, offset, true);
    view.setInt32(at + SITE.insns, insns, true);
    view.setInt32(at + SITE.codeWord, codeWord, true);
    view.setInt32(at + SITE.group, group, true);
    return site;
  }
}
