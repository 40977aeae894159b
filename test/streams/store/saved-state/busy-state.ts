import { initialState } from "../../../../src/machine/initial-state.js";
import { Machine } from "../../../../src/machine/machine.js";
import type { MachineState } from "../../../../src/machine/state.js";
import { Program } from "../../../support/assemble.js";

/** A guest whose every kind of unfinished business is under way. */
export function busyState(): MachineState {
  const config = {
    memoryBytes: 0x20_0000,
    harts: 1,
    shift: 0,
    append: "text",
    rngSeed: "",
    virtio: ["rng", "console"] as const,
  };
  const program = new Program().li(10, 0x200_4000n).li(11, 12_345n).i("sd", { rs1: 10, rs2: 11 });
  program.li(10, 0x10_1008n).li(11, 77n).i("sw", { rs1: 10, rs2: 11, imm: 4 });
  for (const [offset, value] of [
    [0x70, 3],
    [0x24, 1],
    [0x20, 1],
    [0x70, 11],
    [0x38, 8],
    [0x80, 0],
    [0x44, 1],
    [0x70, 15],
    [0x50, 0],
  ] as const) {
    program.li(10, 0x1000_1000n).li(11, BigInt(value)).i("sw", { rs1: 10, rs2: 11, imm: offset });
  }
  const state = initialState(config, { kernel: program.i("wfi").bytes() });
  const machine = new Machine(state);
  machine.run(10_000);
  machine.apply({ type: "virtioConsole/bytesReceived", slot: 1, bytes: Uint8Array.of(1, 2, 3) });
  machine.apply({ type: "uart16550/byteReceived", byte: 65 });
  return machine.state();
}
