/** Modules of compiled code: several functions at a time, since V8 takes ten times as long for one alone. */
import { ModuleBuilder, type FunctionBody } from "../../wasm/module-builder.js";
import { CODE_SIGNATURE, WAYS_OUT, type WayOut } from "./code-protocol.js";
import type { EngineMemory } from "../engine-memory.js";
import type { InstalledCode } from "./installed-code.js";

export interface ModuleCounts {
  readonly compiled: number;
  readonly modulesCompiled: number;
  readonly moduleBytes: number;
}

export class CompiledModules {
  private counts = { compiled: 0, modulesCompiled: 0, moduleBytes: 0 };

  constructor(
    private readonly memory: EngineMemory,
    private readonly installed: InstalledCode,
    /** The interpreter's functions by which code goes to other code; undefined: this host has no tail calls. */
    private readonly waysOut: (() => Readonly<Record<WayOut, CallableFunction>>) | undefined,
  ) {}

  /** The index of the function for going on at any pc, in all modules. */
  get dispatch(): number | undefined {
    return this.waysOut === undefined ? undefined : WAYS_OUT.indexOf("dispatch");
  }

  statistics(): ModuleCounts {
    return { ...this.counts };
  }

  countAnew(): void {
    this.counts = { compiled: 0, modulesCompiled: 0, moduleBytes: 0 };
  }

  /** Compiles these functions, by id. The result finds each by its id. */
  make(functions: readonly (readonly [id: number, body: FunctionBody])[]): (id: number) => unknown {
    if (functions.length === 0) return () => undefined;
    const builder = new ModuleBuilder();
    if (this.waysOut !== undefined) {
      for (const name of WAYS_OUT) builder.importFunction(name, CODE_SIGNATURE);
    }
    for (const [id, body] of functions) {
      builder.defineFunction(builder.declareFunction(CODE_SIGNATURE, String(id)), body);
    }
    const bytes = builder.build({ initialPages: this.memory.layout.wasmPages });
    const env = { memory: this.memory.wasm, table: this.installed.table, ...this.waysOut?.() };
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env });
    this.installed.addModule();
    this.counts.modulesCompiled += 1;
    this.counts.moduleBytes += bytes.length;
    this.counts.compiled += functions.length;
    return (id) => exports[String(id)];
  }
}
