/**
 * Reads a state index. Opening it reads the directory. A state is read when it is asked for, with those of its pages
 * that no state in memory has, and checked: each page by its digest, and all of it by its state hash.
 */
import { PageDigester } from "../../../machine/digest/page-digest.js";
import { overlayPage, zeroPage } from "../../../machine/disk/disk.js";
import { DISK_PAGE_BYTES, type Overlay, type OverlayPage } from "../../../machine/disk/disk-state.js";
import { RAM_PAGE_BYTES, type RamPage } from "../../../machine/ram.js";
import { CanonicalError } from "../../../machine/canonical-value.js";
import { hashOfState } from "../../../machine/state-hash.js";
import type { MachineState } from "../../../machine/state.js";
import type { PlainPosition } from "../../../reducers/position.js";
import { MalformedBytes } from "../log/bytes.js";
import { LogError } from "../log/log-error.js";
import type { ByteSource } from "../log/byte-source.js";
import { requireShape } from "../saved-state/machine-shape.js";
import { StateError } from "../saved-state/state-error.js";
import { readChunks } from "./chunks.js";
import { decodeDirectory, FOUND, type Directory, type DirectoryState, type PageChange } from "./directory.js";
import { PageHistory, type PageVersion } from "./page-history.js";
import { PROLOGUE_BYTES, readPrologue } from "./prologue.js";
import { decodeParts } from "./state-parts.js";
import { StateIndexError } from "./state-index-error.js";
import { changedPage, StoredPages } from "./stored-pages.js";

/** A state in the index, of which nothing but the position was read. */
export interface IndexedState {
  readonly position: PlainPosition;
  /** No instruction is under way in it. */
  readonly isWhole: boolean;
  /** Stands for a page of RAM, as `Ram.version` of the state does. */
  version(page: number): object | undefined;
  /** How many pages of RAM `load` would have to read. */
  unreadPages(): number;
  /** @throws {StateIndexError} where it is damaged. */
  load(): MachineState;
}

export interface StateIndex {
  /** By position. */
  readonly states: readonly IndexedState[];
  readonly byteLength: number;
  close(): void;
}

/**
 * `start` is the state that the recording with that `identity` begins with. The source is closed where this throws.
 * @throws {StateIndexError} where it is damaged, or of another recording
 */
export function openStateIndex(source: ByteSource, identity: bigint, start: MachineState): StateIndex {
  try {
    return guarded(() => new IndexReader(source, identity, start));
  } catch (fault) {
    source.close();
    throw fault;
  }
}

class IndexReader implements StateIndex {
  readonly states: readonly IndexedState[];
  private readonly pages: StoredPages;
  private readonly ram: PageHistory<RamVersion>;
  private readonly disks: readonly PageHistory<OverlayVersion>[];
  private readonly directory: Directory;
  /** Where the parts of each state begin. */
  private readonly partsAt: readonly number[];

  constructor(
    private readonly source: ByteSource,
    identity: bigint,
    private readonly start: MachineState,
  ) {
    const { chunks } = readPrologue(source, { identity, startHash: hashOfState(start) });
    const { bytes, end } = readChunks(source, PROLOGUE_BYTES, chunks);
    const pageCounts = [start.ram.pageCount, ...start.disks.map(({ overlay }) => overlay.pageCount)];
    this.directory = decodeDirectory(bytes, pageCounts);
    const { states, pages } = this.directory;
    this.pages = new StoredPages(source, pages, end);
    let partsEnd = this.pages.end;
    this.partsAt = states.map(({ partsSize }) => {
      const at = partsEnd;
      partsEnd += partsSize;
      return at;
    });
    if (partsEnd !== source.size) throw new StateIndexError("DAMAGED", "its sizes do not fit its directory");
    this.ram = new PageHistory(changesIn(states, 0), (change) => new RamVersion(change));
    this.disks = start.disks.map(
      (_, index) => new PageHistory(changesIn(states, index + 1), (change) => new OverlayVersion(change)),
    );
    this.states = states.map(({ position, isWhole }, state): IndexedState => ({
      position,
      isWhole,
      version: (page) => this.version(state, page),
      unreadPages: () => this.unreadPages(state),
      load: () => guarded(() => this.load(state)),
    }));
  }

  get byteLength(): number {
    return this.source.size;
  }

  close(): void {
    this.source.close();
  }

  private version(state: number, page: number): object | undefined {
    const version = this.ram.version(state, page);
    return version === "start" ? this.start.ram.version(page) : version;
  }

  private unreadPages(state: number): number {
    let count = 0;
    for (const [, version] of this.ram.changed(state)) {
      if (version !== undefined && version.found >= FOUND.stored && version.present === undefined) count += 1;
    }
    return count;
  }

  private load(state: number): MachineState {
    const described = this.directory.states[state];
    if (described === undefined) throw new Error(`there is no state ${String(state)}`);
    const ram = this.start.ram.with(this.ramPages(state));
    const overlays = this.start.disks.map(({ overlay }, index) => overlay.with(this.overlayPages(state, index)));
    const { bytes, end } = readChunks(this.source, this.partsAt[state] ?? 0, described.partsChunks);
    const made = decodeParts(bytes, this.start, { ram, overlays });
    if (made === undefined || end !== (this.partsAt[state] ?? 0) + described.partsSize) throw changedState(described);
    requireShape(made);
    const { seq, icount } = made.position;
    if (seq !== described.position.seq || icount !== described.position.icount || hashOfState(made) !== described.hash)
      throw changedState(described);
    return made;
  }

  private ramPages(state: number): readonly (readonly [number, RamPage | undefined])[] {
    const made: [number, RamPage | undefined][] = [];
    const unread: RamVersion[] = [];
    for (const [page, version] of this.ram.changed(state)) {
      const present = version?.present;
      if (version === undefined) made.push([page, undefined]);
      else if (present !== undefined) made.push([page, present]);
      else if (version.found === FOUND.start) made.push([page, this.ramPage(version, this.start.ram.page(page))]);
      else unread.push(version);
    }
    this.readPages(unread, RAM_PAGE_BYTES, (version, bytes, digest) => {
      digester ??= new PageDigester();
      if (digester.of(bytes, version.page) !== digest) throw changedPage(version.page);
      made.push([version.page, this.ramPage(version, { bytes, digest })]);
    });
    return made;
  }

  private ramPage(version: RamVersion, page: Pick<RamPage, "bytes" | "digest"> | undefined): RamPage {
    if (page === undefined || version.found === FOUND.zeros) throw changedPage(version.page);
    const { bytes, digest } = page;
    const made = { bytes, digest, version };
    version.present = made;
    return made;
  }

  private overlayPages(state: number, disk: number): readonly (readonly [number, OverlayPage | undefined])[] {
    const first = this.start.disks[disk]?.overlay;
    const made: [number, OverlayPage | undefined][] = [];
    const unread: OverlayVersion[] = [];
    for (const [page, version] of this.disks[disk]?.changed(state) ?? []) {
      const present = version?.present;
      if (version === undefined) made.push([page, undefined]);
      else if (present !== undefined) made.push([page, present]);
      else if (version.found >= FOUND.stored) unread.push(version);
      else made.push([page, version.found === FOUND.zeros ? zeroPage(page) : pageOf(first, page)]);
    }
    this.readPages(unread, DISK_PAGE_BYTES, (version, bytes, digest) => {
      const page = overlayPage(bytes, version.page);
      if (page.digest !== digest) throw changedPage(version.page);
      version.present = page;
      made.push([version.page, page]);
    });
    return made;
  }

  private readPages<Version extends PageVersion>(
    versions: readonly Version[],
    pageBytes: number,
    take: (version: Version, bytes: Uint8Array, digest: bigint) => void,
  ): void {
    const byNumber = new Map(versions.map((version) => [version.found - FOUND.stored, version]));
    this.pages.read([...byNumber.keys()], pageBytes, (number, bytes) => {
      const [version, stored] = [byNumber.get(number), this.pages.pages[number]];
      if (version === undefined || stored === undefined) return;
      if (stored.page !== version.page) throw changedPage(version.page);
      take(version, bytes, stored.digest);
    });
  }
}

/** Made on first use. One serves the whole process. */
let digester: PageDigester | undefined;

/** It is kept as long as a state has it. */
class Version<Page extends object> implements PageVersion {
  readonly page: number;
  readonly found: number;
  private ref: WeakRef<Page> | undefined;

  constructor({ page, found }: PageChange) {
    this.page = page;
    this.found = found;
  }

  get present(): Page | undefined {
    return this.ref?.deref();
  }

  set present(page: Page | undefined) {
    this.ref = page && new WeakRef(page);
  }
}

class RamVersion extends Version<RamPage> {}
class OverlayVersion extends Version<OverlayPage> {}

const changesIn = (states: Directory["states"], space: number): readonly (readonly PageChange[])[] =>
  states.map(({ changes }) => changes[space] ?? []);

function pageOf(overlay: Overlay | undefined, page: number): OverlayPage {
  const found = overlay?.page(page);
  if (found === undefined) throw changedPage(page);
  return found;
}

const changedState = ({ position }: DirectoryState): StateIndexError =>
  new StateIndexError("DAMAGED", `the state at instruction ${String(position.icount)} was changed`);

/** What is no state, or no directory, was changed by somebody: there is no other way to it. */
function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (fault) {
    if (fault instanceof MalformedBytes || fault instanceof CanonicalError || fault instanceof StateError)
      throw new StateIndexError("DAMAGED", fault.message, { cause: fault });
    if (fault instanceof LogError) throw new StateIndexError("CANNOT_READ", fault.message, { cause: fault });
    throw fault;
  }
}
