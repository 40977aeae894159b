/**
 * The machine alone, as `foldvm/machine`. It uses no I/O, no time and nothing of Node, so it runs in any JavaScript
 * engine with WebAssembly.
 */
export { BootError } from "./boot/boot-error.js";
export type { Diagnosis, FirstTrap, HartDiagnosis } from "./diagnosis.js";
export { Divergence } from "./divergence.js";
export { ElfError, readElf, readElfSymbols, type ElfSymbol } from "./elf.js";
export { WasmEngine, type WasmEngineOptions } from "./engine/wasm-engine.js";
export { FdtError } from "./fdt/decode.js";
export { fold } from "./checked-fold.js";
export type { HartState } from "./hart/registers.js";
export { initialState, type Images } from "./initial-state.js";
export { disassemble } from "./isa/disassemble.js";
export type { TurnEnds } from "./harts.js";
export { Machine, type MachineOptions, type MachineStatistics, type Stop } from "./machine.js";
export type { EngineFactory } from "./engine/engine.js";
export { Ram } from "./ram.js";
export { SampledMachine } from "./sampled-machine.js";
export { hashOfState } from "./state-hash.js";
export type { MachineState } from "./state.js";
export { readSymbols, SymbolTable, type Symbol } from "./symbol-table.js";
export { OptionError } from "../options/option-error.js";
export type { Effect } from "../reducers/effect.js";
export type { MachineEvent, PositionedEvent } from "../reducers/events.js";
export type { Icount, PlainPosition, Position, Seq, VirtualNs } from "../reducers/position.js";
export type { GivenEvent } from "../reducers/stream-event.js";
export type { MachineConfig } from "../reducers/machine-config.js";
