/** A state as plain data for another thread of this process: what differs from a state that it already has. */
import type { DiskState, OverlayPage } from "../../machine/disk/disk-state.js";
import { Ram, RAM_PAGE_BYTES, type RamPage } from "../../machine/ram.js";
import type { MachineState } from "../../machine/state.js";
import { partsOf, stateFrom, type Parts } from "./saved-state/state-codecs.js";

/** A structured clone of it is as good. Its bytes can be transferred: nobody else has them. */
export interface HandedState {
  readonly parts: Parts;
  readonly ram: HandedPages;
  readonly disks: readonly HandedDisk[];
}

interface HandedDisk extends Pick<DiskState, "slot" | "nextRequest"> {
  readonly overlay: HandedPages;
}

interface HandedPages {
  readonly numbers: Uint32Array;
  readonly digests: BigUint64Array;
  /** Of each page: there is none, it is of zeros and has no memory, or its bytes are next in `bytes`. */
  readonly forms: Uint8Array;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const FORM = { none: 0, zeros: 1, bytes: 2 } as const;

/** `known`: a state of the same machine that the other thread has. */
export const handState = (state: MachineState, known: MachineState | undefined): HandedState => ({
  parts: partsOf(state),
  ram: handPages(known === undefined ? state.ram.pageIndices() : state.ram.difference(known.ram), (page) =>
    state.ram.page(page),
  ),
  disks: state.disks.map(({ slot, nextRequest, overlay }, index) => {
    const before = known?.disks[index]?.overlay;
    const pages = before === undefined ? overlay.indices() : overlay.difference(before);
    return { slot, nextRequest, overlay: handPages(pages, (page) => overlay.page(page)) };
  }),
});

/** The buffers that can be transferred. */
export const buffersOf = ({ ram, disks }: HandedState): readonly ArrayBuffer[] =>
  [ram, ...disks.map(({ overlay }) => overlay)].map(({ bytes }) => bytes.buffer);

/** `known`: the state that it was handed over, or one that is the same. `initial`: any state of the machine. */
export function takeState(
  { parts, ram, disks }: HandedState,
  known: MachineState | undefined,
  initial: MachineState,
): MachineState {
  const pages = takePages<RamPage>(ram, (digest, bytes) => ({ digest, bytes: bytes ?? NO_BYTES }));
  const earlier = known?.ram ?? Ram.zeros(initial.ram.pageCount);
  const overlays = disks.map(({ slot, nextRequest, overlay }, index): DiskState => {
    const before = (known ?? initial).disks[index]?.overlay;
    if (before === undefined) throw new Error(`the machine has no disk in slot ${String(slot)}`);
    const written = takePages<OverlayPage>(overlay, (digest, bytes) => ({ digest, bytes: bytes ?? null }));
    return { slot, nextRequest, overlay: before.with(written) };
  });
  return stateFrom(parts, overlays, earlier.with(pages));
}

const NO_BYTES = new Uint8Array(RAM_PAGE_BYTES);

interface Page {
  readonly digest: bigint;
  readonly bytes: Uint8Array | null;
}

function handPages(numbers: Iterable<number>, pageAt: (number: number) => Page | undefined): HandedPages {
  const found = [...numbers].map((number) => ({ number, page: pageAt(number) }));
  const forms = Uint8Array.from(found, ({ page }) =>
    page === undefined ? FORM.none : page.bytes === null ? FORM.zeros : FORM.bytes,
  );
  const bytes = new Uint8Array(forms.filter((form) => form === FORM.bytes).length * RAM_PAGE_BYTES);
  let at = 0;
  for (const { page } of found) {
    if (page === undefined || page.bytes === null) continue;
    bytes.set(page.bytes, at);
    at += RAM_PAGE_BYTES;
  }
  return {
    numbers: Uint32Array.from(found, ({ number }) => number),
    digests: BigUint64Array.from(found, ({ page }) => page?.digest ?? 0n),
    forms,
    bytes,
  };
}

function* takePages<Taken>(
  { numbers, digests, forms, bytes }: HandedPages,
  made: (digest: bigint, bytes: Uint8Array | undefined) => Taken,
): Generator<readonly [number, Taken | undefined]> {
  let at = 0;
  for (const [index, number] of numbers.entries()) {
    const form = forms[index];
    const own = form === FORM.bytes ? bytes.subarray(at, (at += RAM_PAGE_BYTES)) : undefined;
    yield [number, form === FORM.none ? undefined : made(digests[index] ?? 0n, own)];
  }
}
