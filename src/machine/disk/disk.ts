/** A disk that is read and written in place. Its state can be taken as a value at any time. */
import { PageDigester } from "../digest/page-digest.js";
import { DISK_PAGE_BYTES, type DiskState, type OverlayPage } from "./disk-state.js";
import type { DiskImage } from "./disk-image.js";

export class Disk {
  constructor(
    private readonly image: DiskImage,
    public state: DiskState,
  ) {}

  /** A new request's id. */
  takeRequestId(): number {
    const { nextRequest } = this.state;
    this.state = { ...this.state, nextRequest: nextRequest + 1 };
    return nextRequest;
  }

  /** Fills `target` with the bytes from `offset`. @throws {DiskReadError} */
  read(offset: number, target: Uint8Array): void {
    let imageFrom = -1;
    const copyImage = (until: number): void => {
      if (imageFrom >= 0) this.image.read(offset + imageFrom, target.subarray(imageFrom, until));
      imageFrom = -1;
    };
    for (const { index, at, start, count } of pieces(offset, target.length)) {
      const page = this.state.overlay.page(index);
      if (page === undefined) {
        // Neighbouring pages of the image are read in one go.
        if (imageFrom < 0) imageFrom = at;
        continue;
      }
      copyImage(at);
      if (page.bytes === null) target.fill(0, at, at + count);
      else target.set(page.bytes.subarray(start, start + count), at);
    }
    copyImage(target.length);
  }

  /** @throws {DiskReadError} if a page is written in part and its rest can't be read. */
  write(offset: number, bytes: Uint8Array): void {
    this.change(offset, bytes.length, ({ index, at, start, count }) => {
      const page = this.pageToChange(index, count);
      page.set(bytes.subarray(at, at + count), start);
      return overlayPage(page, index);
    });
  }

  /** @throws {DiskReadError} as `write` does. */
  zero(offset: number, length: number): void {
    this.change(offset, length, ({ index, start, count }) => {
      if (count === DISK_PAGE_BYTES) return zeroPage(index);
      return overlayPage(this.pageToChange(index, count).fill(0, start, start + count), index);
    });
  }

  private change(offset: number, length: number, changed: (piece: Piece) => OverlayPage): void {
    const pages: [number, OverlayPage][] = [];
    for (const piece of pieces(offset, length)) pages.push([piece.index, changed(piece)]);
    if (pages.length > 0) this.state = { ...this.state, overlay: this.state.overlay.with(pages) };
  }

  /** A page that may be written. It holds the old content, unless all of it is to change. */
  private pageToChange(index: number, count: number): Uint8Array {
    const page = new Uint8Array(DISK_PAGE_BYTES);
    if (count < DISK_PAGE_BYTES) this.read(index * DISK_PAGE_BYTES, page);
    return page;
  }
}

/** A page of an overlay. The page owns `bytes` from now on. */
export const overlayPage = (bytes: Uint8Array, index: number): OverlayPage => {
  digester ??= new PageDigester();
  const digest = digester.of(bytes, index);
  return digest === 0n ? zeroPage(index) : { bytes, digest };
};

/** Zeros that were written differ from the image's page, so they have a digest. */
export const zeroPage = (index: number): OverlayPage => ({
  bytes: null,
  digest: BigInt.asUintN(64, (BigInt(index) + 1n) * ZERO_PAGE_FACTOR),
});

let digester: PageDigester | undefined;
/** xxHash64's third prime. */
const ZERO_PAGE_FACTOR = 0x1656_67b1_9e37_79f9n;

interface Piece {
  readonly index: number;
  /** The offset in the whole range. */
  readonly at: number;
  /** The offset in the page. */
  readonly start: number;
  readonly count: number;
}

/** A range, piece by piece: each lies in one page. */
function* pieces(offset: number, length: number): Generator<Piece> {
  let at = 0;
  while (at < length) {
    const start = (offset + at) % DISK_PAGE_BYTES;
    const count = Math.min(DISK_PAGE_BYTES - start, length - at);
    yield { index: Math.floor((offset + at) / DISK_PAGE_BYTES), at, start, count };
    at += count;
  }
}
