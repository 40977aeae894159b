/** Reports the guest's own actions as they happen. It wraps the engine, so an untraced machine pays nothing. */
import type { Bus, Engine } from "./engine/engine.js";
import { WasmEngine } from "./engine/wasm-engine.js";
import type { EngineFactory, Machine } from "./machine.js";
import { INTERRUPT_BIT } from "./hart/trap-causes.js";
import type { Procedure } from "./hart/ops.js";
import { Evaluator, InstructionLeft, type EvaluatorParts } from "./reference/evaluate.js";
import { addressOf } from "./physical-address.js";
import { ReferenceEngine } from "./reference/reference-engine.js";
import { takeTrap } from "./hart/trap.js";

export type GuestAction =
  | ({ readonly type: "mmio/loaded" } & DeviceAccess)
  | ({ readonly type: "mmio/stored" } & DeviceAccess)
  /** `cause`: as in xcause, without the interrupt bit. `pc`: of the instruction that did not retire. */
  | {
      readonly type: "trap/taken";
      readonly isInterrupt: boolean;
      readonly cause: bigint;
      readonly trapValue: bigint;
      readonly pc: bigint;
    }
  | { readonly type: "instruction/retired"; readonly pc: bigint; readonly encoding: number };

export type GuestActionType = GuestAction["type"];

export const GUEST_ACTION_TYPES = ["mmio/loaded", "mmio/stored", "trap/taken", "instruction/retired"] as const;

export type GuestActionOf<T extends GuestActionType> = Extract<GuestAction, { type: T }>;

/** An access to a device or to an address where nothing answers. That one faults, and `value` is undefined. */
interface DeviceAccess {
  readonly address: bigint;
  readonly width: number;
  readonly value: bigint | undefined;
}

/** `icount`: the instructions retired before the action. */
export type Listener = (icount: number, action: GuestAction) => void;

/**
 * Wraps an engine so that it reports. `machine` is called during a run only. Instructions and traps are reported by the
 * reference evaluator.
 */
export const tracedEngine =
  (wanted: ReadonlySet<GuestActionType>, listener: Listener, machine: () => Machine): EngineFactory =>
  (bus, options) => {
    const tell: Listener = (icount, action) => {
      if (wanted.has(action.type)) listener(icount, action);
    };
    const telling = tellingBus(bus, (action) => {
      // An access that waits for the host's answer is tried again, and reported once it is done.
      if (machine().awaited === undefined) tell(engine.icountInRun(), action);
    });
    const isDetailed = wanted.has("instruction/retired") || wanted.has("trap/taken");
    const engine: Engine = isDetailed
      ? new ReferenceEngine(telling, { ...options, evaluator: (parts) => new TellingEvaluator(parts, tell) })
      : new WasmEngine(telling, options);
    return engine;
  };

const tellingBus = (bus: Bus, tell: (action: GuestAction) => void): Bus => ({
  load: (high, low, width) => {
    const value = bus.load(high, low, width);
    tell({ type: "mmio/loaded", address: addressOf(high, low), width, value });
    return value;
  },
  store: (high, low, width, value) => {
    const isAnswered = bus.store(high, low, width, value);
    tell({ type: "mmio/stored", address: addressOf(high, low), width, value: isAnswered ? value : undefined });
    return isAnswered;
  },
});

class TellingEvaluator extends Evaluator {
  constructor(
    parts: EvaluatorParts,
    private readonly tell: Listener,
  ) {
    super(parts);
  }

  override invoke<Arity extends number>(procedure: Procedure<Arity>, ...inputs: readonly bigint[]): bigint {
    if ((procedure as unknown) === takeTrap) this.tellTrap(inputs);
    return super.invoke(procedure, ...inputs);
  }

  override step(): void {
    const icount = this.icount();
    const pc = this.pc();
    try {
      super.step();
    } catch (reason) {
      if (reason instanceof InstructionLeft && reason.isRetired) this.tellRetired(icount, pc);
      throw reason;
    }
    this.tellRetired(icount, pc);
  }

  private icount(): number {
    return Number(this.input("icount"));
  }

  private tellRetired(icount: number, pc: bigint): void {
    this.tell(icount, { type: "instruction/retired", pc, encoding: this.raw });
  }

  private tellTrap([cause = 0n, trapValue = 0n]: readonly bigint[]): void {
    const isInterrupt = (cause & INTERRUPT_BIT) !== 0n;
    // An interrupt comes between two instructions, before the next one is counted.
    const icount = this.icount() + (isInterrupt ? 1 : 0);
    const pc = this.pc();
    this.tell(icount, { type: "trap/taken", isInterrupt, cause: cause & ~INTERRUPT_BIT, trapValue, pc });
  }
}
