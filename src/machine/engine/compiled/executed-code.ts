/** The code that the interpreter has executed, for those who compile it. */
import { encodingOf } from "../../isa/encodings.js";
import type { CodePlaces, CodeSpot } from "./code-places.js";
import type { EngineMemory } from "../engine-memory.js";
import { HANDLER, PAGE_BYTES, RAM_BASE, ROM_BASE } from "../layout.js";

export interface ExecutedPage {
  /** Whether the interpreter has executed the instruction at this offset in the page, and nobody probes it. */
  readonly wasExecuted: (offset: number) => boolean;
  /** The 32 bits at an offset in the page. For its last halfword, the upper bits are unspecified. */
  readonly rawAt: (offset: number) => number;
}

export interface ExecutedCodeOptions {
  /** All decoded and undecoded code counts as executed. */
  readonly speculative: boolean;
  /** Whether arrivals at this address are probed, so that compiled code must be left before it. A physical address. */
  readonly isProbed: (address: number, raw: () => number) => boolean;
}

export class ExecutedCode {
  /** By code page: 1 where a trace has an instruction. */
  private readonly traced = new Map<number, Uint8Array>();

  constructor(
    private readonly memory: EngineMemory,
    private readonly places: CodePlaces,
    private readonly options: ExecutedCodeOptions,
  ) {}

  noteTraced({ codePage, offset }: CodeSpot): void {
    let marks = this.traced.get(codePage);
    if (marks === undefined) this.traced.set(codePage, (marks = new Uint8Array(PAGE_BYTES / 2)));
    marks[offset / 2] = 1;
  }

  /** Whether there are traces of it. */
  isTraced(codePage: number): boolean {
    return this.traced.has(codePage);
  }

  /** The code of this page is other code now. */
  forgetPage(codePage: number): void {
    this.traced.delete(codePage);
  }

  /** Of a page, only what traces have. */
  tracedPage(codePage: number): ExecutedPage | undefined {
    const page = this.page(codePage);
    const marks = this.traced.get(codePage);
    return page && { ...page, wasExecuted: (offset) => marks?.[offset / 2] === 1 && page.wasExecuted(offset) };
  }

  /** Undefined: the code page mirrors no page now. */
  page(codePage: number): ExecutedPage | undefined {
    const { places, options } = this;
    const { view, layout } = this.memory;
    const owner = places.ownerOf(codePage);
    if (owner === undefined) return undefined;
    const address = layout.ram + owner * PAGE_BYTES;
    const physical = owner < layout.ramPages ? RAM_BASE + owner * PAGE_BYTES : ROM_BASE + address - layout.rom;
    const rawAt = (offset: number): number => view.getInt32(address + offset, true);
    return {
      wasExecuted: (offset) =>
        (options.speculative || places.handlerAt({ codePage, offset }) !== HANDLER.undecoded) &&
        !options.isProbed(physical + offset, () => encodingOf(rawAt(offset))),
      rawAt,
    };
  }
}
