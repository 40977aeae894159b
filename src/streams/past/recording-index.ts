/** Where the states of a recording are kept between processes, and whether what is there can be believed. */
import type { MachineState } from "../../machine/state.js";
import { LogError, type ByteSource } from "../store/log/index.js";
import {
  openStateIndex,
  StateIndexError,
  type StateIndex,
  type StateIndexBuilder,
} from "../store/state-index/index.js";

/** A file on a host, or wherever else bytes stay. `identity` is the recording's: `Log.identity`. */
export interface IndexPlace {
  /** Where it is, or would be. */
  pathOf(identity: bigint): string;
  /** Undefined: there is none. @throws {LogError} where it can't be read. */
  open(identity: bigint): ByteSource | undefined;
  /** All of it or nothing, in place of what was there. @throws {LogError} CANNOT_WRITE */
  write(identity: bigint, pieces: Iterable<Uint8Array>): void;
  /** False: there was none. @throws {LogError} CANNOT_WRITE */
  remove(identity: bigint): boolean;
  /** Somebody named it, so that it is told, too, where there is none. */
  readonly isNamed?: boolean;
  /** Told once where one is there that can't be believed. The recording is asked without it. */
  readonly ignored?: ((fault: StateIndexError, identity: bigint) => void) | undefined;
}

export class RecordingIndex {
  constructor(
    private readonly place: IndexPlace | undefined,
    private readonly identity: () => bigint,
    private readonly start: () => MachineState,
  ) {}

  /** Where it is, or would be. @throws {LogError} where it is switched off. */
  get path(): string {
    return this.required().pathOf(this.identity());
  }

  /** Undefined: there is none. @throws {StateIndexError} */
  open(): StateIndex | undefined {
    const source = this.source();
    return source && openStateIndex(source, this.identity(), this.start());
  }

  /** The same where every state was read and found sound. */
  openChecked(): StateIndex | undefined {
    const index = this.open();
    try {
      for (const state of index?.states ?? []) state.load();
      return index;
    } catch (fault) {
      index?.close();
      throw fault;
    }
  }

  /** For whoever goes on without one. Undefined: there is none, or what is there can't be believed. */
  openOrIgnore(): StateIndex | undefined {
    try {
      const index = this.open();
      if (index !== undefined || this.place?.isNamed !== true) return index;
      throw new StateIndexError("CANNOT_READ", "there is no such file");
    } catch (fault) {
      this.ignored(fault);
      return undefined;
    }
  }

  /** @throws what is no fault of an index. */
  ignored(fault: unknown): void {
    if (!(fault instanceof StateIndexError)) throw fault;
    this.place?.ignored?.(fault, this.identity());
  }

  /** Answers where it is, and its size. @throws {LogError} */
  write(builder: StateIndexBuilder): { readonly path: string; readonly byteLength: number } {
    let byteLength = 0;
    const identity = this.identity();
    const measured = function* (): Generator<Uint8Array> {
      for (const piece of builder.encode(identity)) {
        byteLength += piece.length;
        yield piece;
      }
    };
    this.required().write(identity, measured());
    return { path: this.path, byteLength };
  }

  /** Answers where it was; undefined: there was none. @throws {LogError} */
  remove(): string | undefined {
    return this.required().remove(this.identity()) ? this.path : undefined;
  }

  private source(): ByteSource | undefined {
    try {
      return this.place?.open(this.identity());
    } catch (fault) {
      if (!(fault instanceof LogError)) throw fault;
      throw new StateIndexError("CANNOT_READ", fault.message, { cause: fault });
    }
  }

  private required(): IndexPlace {
    if (this.place !== undefined) return this.place;
    throw new LogError("CANNOT_WRITE", "there is no place for a state index: it is switched off; name a file");
  }
}
