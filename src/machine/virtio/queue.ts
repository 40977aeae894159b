/**
 * The device's side of a split virtqueue (virtio 1.2 §2.7) while it is served. It takes chains, returns them, and gives
 * the queue's place at the end. A guest may put anything into RAM: a wrong value breaks the queue, and nothing throws.
 */
import { F_EVENT_IDX, F_INDIRECT_DESC, QUEUE_NUM_MAX, type VirtqueueState } from "../../reducers/virtio/virtio.js";
import { carriedFrom, type Carried } from "../engine/carried.js";
import { readChain, type Chain } from "./descriptors.js";
import { readU16, writeU16, type GuestMemory } from "./guest-memory.js";
import { hexAddress } from "../../reducers/hex.js";

export class SplitQueue {
  /** What the driver did wrong, once that was noticed. The queue then offers no more chains. */
  broken: string | undefined;

  private nextAvailable: number;
  private nextUsed: number;
  private peeked: Chain | undefined;
  /**
   * Where the driver's available ring ends. It is read once: the driver adds nothing while the queue is served. Read
   * anew, overlapping rings would let the device feed itself without end.
   */
  private readonly available: number | undefined;

  /** `features`: those that the driver accepted. */
  constructor(
    private readonly memory: GuestMemory,
    private readonly opened: VirtqueueState,
    private readonly features: bigint,
  ) {
    this.nextAvailable = opened.nextAvailable;
    this.nextUsed = opened.nextUsed;
    const { num, descriptorArea, driverArea, deviceArea } = opened;
    // §2.7: the Queue Size is a power of 2.
    if (num === 0 || num > QUEUE_NUM_MAX || (num & (num - 1)) !== 0) {
      this.break(`a queue of ${String(num)} descriptors`);
    } else if (
      !memory.has(descriptorArea, 16 * num) ||
      !memory.has(driverArea, 6 + 2 * num) ||
      !memory.has(deviceArea, 6 + 8 * num)
    ) {
      this.break("an area that is not in RAM");
    } else if (this.haveRingsInCommon()) {
      // §2.7: the rings are two areas. If they overlap, the device takes what it returned.
      this.break("an available and a used ring that lie over each other");
    }
    if (this.broken === undefined) this.available = this.readAt(driverArea + AVAILABLE_INDEX);
  }

  /** The next available chain, without taking it; undefined when there is none, or the queue is broken. */
  peek(): Chain | undefined {
    if (this.peeked !== undefined || this.broken !== undefined) return this.peeked;
    if (this.waiting() > 0) this.peeked = this.chainAt(this.nextAvailable);
    return this.peeked;
  }

  /** Whether the waiting chains have room for so many bytes. */
  hasWritable(bytes: number): boolean {
    let room = 0;
    const waiting = this.waiting();
    for (let index = 0; index < waiting && room < bytes; index += 1) {
      const chain = this.chainAt((this.nextAvailable + index) & 0xffff);
      if (chain === undefined) return false;
      room += chain.writableLength;
    }
    return room >= bytes;
  }

  /** Takes the chain that `peek` shows. */
  take(): Chain | undefined {
    const chain = this.peek();
    if (chain === undefined) return undefined;
    this.peeked = undefined;
    this.nextAvailable = (this.nextAvailable + 1) & 0xffff;
    // §2.7.10: asks for a notification of the next chain.
    if (this.hasEventIndex())
      this.writeAt(this.opened.deviceArea + USED_RING + BigInt(this.opened.num * 8), this.nextAvailable);
    return this.broken === undefined ? chain : undefined;
  }

  /**
   * At most `length` bytes of the chain's readable part, from `offset`; undefined, and the queue broken, unless all are
   * RAM.
   */
  read(chain: Chain, offset = 0, length = chain.readableLength - offset): Uint8Array | undefined {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, chain.readableLength - offset)));
    let skip = offset;
    let filled = 0;
    for (const segment of chain.readable) {
      const part = Math.min(segment.length - skip, bytes.length - filled);
      if (part > 0) {
        const read = this.memory.read(segment.address + BigInt(skip), part);
        if (read === undefined) {
          this.break(`a buffer that is not in RAM, at ${hexAddress(segment.address)}`);
          return undefined;
        }
        bytes.set(read, filled);
        filled += part;
      }
      skip = Math.max(0, skip - segment.length);
    }
    return bytes;
  }

  /** Fills the chain's writable part from its start. Returns how many of the bytes fitted. `from`: whence they come. */
  write(chain: Chain, bytes: Uint8Array, from?: Carried): number {
    let written = 0;
    for (const segment of chain.writable) {
      const part = bytes.subarray(written, written + segment.length);
      if (part.length === 0) break;
      if (!this.memory.write(segment.address, part, carriedFrom(from, written))) {
        this.break(`a buffer that is not in RAM, at ${hexAddress(segment.address)}`);
        break;
      }
      written += part.length;
    }
    return written;
  }

  /** Returns a chain to the driver (§2.7.8). `written`: how many bytes of its writable part were filled. */
  giveBack(chain: Pick<Chain, "head">, written: number): void {
    if (this.broken !== undefined) return;
    const { num, deviceArea } = this.opened;
    const element = new Uint8Array(8);
    const view = new DataView(element.buffer);
    view.setUint32(0, chain.head, true);
    view.setUint32(4, written, true);
    if (!this.memory.write(deviceArea + USED_RING + BigInt((this.nextUsed % num) * 8), element)) {
      this.break("a used ring that is not in RAM");
      return;
    }
    this.nextUsed = (this.nextUsed + 1) & 0xffff;
    this.writeAt(deviceArea + USED_INDEX, this.nextUsed);
  }

  /** The queue's place now, and whether the driver wants a notification (§2.7.7) of the returned chains. */
  close(): { readonly virtqueue: VirtqueueState; readonly interrupt: boolean } {
    const { nextAvailable, nextUsed, opened } = this;
    if (nextAvailable === opened.nextAvailable && nextUsed === opened.nextUsed)
      return { virtqueue: opened, interrupt: false };
    return { virtqueue: { ...opened, nextAvailable, nextUsed }, interrupt: this.wantsInterrupt() };
  }

  /** Whether the rings share a byte. Only with VIRTIO_F_EVENT_IDX does a field follow each ring. */
  private haveRingsInCommon(): boolean {
    const { num, driverArea, deviceArea } = this.opened;
    const rest = this.hasEventIndex() ? 6 : 4;
    return driverArea < deviceArea + BigInt(rest + 8 * num) && deviceArea < driverArea + BigInt(rest + 2 * num);
  }

  /** How many available chains the device has not taken yet. */
  private waiting(): number {
    if (this.broken !== undefined) return 0;
    const { num } = this.opened;
    if (this.available === undefined) return 0;
    const waiting = (this.available - this.nextAvailable) & 0xffff;
    if (waiting > num) this.break(`${String(waiting)} chains in a queue of ${String(num)} descriptors`);
    return waiting > num ? 0 : waiting;
  }

  private chainAt(index: number): Chain | undefined {
    const { num, driverArea, descriptorArea } = this.opened;
    const head = this.readAt(driverArea + AVAILABLE_RING + BigInt((index % num) * 2));
    if (head === undefined) return undefined;
    const chain = readChain(this.memory, descriptorArea, num, head, (this.features & F_INDIRECT_DESC) !== 0n);
    if (typeof chain !== "string") return chain;
    this.break(chain);
    return undefined;
  }

  private wantsInterrupt(): boolean {
    const { num, driverArea, nextUsed } = this.opened;
    const given = (this.nextUsed - nextUsed) & 0xffff;
    if (given === 0) return false;
    if (!this.hasEventIndex()) return ((this.readAt(driverArea) ?? 0) & NO_INTERRUPT) === 0;
    const usedEvent = this.readAt(driverArea + AVAILABLE_RING + BigInt(num * 2)) ?? 0;
    return ((this.nextUsed - usedEvent - 1) & 0xffff) < given;
  }

  private hasEventIndex(): boolean {
    return (this.features & F_EVENT_IDX) !== 0n;
  }

  private readAt(address: bigint): number | undefined {
    const value = readU16(this.memory, address);
    if (value === undefined) this.break("a ring that is not in RAM");
    return value;
  }

  private writeAt(address: bigint, value: number): void {
    if (!writeU16(this.memory, address, value)) this.break("a ring that is not in RAM");
  }

  private break(reason: string): void {
    this.broken ??= reason;
    this.peeked = undefined;
  }
}

/** §2.7.6: flags, idx, ring[num], used_event. */
const AVAILABLE_INDEX = 2n;
const AVAILABLE_RING = 4n;
const NO_INTERRUPT = 1;
/** §2.7.8: flags, idx, ring[num] of {id, len}, avail_event. */
const USED_INDEX = 2n;
const USED_RING = 4n;
