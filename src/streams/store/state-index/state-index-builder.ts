/**
 * Makes a state index while a machine goes along: takes states in order, keeps each page once, and thins the states out
 * where they take more than they may. It grows in memory, and is written whole.
 */
import type { Digested } from "../../../machine/page-tree.js";
import { hashOfState } from "../../../machine/state-hash.js";
import type { MachineState } from "../../../machine/state.js";
import type { PlainPosition } from "../../../reducers/position.js";
import { compress, MAX_RAW_BYTES } from "../log/compression.js";
import { distanceAfter } from "../state-spacing.js";
import { chunked, MAX_CHUNKS } from "./chunks.js";
import {
  CHANGE_ENTRY_BYTES,
  encodeDirectory,
  FOUND,
  PAGE_ENTRY_BYTES,
  STATE_ENTRY_BYTES,
  type PageChange,
  type Space,
} from "./directory.js";
import { encodePrologue, PROLOGUE_BYTES } from "./prologue.js";
import { encodeParts } from "./state-parts.js";

export const DEFAULT_INDEX_BYTES = 256 * 2 ** 20;
/** As many as a directory is read of quickly. */
export const MAX_INDEXED_STATES = 4096;

/** A page's content, once for all states that have it. */
interface Content {
  readonly space: Space;
  readonly page: number;
  readonly digest: bigint;
  readonly stored: Uint8Array;
  uses: number;
}

type Found = Content | Exclude<keyof typeof FOUND, "stored">;

interface Taken {
  readonly position: PlainPosition;
  readonly isWhole: boolean;
  readonly hash: bigint;
  /** Compressed. */
  readonly parts: readonly Uint8Array[];
  /** Since the state before it, for each space, by page number. */
  readonly changes: readonly Map<number, Found>[];
}

export class StateIndexBuilder {
  private readonly taken: Taken[] = [];
  private readonly contents = new Map<string, Content>();
  private last: MachineState;
  private bytes = PROLOGUE_BYTES;
  /** Of these, those of the directory. */
  private directoryBytes = 0;
  /** How much further apart states are than their cost says. */
  private spread = 1;
  private nextAt: number;

  constructor(
    /** The state that the recording begins with. */
    private readonly start: MachineState,
    private readonly maxBytes: number = DEFAULT_INDEX_BYTES,
  ) {
    this.last = start;
    this.nextAt = start.position.icount + distanceAfter(0);
  }

  get stateCount(): number {
    return this.taken.length;
  }

  /** What it takes at most. */
  get byteLength(): number {
    return this.bytes;
  }

  /** Where it wants the next state; never where the machine stands. */
  nextIcount({ icount }: PlainPosition): number {
    return Math.max(this.nextAt, icount + 1);
  }

  /** `state` lies behind the one before. `isWhole`: no instruction is under way. */
  keep(state: MachineState, isWhole = true): void {
    const { position } = state;
    const before = this.last.position;
    if (position.icount === before.icount && position.seq === before.seq) return;
    const changes = this.changesTo(state);
    const parts = chunked(encodeParts(state));
    this.taken.push({ position, isWhole, hash: hashOfState(state), parts, changes });
    this.grow(STATE_ENTRY_BYTES, sizeOf(parts));
    this.last = state;
    this.nextAt = position.icount + this.spread * distanceAfter(changes[0]?.size ?? 0);
    while (this.taken.length > 0 && this.isTooLarge) this.thin();
  }

  /** The bytes of the index, piece by piece. */
  *encode(identity: bigint): Generator<Uint8Array> {
    const contents = [...this.contents.values()];
    const numbers = new Map(contents.map((content, number) => [content, number]));
    const foundOf = (found: Found): number =>
      typeof found === "string" ? FOUND[found] : FOUND.stored + (numbers.get(found) ?? 0);
    const states = this.taken.map(({ changes, parts, ...facts }) => ({
      ...facts,
      partsChunks: parts.length,
      partsSize: sizeOf(parts),
      changes: changes.map((ofSpace) =>
        [...ofSpace]
          .map(([page, found]): PageChange => ({ page, found: foundOf(found) }))
          .sort((a, b) => a.page - b.page),
      ),
    }));
    const pages = contents.map(({ stored, space, page, digest }) => ({
      ...{ space, page, digest },
      storedSize: stored.length,
    }));
    const directory = chunked(encodeDirectory({ pages, states }));
    const blobs = [...contents.map(({ stored }) => stored), ...this.taken.flatMap(({ parts }) => parts)];
    const byteLength = PROLOGUE_BYTES + sizeOf(directory) + sizeOf(blobs);
    yield encodePrologue({ identity, startHash: hashOfState(this.start), byteLength, chunks: directory.length });
    yield* directory;
    yield* blobs;
  }

  private get isTooLarge(): boolean {
    return (
      this.bytes > this.maxBytes ||
      this.taken.length > MAX_INDEXED_STATES ||
      this.directoryBytes > MAX_CHUNKS * MAX_RAW_BYTES
    );
  }

  private grow(directoryBytes: number, otherBytes = 0): void {
    this.directoryBytes += directoryBytes;
    this.bytes += directoryBytes + otherBytes;
  }

  private changesTo(state: MachineState): Map<number, Found>[] {
    const ram = new Map<number, Found>();
    for (const page of state.ram.difference(this.last.ram)) {
      ram.set(page, this.found(0, page, state.ram.page(page), this.start.ram.page(page)));
    }
    const disks = state.disks.map(({ overlay }, index) => {
      const changes = new Map<number, Found>();
      const [before, first] = [this.last.disks[index]?.overlay, this.start.disks[index]?.overlay];
      const differing = before === undefined ? overlay.indices() : overlay.difference(before);
      for (const page of differing) {
        changes.set(page, this.found(index + 1, page, overlay.page(page), first?.page(page)));
      }
      return changes;
    });
    return [ram, ...disks];
  }

  private found(space: Space, page: number, now: Page | undefined, start: Page | undefined): Found {
    this.grow(CHANGE_ENTRY_BYTES);
    if (now === undefined) return "absent";
    if (now.bytes === null) return "zeros";
    if (now.digest === start?.digest) return "start";
    const key = `${String(space)} ${String(page)} ${String(now.digest)}`;
    let content = this.contents.get(key);
    if (content === undefined) {
      content = { space, page, digest: now.digest, stored: compress(now.bytes), uses: 0 };
      this.contents.set(key, content);
      this.grow(PAGE_ENTRY_BYTES, content.stored.length);
    }
    content.uses += 1;
    return content;
  }

  /** Every second state goes, and from here on they are twice as far apart. Of the last one, all is left. */
  private thin(): void {
    this.spread *= 2;
    const { taken } = this;
    if (taken.length === 1) {
      const [only] = taken.splice(0);
      if (only !== undefined) this.forget(only, undefined);
      this.last = this.start;
      return;
    }
    const left: Taken[] = [];
    taken.forEach((state, at) => {
      const next = taken[at + 1];
      if (next !== undefined && (taken.length - 1 - at) % 2 === 1) this.forget(state, next);
      else left.push(state);
    });
    taken.splice(0, taken.length, ...left);
  }

  /** What changed up to `state` has changed up to the next one, unless it changed again. */
  private forget({ parts, changes }: Taken, next: Taken | undefined): void {
    this.grow(-STATE_ENTRY_BYTES, -sizeOf(parts));
    changes.forEach((ofSpace, space) => {
      const later = next?.changes[space];
      for (const [page, found] of ofSpace) {
        if (later !== undefined && !later.has(page)) later.set(page, found);
        else this.release(found);
      }
    });
  }

  private release(found: Found): void {
    this.grow(-CHANGE_ENTRY_BYTES);
    if (typeof found === "string") return;
    found.uses -= 1;
    if (found.uses > 0) return;
    this.contents.delete(`${String(found.space)} ${String(found.page)} ${String(found.digest)}`);
    this.grow(-PAGE_ENTRY_BYTES, -found.stored.length);
  }
}

const sizeOf = (parts: readonly Uint8Array[]): number => parts.reduce((sum, { length }) => sum + length, 0);

interface Page extends Digested {
  readonly bytes: Uint8Array | null;
}
