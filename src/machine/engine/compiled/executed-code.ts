/** The code that the interpreter has executed, for those who compile it. */
import { isCompressed } from "../../isa/decode.js";
import { encodingOf } from "../../isa/encodings.js";
import type { CodePlaces } from "./code-places.js";
import type { EngineMemory } from "../engine-memory.js";
import { HANDLER, PAGE_BYTES } from "../layout.js";

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

  /** A trace has these instructions. `words`: the slot and the encoding of each. */
  noteTraced(words: Uint32Array): void {
    for (let at = 0; at < words.length; at += 2) {
      const { codePage, offset } = this.places.spotOf(words[at] ?? 0);
      let marks = this.traced.get(codePage);
      if (marks === undefined) this.traced.set(codePage, (marks = new Uint8Array(PAGE_BYTES / 2)));
      marks[offset / 2] = 1;
    }
  }

  /** Whether there are traces of it. */
  isTraced(codePage: number): boolean {
    return this.traced.has(codePage);
  }

  /** The code of this page is other code now. */
  forgetPage(codePage: number): void {
    this.traced.delete(codePage);
  }

  /** Whether memory holds these instructions, each at its slot, and nobody probes them. */
  isStill(words: Uint32Array): boolean {
    const { view } = this.memory;
    let page: { readonly codePage: number; readonly host: number; readonly physical: number } | undefined;
    for (let at = 0; at < words.length; at += 2) {
      const { codePage, offset } = this.places.spotOf(words[at] ?? 0);
      const raw = words[at + 1] ?? 0;
      if (page?.codePage !== codePage) {
        const place = this.placeOf(codePage);
        page = place && { codePage, ...place };
      }
      if (page === undefined) return false;
      const address = page.host + offset;
      const present = isCompressed(raw) ? view.getUint16(address, true) : view.getUint32(address, true);
      if (present !== raw || this.options.isProbed(page.physical + offset, () => encodingOf(raw))) return false;
    }
    return true;
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
    const { view } = this.memory;
    const place = this.placeOf(codePage);
    if (place === undefined) return undefined;
    const { host, physical } = place;
    const rawAt = (offset: number): number => view.getInt32(host + offset, true);
    return {
      wasExecuted: (offset) =>
        (options.speculative || places.handlerAt({ codePage, offset }) !== HANDLER.undecoded) &&
        !options.isProbed(physical + offset, () => encodingOf(rawAt(offset))),
      rawAt,
    };
  }

  /** Where the page that a code page mirrors begins: in the engine's memory, and for the guest. */
  private placeOf(codePage: number): { readonly host: number; readonly physical: number } | undefined {
    const { layout } = this.memory;
    const owner = this.places.ownerOf(codePage);
    if (owner === undefined) return undefined;
    const host = layout.ram + owner * PAGE_BYTES;
    return { host, physical: this.memory.physicalOf(host) };
  }
}
