/** The code that the interpreter has executed, for those who compile it. */
import { isCompressed } from "../../isa/decode.js";
import { encodingOf } from "../../isa/encodings.js";
import type { CodePlaces, CodeSpot } from "./code-places.js";
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

  /** Whether memory holds this instruction there, and nobody probes it. */
  isStill({ codePage, offset }: CodeSpot, raw: number): boolean {
    const place = this.placeOf(codePage);
    if (place === undefined) return false;
    const { view } = this.memory;
    const at = place.host + offset;
    const present = isCompressed(raw) ? view.getUint16(at, true) : view.getUint32(at, true);
    return present === raw >>> 0 && !this.options.isProbed(place.physical + offset, () => encodingOf(raw));
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
