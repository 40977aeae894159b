/**
 * A file that holds an image. It is read at any place through a cache, identified by its digest, and never written to.
 */
import { closeSync, fstatSync, read, readSync, type BigIntStats } from "node:fs";
import { promisify } from "node:util";

import { DiskReadError } from "../../../machine/disk/disk-image.js";
import { ImageError } from "../images.js";
import type { HostDisk } from "../../store/host-disk.js";
import { imageDigest } from "./image-digest.js";
import { Recent } from "../recent.js";
import { openRegularFile } from "../regular-file.js";
import { reasonOf } from "../reason.js";

/** Larger than most requests, since a disk is mostly read in order. */
export const CHUNK_BYTES = 1 << 16;
/** 32 MiB. */
export const MAX_CHUNKS = 512;
/** Fetched at once, whatever a guest asks for: 16 MiB, so that they are still there when they are read. */
const MAX_FETCHES = MAX_CHUNKS / 2;
/** What of a request is made ready. */
export const MAX_PREPARED_BYTES = MAX_FETCHES * CHUNK_BYTES;

export class ImageFile implements HostDisk {
  readonly byteLength: number;
  readonly sha256: string;
  private readonly file: number;
  private isClosed = false;
  private readonly opened: BigIntStats;
  private readonly chunks = new Recent<Uint8Array>(MAX_CHUNKS);
  private readonly fetches = new Map<number, Promise<void>>();

  /** @throws {ImageError} if it can't be read. */
  constructor(readonly path: string) {
    try {
      this.file = openRegularFile(path);
    } catch (fault) {
      throw unreadable(path, fault);
    }
    try {
      this.opened = fstatSync(this.file, { bigint: true });
      this.byteLength = Number(this.opened.size);
      this.sha256 = imageDigest(path, this.file, this.opened);
    } catch (fault) {
      closeSync(this.file);
      throw unreadable(path, fault);
    }
  }

  read(offset: number, target: Uint8Array): void {
    for (let at = 0; at < target.length;) {
      const start = (offset + at) % CHUNK_BYTES;
      const count = Math.min(CHUNK_BYTES - start, target.length - at);
      const chunk = this.chunk(Math.floor((offset + at) / CHUNK_BYTES));
      const there = chunk.subarray(start, start + count);
      target.set(there, at);
      target.fill(0, at + there.length, at + count);
      at += count;
    }
  }

  prepare(offset: number, length: number): Promise<void> | undefined {
    const waiting: Promise<void>[] = [];
    // Bytes that do not fit into the cache are read when they are needed.
    const last = Math.min(offset + length, offset + MAX_PREPARED_BYTES, this.byteLength) - 1;
    for (let index = Math.floor(offset / CHUNK_BYTES); index * CHUNK_BYTES <= last; index += 1) {
      const fetched = this.chunks.has(index) ? undefined : (this.fetches.get(index) ?? this.begin(index));
      if (fetched !== undefined) waiting.push(fetched);
    }
    return waiting.length === 0 ? undefined : Promise.all(waiting).then(() => undefined);
  }

  requireUnchanged(): void {
    const { size, mtimeNs } = fstatSync(this.file, { bigint: true });
    if (size === this.opened.size && mtimeNs === this.opened.mtimeNs) return;
    throw new ImageError(
      "IMAGE_DIFFERS",
      `${this.path} was changed while a machine was using it; nothing else may write to it meanwhile`,
    );
  }

  close(): void {
    if (!this.isClosed) closeSync(this.file);
    this.isClosed = true;
  }

  private chunk(index: number): Uint8Array {
    const cached = this.chunks.get(index);
    if (cached !== undefined) return cached;
    if (index * CHUNK_BYTES >= this.byteLength) return NOTHING;
    this.requireOpen();
    const bytes = new Uint8Array(this.sizeOf(index));
    let filled = 0;
    try {
      for (let count = -1; count !== 0 && filled < bytes.length; filled += count)
        count = readSync(this.file, bytes, filled, bytes.length - filled, index * CHUNK_BYTES + filled);
    } catch (fault) {
      throw this.failed(index, fault);
    }
    return this.keep(index, bytes, filled);
  }

  /** After closing, the host may have given the number to another file. */
  private requireOpen(): void {
    if (this.isClosed) throw new DiskReadError(`can't read ${this.path}: its machine or recording was closed`);
  }

  /** Undefined where as many are being fetched as may be. */
  private begin(index: number): Promise<void> | undefined {
    if (this.fetches.size === MAX_FETCHES) return undefined;
    const fetched = this.fetch(index).finally(() => this.fetches.delete(index));
    this.fetches.set(index, fetched);
    return fetched;
  }

  private async fetch(index: number): Promise<void> {
    this.requireOpen();
    const bytes = new Uint8Array(this.sizeOf(index));
    const { bytesRead } = await readAsync(this.file, bytes, 0, bytes.length, index * CHUNK_BYTES).catch(
      (fault: unknown) => {
        if (this.isClosed) return NOTHING_READ;
        throw this.failed(index, fault);
      },
    );
    // It may have been closed meanwhile: then the bytes may be another file's, and nobody needs them.
    // A short read is rare. The synchronous path reads the rest.
    if (!this.isClosed && bytesRead === bytes.length) this.keep(index, bytes, bytesRead);
  }

  private keep(index: number, bytes: Uint8Array, filled: number): Uint8Array {
    this.requireUnchanged();
    if (filled < bytes.length) throw this.failed(index, new Error("it ends before its size says"));
    this.chunks.set(index, bytes);
    return bytes;
  }

  private sizeOf(index: number): number {
    return Math.min(CHUNK_BYTES, this.byteLength - index * CHUNK_BYTES);
  }

  private failed(index: number, fault: unknown): DiskReadError {
    return new DiskReadError(`can't read ${this.path} at byte ${String(index * CHUNK_BYTES)}: ${reasonOf(fault)}`);
  }
}

const readAsync = promisify(read);
const NOTHING = new Uint8Array(0);
const NOTHING_READ = { bytesRead: 0 };

const unreadable = (path: string, fault: unknown): ImageError =>
  new ImageError("IMAGE_UNREADABLE", `can't read the disk image ${path}: ${reasonOf(fault)}`);
