/** Lays out a WebAssembly module: imports, functions, exports and data (core specification, §5.5). */
import { ByteWriter } from "../byte-writer.js";
import { VALUE_TYPES, type ValueType } from "./opcodes.js";

export interface Signature {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** As the code section holds it: size, locals, instructions. An `Assembler` is one. */
export interface FunctionBody {
  readonly writeTo: (target: ByteWriter) => void;
}

interface DeclaredFunction {
  readonly type: number;
  body?: FunctionBody;
  exportName?: string;
}

const PREAMBLE = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const SECTION = { type: 1, import: 2, function: 3, export: 7, code: 10, data: 11 };
const EXTERNAL = { function: 0, table: 1, memory: 2 };
const FUNCREF = 0x70;
/** The mode of a data segment of memory 0 whose address is an expression. */
const ACTIVE = 0;
const I32_CONST = 0x41;
const END = 0x0b;

export class ModuleBuilder {
  private readonly types: Signature[] = [];
  private readonly typeIndices = new Map<string, number>();
  private readonly imports: { name: string; type: number }[] = [];
  private readonly functions: DeclaredFunction[] = [];
  private readonly data: { address: number; bytes: Uint8Array }[] = [];
  private hasTable = false;

  /** Imports a function from "env". All imports come before the first declaration. */
  importFunction(name: string, signature: Signature): number {
    if (this.functions.length > 0) throw new Error(`import ${name} comes after a declared function`);
    this.imports.push({ name, type: this.typeIndex(signature) });
    return this.imports.length - 1;
  }

  /** Imports env.table as table 0, for `callIndirect`. */
  importTable(): void {
    this.hasTable = true;
  }

  /** The index of a signature for `callIndirect`. */
  typeOf(signature: Signature): number {
    return this.typeIndex(signature);
  }

  declareFunction(signature: Signature, exportName?: string): number {
    this.functions.push({
      type: this.typeIndex(signature),
      ...(exportName === undefined ? {} : { exportName }),
    });
    return this.imports.length + this.functions.length - 1;
  }

  defineFunction(index: number, body: FunctionBody): void {
    const declared = this.functions[index - this.imports.length];
    if (declared === undefined) throw new RangeError(`function ${String(index)} is not declared here`);
    declared.body = body;
  }

  /** Bytes that an instance of the module writes into its memory when it is made. */
  initialData(address: number, bytes: Uint8Array): void {
    this.data.push({ address, bytes });
  }

  build(memory: { readonly initialPages: number }): Uint8Array<ArrayBuffer> {
    const out = new ByteWriter();
    for (const byte of PREAMBLE) out.byte(byte);
    section(out, SECTION.type, this.types, (writer, { parameters, results }) => {
      writer.byte(0x60);
      for (const list of [parameters, results]) {
        writer.unsigned(list.length);
        for (const type of list) writer.byte(VALUE_TYPES[type]);
      }
    });
    const writeImport =
      (name: string, kind: number, describe: (writer: ByteWriter) => void) => (writer: ByteWriter) => {
        writer.name("env");
        writer.name(name);
        writer.byte(kind);
        describe(writer);
      };
    const imported = [
      writeImport("memory", EXTERNAL.memory, (writer) => {
        writer.byte(0);
        writer.unsigned(memory.initialPages);
      }),
      ...(this.hasTable
        ? [
            writeImport("table", EXTERNAL.table, (writer) => {
              writer.byte(FUNCREF);
              writer.byte(0);
              writer.unsigned(0);
            }),
          ]
        : []),
      ...this.imports.map(({ name, type }) =>
        writeImport(name, EXTERNAL.function, (writer) => {
          writer.unsigned(type);
        }),
      ),
    ];
    section(out, SECTION.import, imported, (writer, write) => {
      write(writer);
    });
    section(out, SECTION.function, this.functions, (writer, { type }) => {
      writer.unsigned(type);
    });
    const exported = this.functions.flatMap(({ exportName }, index) =>
      exportName === undefined ? [] : [{ exportName, index: index + this.imports.length }],
    );
    section(out, SECTION.export, exported, (writer, { exportName, index }) => {
      writer.name(exportName);
      writer.byte(EXTERNAL.function);
      writer.unsigned(index);
    });
    section(out, SECTION.code, this.functions, (writer, { body }, index) => {
      if (body === undefined) throw new Error(`function ${String(index + this.imports.length)} has no body`);
      body.writeTo(writer);
    });
    if (this.data.length > 0) {
      section(out, SECTION.data, this.data, (writer, { address, bytes }) => {
        writer.byte(ACTIVE);
        writer.byte(I32_CONST);
        writer.signed32(address);
        writer.byte(END);
        writer.unsigned(bytes.length);
        writer.append(bytes);
      });
    }
    return out.view().slice();
  }

  private typeIndex(signature: Signature): number {
    const key = JSON.stringify(signature);
    const found = this.typeIndices.get(key);
    if (found !== undefined) return found;
    this.typeIndices.set(key, this.types.length);
    this.types.push(signature);
    return this.types.length - 1;
  }
}

function section<Entry>(
  out: ByteWriter,
  id: number,
  entries: readonly Entry[],
  write: (writer: ByteWriter, entry: Entry, index: number) => void,
): void {
  const body = new ByteWriter();
  body.unsigned(entries.length);
  entries.forEach((entry, index) => {
    write(body, entry, index);
  });
  out.byte(id);
  out.unsigned(body.length);
  out.append(body.view());
}
