/** The semantics that instructions share (traps, CSRs, page walks), each a function of the interpreter's module. */
import { writeCsr } from "../../hart/csr-access.js";
import type { Procedure } from "../../hart/system-ops.js";
import { pmpAllows } from "../../hart/pmp.js";
import { takeTrap } from "../../hart/trap.js";
import type { ModuleBuilder, Signature } from "../../wasm/module-builder.js";
import type { ValueType } from "../../wasm/opcodes.js";
import type { Code } from "../expressions/compiled-values.js";
import { countTrap } from "../counters.js";
import { functionFrame } from "../function-frame.js";
import type { ControlField } from "../layout.js";
import { pmpAllowsFunction } from "../accesses/pmp-chunks.js";
import type { ProbeFunctions } from "../probe-imports.js";
import { SlotOps, type EngineFunctions } from "../slot-ops.js";
import type { Words } from "../expressions/words.js";

/** Each is compiled at the first use. */
export class ProcedureFunctions {
  private readonly indices = new Map<Procedure<number>, number>();

  constructor(private readonly module: ModuleBuilder) {}

  indexOf(procedure: Procedure<number>, engine: EngineFunctions): number {
    const known = this.indices.get(procedure);
    if (known !== undefined) return known;
    if (procedure === pmpAllows) return this.pmpAllows(engine);
    return this.compile(procedure, engine);
  }

  /** Remembers what it allowed. */
  private pmpAllows(engine: EngineFunctions): number {
    const signature: Signature = { parameters: ["i32", "i64", "i64", "i64", "i64"], results: ["i64"] };
    const index = this.module.declareFunction(signature);
    const exact = this.compile(pmpAllows, engine);
    this.indices.set(pmpAllows, index);
    this.module.defineFunction(index, pmpAllowsFunction(engine.layout, exact));
    return index;
  }

  private compile(procedure: Procedure<number>, engine: EngineFunctions): number {
    const parameters = Array.from({ length: procedure.arity }, (): ValueType => "i64");
    const index = this.module.declareFunction({ parameters: ["i32", ...parameters], results: ["i64"] });
    this.indices.set(procedure, index);
    const { frame, inputs } = functionFrame(parameters, "i64");
    const o = new SlotOps(frame, engine);
    if (procedure === takeTrap) countTrap(frame.w, inputs[0] ?? frame.pc);
    if (engine.probes !== undefined) tellProbe(procedure, engine.probes, frame.w, inputs);
    procedure.body(o, ...inputs)();
    this.module.defineFunction(index, frame.asm);
    return index;
  }
}

/** What is told before a trap is taken, or a CSR written. */
function tellProbe(
  procedure: Procedure<number>,
  { probeTrapped, probeCsrWritten }: ProbeFunctions,
  w: Words,
  inputs: readonly Code[],
): void {
  const tell = (wanted: ControlField, probe: number): void => {
    w.when(w.control(wanted), () => {
      w.call(probe, ...inputs);
    });
  };
  if (procedure === takeTrap) tell("probesTraps", probeTrapped);
  if (procedure === writeCsr) tell("probesCsrs", probeCsrWritten);
}
