/**
 * gdb's agent expressions: the byte code in which it sends a breakpoint's condition, so that a condition that is seldom
 * true costs no message (its manual, the appendix "The GDB Agent Expression Mechanism").
 */
import { hexAddress } from "../../../reducers/hex.js";

/** What an expression looks at. Undefined: it is not there. */
export interface AgentView {
  register(number: number): bigint | undefined;
  memory(address: bigint, bytes: number): bigint | undefined;
}

/** Longer ones are refused. gdb's own conditions have some tens of bytes. */
export const MAX_AGENT_BYTES = 4096;
/** A loop ends here. gdb makes none. */
const MAX_AGENT_STEPS = 10_000;
const MAX_STACK = 256;

/** It is no expression, or not one that can be evaluated here. */
export class AgentExpressionError extends Error {
  override readonly name = "AgentExpressionError";
}

const WORD_BITS = 64;
const END = 0x27;

/** The value that it ends with. @throws {AgentExpressionError} */
export function evaluateAgent(code: Uint8Array, view: AgentView): bigint {
  const machine = new StackMachine(code, view);
  for (let step = 0; step < MAX_AGENT_STEPS; step += 1) {
    const opcode = Number(machine.operand(1));
    if (opcode === END) return machine.pop();
    const operation = OPERATIONS[opcode];
    if (operation === undefined) {
      throw new AgentExpressionError(`its code ${hexAddress(opcode)} is none that a condition can have`);
    }
    operation(machine);
  }
  throw new AgentExpressionError(`it did not end after ${String(MAX_AGENT_STEPS)} steps`);
}

type Operation = (machine: StackMachine) => void;

/** Of the two uppermost values, the uppermost last. Both are unsigned, and what it gives is made so. */
const binary =
  (operate: (a: bigint, b: bigint) => bigint): Operation =>
  (machine) => {
    const b = machine.pop();
    machine.push(operate(machine.pop(), b));
  };

const unary =
  (operate: (a: bigint, machine: StackMachine) => bigint): Operation =>
  (machine) => {
    machine.push(operate(machine.pop(), machine));
  };

/** An operand of so many bytes, and what is pushed for it. */
const pushed =
  (bytes: number, valueOf: (operand: bigint, machine: StackMachine) => bigint = (operand) => operand): Operation =>
  (machine) => {
    machine.push(valueOf(machine.operand(bytes), machine));
  };

const extended = (extend: (bits: number, value: bigint) => bigint): Operation =>
  pushed(1, (bits, machine) => extend(Number(bits), machine.pop()));

const loaded = (bytes: number): Operation => unary((address, { view }) => found(view.memory(address, bytes), "memory"));

const signed = (value: bigint): bigint => BigInt.asIntN(WORD_BITS, value);
const flag = (holds: boolean): bigint => (holds ? 1n : 0n);
const shiftOf = (bits: bigint): bigint => (bits > 64n ? 64n : bits);

const OPERATIONS: Readonly<Record<number, Operation>> = {
  0x02: binary((a, b) => a + b),
  0x03: binary((a, b) => a - b),
  0x04: binary((a, b) => a * b),
  0x05: binary((a, b) => signed(a) / divisor(signed(b))),
  0x06: binary((a, b) => a / divisor(b)),
  0x07: binary((a, b) => signed(a) % divisor(signed(b))),
  0x08: binary((a, b) => a % divisor(b)),
  0x09: binary((a, b) => a << shiftOf(b)),
  0x0a: binary((a, b) => signed(a) >> shiftOf(b)),
  0x0b: binary((a, b) => a >> shiftOf(b)),
  0x0e: unary((a) => flag(a === 0n)),
  0x0f: binary((a, b) => a & b),
  0x10: binary((a, b) => a | b),
  0x11: binary((a, b) => a ^ b),
  0x12: unary((a) => ~a),
  0x13: binary((a, b) => flag(a === b)),
  0x14: binary((a, b) => flag(signed(a) < signed(b))),
  0x15: binary((a, b) => flag(a < b)),
  0x16: extended((bits, value) => BigInt.asIntN(bits, value)),
  0x17: loaded(1),
  0x18: loaded(2),
  0x19: loaded(4),
  0x1a: loaded(8),
  0x20: (machine) => {
    const target = machine.operand(2);
    if (machine.pop() !== 0n) machine.jump(target);
  },
  0x21: (machine) => {
    machine.jump(machine.operand(2));
  },
  0x22: pushed(1),
  0x23: pushed(2),
  0x24: pushed(4),
  0x25: pushed(8),
  0x26: pushed(2, (number, { view }) => found(view.register(Number(number)), "a register")),
  0x28: (machine) => {
    machine.push(machine.nth(0));
  },
  0x29: (machine) => {
    machine.pop();
  },
  0x2a: extended((bits, value) => BigInt.asUintN(bits, value)),
  0x2b: (machine) => {
    machine.rotate(2);
  },
  0x32: pushed(1, (depth, machine) => machine.nth(Number(depth))),
  0x33: (machine) => {
    machine.rotate(3);
  },
};

class StackMachine {
  private at = 0;
  private readonly stack: bigint[] = [];

  constructor(
    private readonly code: Uint8Array,
    readonly view: AgentView,
  ) {}

  /** From the code, the highest byte first. */
  operand(bytes: number): bigint {
    if (this.at + bytes > this.code.length) throw new AgentExpressionError("its code breaks off");
    let value = 0n;
    for (const byte of this.code.subarray(this.at, (this.at += bytes))) value = (value << 8n) | BigInt(byte);
    return value;
  }

  jump(target: bigint): void {
    this.at = Number(target);
  }

  push(value: bigint): void {
    if (this.stack.length === MAX_STACK) throw new AgentExpressionError("its stack is too deep");
    this.stack.push(BigInt.asUintN(WORD_BITS, value));
  }

  pop(): bigint {
    return found(this.stack.pop(), "a value on the stack");
  }

  /** 0 is the top. */
  nth(depth: number): bigint {
    return found(this.stack.at(-1 - depth), "a value on the stack");
  }

  /** The top goes below so many, itself counted. */
  rotate(count: number): void {
    if (this.stack.length < count) throw new AgentExpressionError("a value on the stack that it reads is not there");
    this.stack.splice(this.stack.length - count, 0, this.pop());
  }
}

function divisor(value: bigint): bigint {
  if (value === 0n) throw new AgentExpressionError("it divides by zero");
  return value;
}

function found(value: bigint | undefined, what: string): bigint {
  if (value === undefined) throw new AgentExpressionError(`${what} that it reads is not there`);
  return value;
}
