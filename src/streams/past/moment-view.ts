/** What can be asked of an instant, whoever has its machine: a state, or a replay that is there just now. */
import { check } from "../../options/check.js";
import { exactly } from "../../options/codecs.js";
import { virtualNsOf, type Inspected } from "../../machine/inspect.js";
import type { Position, VirtualNs } from "../../reducers/position.js";
import type { Instant } from "../../reducers/stream-event.js";
import type { Scope } from "./names/expression/index.js";
import type { LinuxTask } from "./names/linux/index.js";
import { placeCodec } from "./names/place-codec.js";
import type { Place } from "./names/place.js";
import { readPlace } from "./names/read-place.js";
import { valueText, type GuestValue } from "./names/value.js";
import type { Recording } from "./recording.js";
import { stackOf, type StackFrame } from "./stack.js";

const READ = exactly<{ readonly place: Place }>({ place: placeCodec });

export abstract class MomentView implements Instant {
  abstract readonly recording: Recording;
  protected abstract readonly at: Inspected;

  get position(): Position {
    return this.at.position;
  }

  get seq(): Position["seq"] {
    return this.position.seq;
  }

  get icount(): Position["icount"] {
    return this.position.icount;
  }

  /** The virtual clock. */
  get ns(): VirtualNs {
    return virtualNsOf(this.at);
  }

  /** The one that executes. */
  get hart(): number {
    return this.at.schedule.hart;
  }

  /** Of the instruction that is next. */
  get pc(): bigint {
    return this.at.harts[this.hart]?.fields.pc ?? 0n;
  }

  /** The function that is in; undefined where no name tells. */
  get function(): string | undefined {
    return this.recording.names.functionAt(this.pc)?.name;
  }

  /**
   * What is at a place, as its type says: integers, pointers and enumerations as bigints, characters in an array as a
   * text, a structure as an object. Names of the function that executes are known here, too. @throws {OptionError}
   * @throws {PlaceError}
   */
  read(place: Place): GuestValue {
    check("read", READ, { place });
    return readPlace(place, this.scope).value;
  }

  /** The same as the monitor prints it: `SYSTEM_RUNNING`, `{count = 3, name = "ab"}`. @throws {PlaceError} */
  text(place: Place): string {
    const { value, type } = readPlace(place, this.scope);
    return valueText(value, type);
  }

  /** The task of a Linux guest that a hart runs; undefined: it is in firmware, or there is no Linux. */
  taskOf(hart = this.hart): LinuxTask | undefined {
    return this.recording.kernel?.taskOf(this.at, hart);
  }

  /** That of the hart that executes. */
  get task(): LinuxTask | undefined {
    return this.taskOf();
  }

  /** The calls that led here, the innermost first: of the hart that executes, or of another. */
  stack(hart = this.hart): readonly StackFrame[] {
    return stackOf(this.recording.names, this.at, hart);
  }

  /** What names mean here. */
  get scope(): Scope {
    return { names: this.recording.names, at: this.at };
  }

  /** Plain data, as a row of NDJSON has it: `ns` is a decimal string. */
  toJSON(): { readonly seq: number; readonly icount: number; readonly ns: string } {
    const { seq, icount, ns } = this;
    return { seq, icount, ns: String(ns) };
  }

  /** `seq 23 icount 8400096, in link_read`. */
  toString(): string {
    const { seq, icount } = this.position;
    return `seq ${String(seq)} icount ${String(icount)}${this.function === undefined ? "" : `, in ${this.function}`}`;
  }

  /** Node's `console.log` asks for this. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return `Moment { ${this.toString()} }`;
  }
}
