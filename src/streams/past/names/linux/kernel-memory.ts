/** Memory as a kernel sees it. Undefined: nothing is mapped there, or no RAM lies behind it. */
import { physicalAddressOf, type Inspected } from "../../../../machine/inspect.js";
import { DRAM_BASE } from "../../../../machine/memory-map.js";
import { RAM_PAGE_BYTES } from "../../../../machine/ram.js";
import type { MemoryRange } from "./remembered.js";

/** A text of a kernel that is read; the rest of a longer one is cut off. */
export const MAX_TEXT_BYTES = 512;

export class KernelMemory {
  /** Of pages; a walk through a list comes to the same ones again and again. */
  private readonly translated = new Map<bigint, number | undefined>();

  constructor(private readonly view: Inspected) {}

  read(address: bigint, byteLength: number): Uint8Array | undefined {
    const bytes = new Uint8Array(byteLength);
    for (let at = 0; at < byteLength;) {
      const virtual = BigInt.asUintN(64, address + BigInt(at));
      const within = Number(virtual & (PAGE - 1n));
      const part = Math.min(byteLength - at, RAM_PAGE_BYTES - within);
      const page = this.pageOf(virtual);
      if (page === undefined) return undefined;
      bytes.set(this.view.ram.read(page * RAM_PAGE_BYTES + within, part), at);
      at += part;
    }
    return bytes;
  }

  u64(address: bigint): bigint | undefined {
    return this.viewOf(address, 8)?.getBigUint64(0, true);
  }

  u32(address: bigint): number | undefined {
    return this.viewOf(address, 4)?.getUint32(0, true);
  }

  i32(address: bigint): number | undefined {
    return this.viewOf(address, 4)?.getInt32(0, true);
  }

  /** Up to its NUL. Undefined too where it has none in `most` bytes. */
  text(address: bigint, most = MAX_TEXT_BYTES): string | undefined {
    const leftOfPage = RAM_PAGE_BYTES - Number(address & (PAGE - 1n));
    const near = this.read(address, Math.min(most, leftOfPage));
    const end = near?.indexOf(0) ?? -1;
    if (near !== undefined && end >= 0) return UTF8.decode(near.subarray(0, end));
    const whole = leftOfPage < most ? this.read(address, most) : undefined;
    const farEnd = whole?.indexOf(0) ?? -1;
    return farEnd < 0 ? undefined : UTF8.decode(whole?.subarray(0, farEnd));
  }

  /** The pages of RAM that a range lies in; undefined: not all of it is there. */
  readonly pagesOf = ({ start, byteLength }: MemoryRange): readonly number[] | undefined => {
    const pages: number[] = [];
    for (let page = start & ~(PAGE - 1n); page < start + BigInt(byteLength); page += PAGE) {
      const index = this.pageOf(page);
      if (index === undefined) return undefined;
      pages.push(index);
    }
    return pages;
  };

  private viewOf(address: bigint, byteLength: number): DataView | undefined {
    const bytes = this.read(address, byteLength);
    return bytes === undefined ? undefined : new DataView(bytes.buffer);
  }

  private pageOf(virtual: bigint): number | undefined {
    const page = virtual & ~(PAGE - 1n);
    if (!this.translated.has(page)) this.translated.set(page, this.translate(page));
    return this.translated.get(page);
  }

  private translate(page: bigint): number | undefined {
    const physical = physicalAddressOf(this.view, page);
    const offset = physical === undefined ? -1 : Number(physical) - DRAM_BASE;
    return offset < 0 || offset + RAM_PAGE_BYTES > this.view.ram.byteLength ? undefined : offset / RAM_PAGE_BYTES;
  }
}

const PAGE = BigInt(RAM_PAGE_BYTES);
const UTF8 = new TextDecoder();

/** Whether a kernel may be there: the upper half of the address space. */
export const isKernelAddress = (address: bigint): boolean => address >> 63n === 1n;
