/** The trace compiler as others see it: from the recorded path to the body of a function. */
import type { ByteWriter } from "../../byte-writer.js";
import type { FunctionBody } from "../../wasm/module-builder.js";
import type { EngineMemory } from "../engine-memory.js";
import { CODE_PAGE_BYTES, MAX_TRACE_INSNS, MAX_TRACE_SITES } from "../layout.js";
import type { TraceCompilerExports } from "./compiler-functions.js";
import { compilerMemory, PAGE_ROW, PAGE_ROW_BYTES, type CompilerMemory, type FoundField } from "./compiler-memory.js";
import { TemplateTable } from "./template-table.js";

/** Of an instruction at most: two of its own, and one where the next page is looked at. And those of a trace beside. */
const SITES_AN_INSN = 3;
const MORE_SITES = 2;

const END = 0x0b;

export class TraceCompiler {
  private readonly places: CompilerMemory;
  private table: TemplateTable | undefined;

  constructor(
    private readonly memory: EngineMemory,
    private readonly exports: () => TraceCompilerExports,
  ) {
    this.places = compilerMemory(memory.layout);
  }

  /** How many instructions of the recorded path, which begins at this slot, can be a trace. */
  findPath(head: number): number {
    this.table ??= new TemplateTable(this.memory);
    return this.exports().findTracePath(head);
  }

  /** Whether compiled code begins behind the path. */
  get leadsToCode(): boolean {
    return this.found("leadsToCode") !== 0;
  }

  /** The code pages of the path. */
  get codePages(): readonly number[] {
    const { view, layout } = this.memory;
    return Array.from({ length: this.found("pages") }, (_, index) => {
      const code = view.getUint32(this.places.pages + index * PAGE_ROW_BYTES + PAGE_ROW.code, true);
      return (code - layout.codePool) / CODE_PAGE_BYTES;
    });
  }

  /** {slot, encoding} of each instruction of the path. */
  get words(): Uint32Array {
    const { words } = this.places;
    return new Uint32Array(this.memory.view.buffer, words, this.found("insns") * 2).slice();
  }

  /** Whether there is room for the ways out of a trace more. */
  get hasRoom(): boolean {
    return this.found("nextSite") + SITES_AN_INSN * MAX_TRACE_INSNS + MORE_SITES <= MAX_TRACE_SITES;
  }

  /** How many templates there are. */
  get templates(): number {
    return this.table?.size ?? 0;
  }

  /** All traces are gone. */
  startAnew(): void {
    this.memory.view.setUint32(this.places.found.nextSite, 0, true);
  }

  /** The path as a function. `isDirect`: its loads and stores rely on `directRam`. */
  compile(isDirect: boolean): FunctionBody {
    while (this.exports().compileTracePath(Number(isDirect)) !== 0) this.table?.add(this.found("missing"));
    return new WrittenBody(this.memory.bytes.slice(this.places.body, this.found("end")));
  }

  private found(field: FoundField): number {
    return this.memory.view.getInt32(this.places.found[field], true);
  }
}

class WrittenBody implements FunctionBody {
  constructor(private readonly bytes: Uint8Array) {}

  writeTo(target: ByteWriter): void {
    target.unsigned(this.bytes.length + 1);
    target.append(this.bytes);
    target.byte(END);
  }
}
