/** The trace compiler in WebAssembly: in the interpreter's module, since it begins with code that runs seldom. */
import { Assembler } from "../../wasm/assembler.js";
import type { ModuleBuilder } from "../../wasm/module-builder.js";
import { Words } from "../expressions/words.js";
import type { Layout } from "../layout.js";
import { bodyFunction } from "./body-function.js";
import { fillFunction } from "./fill-function.js";
import { groupsFunction } from "./groups-function.js";
import { codeWordFunction, findTracePageFunction } from "./page-functions.js";
import { pathFunction } from "./path-function.js";
import { planFunction } from "./plan-function.js";
import { findTemplateFunction } from "./template-search.js";

/** As an instance of the module exports them. */
export interface TraceCompilerExports {
  /** (slot of the head) -> the instructions of the recorded path that can be a trace. */
  readonly findTracePath: (head: number) => number;
  /** (loads and stores rely on `directRam`) -> 0: the path is compiled; else a template is missing. */
  readonly compileTracePath: (isDirect: number) => number;
}

export function defineTraceCompiler(module: ModuleBuilder, layout: Layout, encodingOfSlot: number): void {
  const define = (body: Assembler, results: readonly "i32"[], name?: keyof TraceCompilerExports): number => {
    const index = module.declareFunction({ parameters: body.parameters, results }, name);
    module.defineFunction(index, body);
    return index;
  };
  const findTracePage = define(findTracePageFunction(layout), ["i32"]);
  const codeWordOf = define(codeWordFunction(layout), ["i32"]);
  const fill = define(fillFunction(layout, codeWordOf), []);
  const findTemplate = define(findTemplateFunction(layout), ["i32"]);
  const groups = define(groupsFunction(layout), []);
  const plan = define(planFunction(layout, findTemplate), ["i32"]);
  const body = define(bodyFunction(layout, fill), []);
  define(pathFunction(layout, { findTracePage, encodingOfSlot }), ["i32"], "findTracePath");
  define(compileFunction({ groups, plan, body }), ["i32"], "compileTracePath");
}

function compileFunction(functions: Readonly<Record<"groups" | "plan" | "body", number>>): Assembler {
  const asm = new Assembler(["i32"]);
  const w = new Words(asm);
  const isDirect = w.parameter(0);
  w.call(functions.groups);
  w.when(w.result(functions.plan, isDirect), () => {
    w.return(w.i32(1));
  });
  w.call(functions.body, isDirect);
  w.i32(0)();
  return asm;
}
