/** The numbers that differ from place to place, where the holes of templates find them. */
import type { Word, Words } from "../expressions/words.js";
import type { CompilerMemory } from "./compiler-memory.js";
import { SOURCES, type Source } from "./template.js";

export class SourceValues {
  constructor(
    private readonly w: Words,
    private readonly memory: CompilerMemory,
  ) {}

  get(source: Source): Word {
    return this.w.load("i32.load", this.w.i32(0), this.addressOf(source));
  }

  set(source: Source, value: Word): void {
    this.w.store("i32.store", this.w.i32(0), this.addressOf(source), value);
  }

  /** Of the source with this number. */
  at(source: Word): Word {
    return this.w.load("i32.load", this.w.index(source), this.memory.values);
  }

  /** Of the source that comes so many after this one. */
  setAfter(source: Source, count: Word, value: Word): void {
    this.w.store("i32.store", this.w.index(count), this.addressOf(source), value);
  }

  private addressOf(source: Source): number {
    return this.memory.values + SOURCES.indexOf(source) * 4;
  }
}
