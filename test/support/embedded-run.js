// @ts-check
// The embedded guest run by hand from the machine alone, in Node and in a browser: the same calls, so the same states.

/** @typedef {typeof import("../../src/machine/index.js")} FoldvmMachine */

const HASH_EVERY_INSNS = 5_000_000;
const END_ICOUNT = 40_000_000;
const TYPED = "crc\rprimes 100000\ruptime\rprimes 900000\r";
const TYPED_FROM_ICOUNT = 2_000_000;
const TYPED_EVERY_INSNS = 300_000;

/**
 * Answers what was printed, and the state hash at every so many instructions.
 * @param {FoldvmMachine} foldvm
 * @param {Uint8Array} kernel
 */
export function runEmbedded({ initialState, Machine }, kernel) {
  let printed = "";
  const config = { memoryBytes: 8 << 20, harts: 1, shift: 0, append: null, rngSeed: "2a".repeat(32), virtio: [] };
  const machine = new Machine(initialState(config, { kernel }));
  machine.listen((effect) => {
    if (effect.type === "console/transmitted") printed += String.fromCharCode(...effect.bytes);
  });
  const inputs = Array.from(TYPED, (letter, index) => ({
    icount: TYPED_FROM_ICOUNT + index * TYPED_EVERY_INSNS,
    event: /** @type {const} */ ({ type: "uart16550/byteReceived", byte: letter.charCodeAt(0) }),
  }));
  const hashes = [];
  for (let until = HASH_EVERY_INSNS; until <= END_ICOUNT; until += HASH_EVERY_INSNS) {
    while (machine.position.icount < until && machine.ended === null) {
      const [input] = inputs;
      const { icount } = machine.position;
      const stop = machine.run(input === undefined || input.icount <= icount ? until : Math.min(until, input.icount));
      const due = machine.due();
      const isTyped = input !== undefined && (stop === "idle" || machine.position.icount >= input.icount);
      if (due !== undefined) machine.apply(due);
      else if (stop === "awaiting") machine.apply({ type: "goldfishRtc/hostClockRead", hostNs: 1_000_000_000n });
      else if (isTyped && machine.accepts(input.event)) {
        machine.apply(input.event);
        inputs.shift();
      } else if (stop === "idle" && machine.deadlineNs !== undefined) {
        machine.apply({ type: "clock/warped", byNs: machine.deadlineNs - machine.virtualNs });
      } else if (stop === "idle") return undefined;
    }
    hashes.push(machine.hash().toString(16).padStart(16, "0"));
  }
  const { seq, icount } = machine.position;
  const regions = machine.statistics().engine?.regionInsns ?? 0;
  return { printed, hashes, seq, icount, regions };
}
