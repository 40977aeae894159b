/** Emits the body of one WebAssembly function. Locals and labels are references, not indices and depths. */
import { ByteWriter } from "../byte-writer.js";
import { MEMORY_OPCODES, OPCODES, VALUE_TYPES, type MemoryOpcode, type Opcode, type ValueType } from "./opcodes.js";

const EMPTY_BLOCK = 0x40;

export interface Label {
  readonly depth: number;
}

export interface Local {
  readonly index: number;
  readonly type: ValueType;
}

export class Assembler {
  code = new ByteWriter();
  private readonly localTypes: ValueType[] = [];
  private depth = 0;

  constructor(readonly parameters: readonly ValueType[] = []) {}

  parameter(index: number): Local {
    const type = this.parameters[index];
    if (type === undefined) throw new RangeError(`no parameter ${String(index)}`);
    return { index, type };
  }

  local(type: ValueType): Local {
    this.localTypes.push(type);
    return { index: this.parameters.length + this.localTypes.length - 1, type };
  }

  op(opcode: Opcode): void {
    this.code.byte(OPCODES[opcode]);
  }

  i32(value: number): void {
    this.code.byte(0x41);
    this.code.signed32(value);
  }

  i64(value: bigint): void {
    this.code.byte(0x42);
    this.code.signed64(BigInt.asIntN(64, value));
  }

  f64(value: number): void {
    this.code.byte(0x44);
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value, true);
    this.code.append(bytes);
  }

  get(local: Local): void {
    this.code.byte(0x20);
    this.code.unsigned(local.index);
  }

  set(local: Local): void {
    this.code.byte(0x21);
    this.code.unsigned(local.index);
  }

  tee(local: Local): void {
    this.code.byte(0x22);
    this.code.unsigned(local.index);
  }

  memory(opcode: MemoryOpcode, offset = 0): void {
    const [byte, align] = MEMORY_OPCODES[opcode];
    this.code.byte(byte);
    this.code.unsigned(align);
    this.code.unsigned(offset);
  }

  /** memory.fill. Destination, byte and length are on the stack. */
  fill(): void {
    this.code.byte(0xfc);
    this.code.unsigned(11);
    this.code.byte(0);
  }

  /** Calls through table 0. The function's index there is on the stack, above its inputs. */
  callIndirect(typeIndex: number): void {
    this.code.byte(0x11);
    this.code.unsigned(typeIndex);
    this.code.byte(0);
  }

  /** Puts code before all that was emitted so far, because its content is often known last. */
  prepend(emit: () => void): void {
    const rest = this.code;
    this.code = new ByteWriter();
    emit();
    this.code.append(rest.view());
  }

  call(functionIndex: number): void {
    this.code.byte(0x10);
    this.code.unsigned(functionIndex);
  }

  /** Ends the function with a call of another with the same results, which takes its place on the stack. */
  returnCall(functionIndex: number): void {
    this.code.byte(0x12);
    this.code.unsigned(functionIndex);
  }

  /** The same through table 0. */
  returnCallIndirect(typeIndex: number): void {
    this.code.byte(0x13);
    this.code.unsigned(typeIndex);
    this.code.byte(0);
  }

  block(body: (label: Label) => void, type?: ValueType): void {
    this.structured(0x02, type, body);
  }

  loop(body: (label: Label) => void): void {
    this.structured(0x03, undefined, body);
  }

  /** The condition is on the stack. */
  if(then: (label: Label) => void, otherwise?: () => void, type?: ValueType): void {
    this.structured(0x04, type, (label) => {
      then(label);
      if (otherwise !== undefined) {
        this.code.byte(0x05);
        otherwise();
      }
    });
  }

  br(label: Label): void {
    this.code.byte(0x0c);
    this.code.unsigned(this.depth - label.depth);
  }

  brIf(label: Label): void {
    this.code.byte(0x0d);
    this.code.unsigned(this.depth - label.depth);
  }

  brTable(labels: readonly Label[], otherwise: Label): void {
    this.code.byte(0x0e);
    this.code.unsigned(labels.length);
    for (const label of labels) this.code.unsigned(this.depth - label.depth);
    this.code.unsigned(this.depth - otherwise.depth);
  }

  /** Writes the function's body as the code section holds it: size, locals, instructions. */
  writeTo(target: ByteWriter): void {
    const locals = new ByteWriter(64);
    const runs: { type: ValueType; count: number }[] = [];
    for (const type of this.localTypes) {
      const last = runs.at(-1);
      if (last?.type === type) last.count += 1;
      else runs.push({ type, count: 1 });
    }
    locals.unsigned(runs.length);
    for (const { type, count } of runs) {
      locals.unsigned(count);
      locals.byte(VALUE_TYPES[type]);
    }
    target.unsigned(locals.length + this.code.length + 1);
    target.append(locals.view());
    target.append(this.code.view());
    target.byte(0x0b);
  }

  private structured(opcode: number, type: ValueType | undefined, body: (label: Label) => void): void {
    this.code.byte(opcode);
    this.code.byte(type === undefined ? EMPTY_BLOCK : VALUE_TYPES[type]);
    this.depth += 1;
    body({ depth: this.depth });
    this.depth -= 1;
    this.code.byte(0x0b);
  }
}
