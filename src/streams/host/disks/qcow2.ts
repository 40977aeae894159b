/**
 * Reads a qcow2 image (QEMU's docs/interop/qcow2.txt): two levels of tables, compressed and zero clusters, a backing
 * image.
 */
import { inflateRawSync } from "node:zlib";

import { DiskReadError } from "../../../machine/disk/disk-image.js";
import type { HostDisk } from "../../store/host-disk.js";
import type { Qcow2Header } from "./qcow2-header.js";
import { MAX_PREPARED_BYTES } from "./image-file.js";
import { Recent } from "../recent.js";

/** Where a cluster's bytes are. */
type Cluster =
  | { readonly kind: "zeros" | "backing" }
  | { readonly kind: "plain"; readonly offset: number }
  | { readonly kind: "compressed"; readonly offset: number; readonly length: number };

export class Qcow2Image implements HostDisk {
  readonly byteLength: number;
  private readonly clusterBytes: number;
  private readonly l2Entries: number;
  /** The offset of each L2 table. 0 means that there is none. */
  private readonly l1: BigUint64Array;
  private readonly tables = new Recent<DataView>(MAX_TABLES);
  private readonly inflated = new Recent<Uint8Array>(MAX_INFLATED);

  /** `file` holds the header. `backing` is read where no cluster is allocated. @throws {DiskReadError} */
  constructor(
    private readonly name: string,
    private readonly file: HostDisk,
    private readonly header: Qcow2Header,
    private readonly backing: HostDisk | undefined,
  ) {
    this.byteLength = header.sizeBytes;
    this.clusterBytes = 2 ** header.clusterBits;
    this.l2Entries = this.clusterBytes / ENTRY_BYTES;
    const table = tableAt(file, header.l1Offset, header.l1Entries);
    this.l1 = BigUint64Array.from({ length: header.l1Entries }, (_, index) => table.getBigUint64(index * ENTRY_BYTES));
  }

  read(offset: number, target: Uint8Array): void {
    // A cluster may extend beyond the disk's end, and hold data from before the image was shrunk. An overlay may be
    // longer.
    const length = Math.min(target.length, Math.max(0, this.byteLength - offset));
    target.fill(0, length);
    for (const { cluster, from, at, count, start } of this.pieces(offset, length)) {
      const part = target.subarray(at, at + count);
      switch (cluster.kind) {
        case "zeros":
          part.fill(0);
          break;
        case "backing":
          if (this.backing === undefined) part.fill(0);
          else this.backing.read(from, part);
          break;
        case "plain":
          this.file.read(cluster.offset + start, part);
          break;
        case "compressed":
          part.set(this.inflate(cluster).subarray(start, start + count));
          break;
        default:
          cluster satisfies never;
      }
    }
  }

  prepare(offset: number, length: number): Promise<void> | undefined {
    const waiting: Promise<void>[] = [];
    const there = Math.min(length, MAX_PREPARED_BYTES, this.byteLength - offset);
    for (const { cluster, from, count, start } of this.pieces(offset, there)) {
      const fetched =
        cluster.kind === "backing"
          ? this.backing?.prepare(from, count)
          : cluster.kind === "plain"
            ? this.file.prepare(cluster.offset + start, count)
            : cluster.kind === "compressed" && this.inflated.get(cluster.offset) === undefined
              ? this.file.prepare(cluster.offset, cluster.length)
              : undefined;
      if (fetched !== undefined) waiting.push(fetched);
    }
    return waiting.length === 0 ? undefined : Promise.all(waiting).then(() => undefined);
  }

  requireUnchanged(): void {
    this.file.requireUnchanged();
    this.backing?.requireUnchanged();
  }

  close(): void {
    this.file.close();
    this.backing?.close();
  }

  /** Splits a range into clusters: `from` on the disk, `start` in its cluster, `at` in the range. */
  private *pieces(
    offset: number,
    length: number,
  ): Generator<{ cluster: Cluster; from: number; start: number; at: number; count: number }> {
    for (let at = 0; at < length;) {
      const from = offset + at;
      const start = from % this.clusterBytes;
      const count = Math.min(this.clusterBytes - start, length - at);
      yield { cluster: this.clusterAt(Math.floor(from / this.clusterBytes)), from, start, at, count };
      at += count;
    }
  }

  private clusterAt(number: number): Cluster {
    const tableOffset = Number((this.l1[Math.floor(number / this.l2Entries)] ?? 0n) & OFFSET_MASK);
    if (tableOffset === 0) return BACKING;
    let table = this.tables.get(tableOffset);
    if (table === undefined) {
      table = tableAt(this.file, tableOffset, this.l2Entries);
      this.tables.set(tableOffset, table);
    }
    const entry = table.getBigUint64((number % this.l2Entries) * ENTRY_BYTES);
    if ((entry & COMPRESSED) !== 0n) return this.compressedCluster(entry);
    if ((entry & ALL_ZEROS) !== 0n) return ZEROS;
    const offset = Number(entry & OFFSET_MASK);
    return offset === 0 ? BACKING : { kind: "plain", offset };
  }

  /** The number of sectors takes the upper bits, and the offset the rest. */
  private compressedCluster(entry: bigint): Cluster {
    const offsetBits = BigInt(62 - (this.header.clusterBits - 8));
    const offset = Number(entry & ((1n << offsetBits) - 1n));
    const sectors = Number((entry & (COMPRESSED - 1n)) >> offsetBits) + 1;
    return { kind: "compressed", offset, length: sectors * 512 - (offset % 512) };
  }

  private inflate({ offset, length }: { readonly offset: number; readonly length: number }): Uint8Array {
    const kept = this.inflated.get(offset);
    if (kept !== undefined) return kept;
    const stored = new Uint8Array(length);
    this.file.read(offset, stored);
    let cluster: Uint8Array;
    try {
      // The last sector extends beyond the compressed data. A damaged one must not grow without bound.
      cluster = inflateRawSync(stored, { maxOutputLength: this.clusterBytes });
    } catch (fault) {
      throw this.damaged(offset, (fault as Error).message);
    }
    if (cluster.length !== this.clusterBytes) throw this.damaged(offset, "it is too short");
    this.inflated.set(offset, cluster);
    return cluster;
  }

  private damaged(offset: number, why: string): DiskReadError {
    return new DiskReadError(
      `${this.name} is damaged: the compressed cluster at byte ${String(offset)} can't be read (${why}); see qemu-img check`,
    );
  }
}

const ENTRY_BYTES = 8;
/** What is kept of the image: each is one cluster, of at most 2 MiB. */
export const MAX_TABLES = 64;
export const MAX_INFLATED = 64;
/** Bits 9 to 55 of an entry. */
const OFFSET_MASK = 0x00ff_ffff_ffff_fe00n;
const COMPRESSED = 1n << 62n;
const ALL_ZEROS = 1n;
const ZEROS: Cluster = { kind: "zeros" };
const BACKING: Cluster = { kind: "backing" };

const tableAt = (file: HostDisk, offset: number, entries: number): DataView => {
  const bytes = new Uint8Array(entries * ENTRY_BYTES);
  file.read(offset, bytes);
  return new DataView(bytes.buffer);
};
