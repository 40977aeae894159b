/** A machine that goes along a recording, to any instruction: there, all events of that instruction have happened. */
import { Divergence } from "../../../machine/divergence.js";
import { fold } from "../../../machine/fold.js";
import { Machine } from "../../../machine/machine.js";
import { DRAM_BASE } from "../../../machine/memory-map.js";
import type { MachineState } from "../../../machine/state.js";
import type { PositionedEvent } from "../../../reducers/events.js";
import type { PlainPosition } from "../../../reducers/position.js";
import type { Recording } from "../recording.js";

/** Beyond that it is cheaper to look for a state that was kept. */
const NEAR_INSNS = 1_000_000;

export class Walker {
  readonly machine: Machine;
  /** Stores to RAM since they were last taken, where they are watched: address, value, address, value. */
  private stores: (number | bigint)[] = [];
  /** The cause of the last trap, where they are watched. */
  private trapped: bigint | undefined;
  private isLooking = false;
  private events: Iterator<PositionedEvent, void> = [][Symbol.iterator]();
  private next: PositionedEvent | undefined;
  /** Events that were folded so far. */
  private folded = 0;

  /** @throws {ImageError} */
  constructor(readonly recording: Recording) {
    this.machine = recording.openMachine(
      (initial, options) =>
        new Machine(initial, {
          ...options,
          probed: (_icount, probed) => {
            if (probed.type === "memory/stored") this.stores.push(probed.address, probed.value);
            else if (probed.type === "trap/taken") this.trapped = probed.cause;
            if (this.isLooking) this.machine.breakOff();
          },
        }),
    );
    this.load(this.machine.state());
  }

  get icount(): number {
    return this.machine.position.icount;
  }

  get eventCount(): number {
    return this.folded;
  }

  /** The last icount that it can go to. */
  get lastIcount(): number {
    const { log } = this.recording;
    return log.end?.icount ?? log.lastIcount;
  }

  load(state: MachineState): void {
    this.machine.load(state);
    this.events = this.recording.log.events({ fromSeq: state.position.seq + 1 });
    this.advance();
  }

  /** At any distance, also back. @throws {Divergence} */
  goTo(icount: number, mostEvents?: number): void {
    if (!this.isSoonAt(icount)) this.before(icount);
    this.to(icount, mostEvents);
  }

  /** `goTo`, a stretch at a time: tells how far it is. */
  *stepsTo(icount: number, mostEvents?: number): Generator<PlainPosition, void> {
    if (!this.isSoonAt(icount)) this.load(yield* this.recording.stepsTo(icount));
    this.to(icount, mostEvents);
  }

  private isSoonAt(icount: number): boolean {
    return icount >= this.icount && icount - this.icount < NEAR_INSNS;
  }

  /** Where none of its events has happened yet. */
  before(icount: number): void {
    this.load(this.recording.at(icount));
  }

  /** Forward. `mostEvents`: of those that stand there. @throws {Divergence} */
  to(icount: number, mostEvents = Infinity): void {
    for (let ahead = this.next; ahead !== undefined && ahead.icount < icount; ahead = this.next) this.fold(ahead);
    this.machine.run(icount);
    const { position } = this.machine;
    if (position.icount < icount) {
      const expected = `no event before icount ${String(icount)}`;
      const place = { seq: position.seq + 1, icount: position.icount };
      throw new Divergence(place, { field: "icount", expected, actual: "a machine that stops" });
    }
    let taken = 0;
    for (let ahead = this.next; ahead !== undefined && ahead.icount === icount; ahead = this.next) {
      if (taken >= mostEvents) return;
      if (ahead.event.type !== "checkpoint/hashed") taken += 1;
      this.fold(ahead);
    }
  }

  /** Infinity: there is none. */
  get nextEventIcount(): number {
    return this.next?.icount ?? Infinity;
  }

  /** Goes forward to where the guest looks at the time or at a device, at most to an icount before any event. */
  untilClockRead(limitIcount: number): number {
    this.machine.watch({ encodings: readsTime, devices: [{ address: 0, bytes: DRAM_BASE }] });
    this.isLooking = true;
    try {
      this.machine.run(limitIcount);
    } finally {
      this.isLooking = false;
      this.machine.watch({});
    }
    return this.icount;
  }

  watchStores(isOn: boolean): void {
    const { memoryBytes } = this.recording.config;
    this.machine.watch(isOn ? { stores: [{ address: DRAM_BASE, bytes: memoryBytes }] } : {});
    this.stores = [];
  }

  /** Goes forward, and answers the cause of the last trap on the way. */
  trapOnTheWay(icount: number): bigint | undefined {
    this.trapped = undefined;
    this.machine.watch({ traps: true });
    this.to(icount);
    this.machine.watch({});
    return this.trapped;
  }

  takeStores(): readonly (number | bigint)[] {
    const { stores } = this;
    if (stores.length > 0) this.stores = [];
    return stores;
  }

  private fold(event: PositionedEvent): void {
    fold(this.machine, event);
    this.folded += 1;
    this.advance();
  }

  private advance(): void {
    const { value, done } = this.events.next();
    this.next = done === true ? undefined : value;
  }
}

const SYSTEM = 0x73;
const TIME = 0xc01;

/** A CSR instruction on `time` (unprivileged specification, chapters 7 and 8). `ecall` has another funct3. */
const readsTime = (raw: number): boolean => (raw & 0x7f) === SYSTEM && ((raw >>> 12) & 3) !== 0 && raw >>> 20 === TIME;
