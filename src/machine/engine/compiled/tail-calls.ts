/** Whether this host has WebAssembly's tail calls (core specification 3.0): V8 from 11.2, not every browser. */
import { Assembler } from "../../wasm/assembler.js";
import { ModuleBuilder } from "../../wasm/module-builder.js";
import { CODE_SIGNATURE } from "./code-protocol.js";

let known: boolean | undefined;

export function hasTailCalls(): boolean {
  return (known ??= WebAssembly.validate(callsItself()));
}

function callsItself(): Uint8Array<ArrayBuffer> {
  const builder = new ModuleBuilder();
  const index = builder.declareFunction(CODE_SIGNATURE);
  const asm = new Assembler(CODE_SIGNATURE.parameters);
  for (const [parameter] of CODE_SIGNATURE.parameters.entries()) asm.get(asm.parameter(parameter));
  asm.returnCall(index);
  builder.defineFunction(index, asm);
  return builder.build({ initialPages: 1 });
}
