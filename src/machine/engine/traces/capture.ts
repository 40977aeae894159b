/**
 * Captures templates: the emitter writes the same piece twice, with other numbers each time. Where both differ is a
 * hole, and by how much says what belongs there.
 */
import { Assembler, type Local } from "../../wasm/assembler.js";
import type { ValueType } from "../../wasm/opcodes.js";
import { CODE_SIGNATURE } from "../compiled/code-protocol.js";
import type { Layout } from "../layout.js";
import { RecordingWriter, type WrittenNumber } from "./recording-writer.js";
import { OPERANDS, SOURCES, type Operand, type SiteKind, type Source, type Sum, type Template } from "./template.js";
import { TraceEmitter, type TraceLocals, type Way } from "./trace-emitter.js";
import { FIXED_LOCALS, floatLocals } from "./trace-locals.js";

export type Numbers = Readonly<Record<Source, number>>;

/** What is to be captured. Returns the conditions that are checked then. */
export type Piece = (emitter: TraceEmitter, numbers: Numbers, asm: CaptureAssembler) => number;

/** Operands are told apart by their registers. */
export const CAPTURED_REGISTERS = { rs1: 11, rs2: 12, rs3: 13 } as const;

const REGISTER_BYTES = 8;

/** No two differences may be equal, neither may sums and multiples of them. */
const SAMPLES: readonly [Numbers, Numbers] = [
  {
    ...{ nothing: 0, rs1: 20, rs2: 21, rs3: 22, rd: 23, i64: 30, i32: 31, f32: 32, f64: 33, floatStatus: 34, host: 37 },
    ...{ rdBytes: 5 * REGISTER_BYTES, imm: -2000, offset: 0x4000, after: 0x4004, taken: 0x4000 - 2000, next: 0x9000 },
    ...{
      insns: 7,
      lowest: -2500,
      displacement: 500,
      bytes: 100,
      minusBytes: -100,
      page: 0x5000,
      code: 0x10_0000,
      site0: 500,
      site1: 700,
    },
    ...{ i64Locals: 40, i32Locals: 41, f32Locals: 42, f64Locals: 43 },
  },
  {
    ...{ nothing: 0, rs1: 121, rs2: 124, rs3: 129, rd: 132, i64: 143, i32: 158, f32: 163, f64: 170, floatStatus: 173 },
    ...{ host: 186, rdBytes: 9 * REGISTER_BYTES, imm: -1987, offset: 0x4000 + 1000, after: 0x4002 + 1000 },
    ...{
      taken: 0x4000 + 1000 - 1987,
      next: 0x9000 + 3001,
      insns: 180,
      lowest: -3000,
      displacement: 1013,
      bytes: 170,
      minusBytes: -170,
    },
    ...{ page: 0x7000, code: 0x10_3000, site0: 651, site1: 857 },
    ...{ i64Locals: 240, i32Locals: 261, f32Locals: 283, f64Locals: 304 },
  },
];

/** Gives out the locals of its sample. */
export class CaptureAssembler extends Assembler {
  override code: RecordingWriter = new RecordingWriter();
  readonly taken: Record<ValueType, number> = { i32: 0, i64: 0, f32: 0, f64: 0 };

  constructor(private readonly numbers: Numbers) {
    super(CODE_SIGNATURE.parameters);
  }

  override local(type: ValueType): Local {
    return { index: this.numbers[type] + this.taken[type]++, type };
  }
}

interface Sampled {
  readonly asm: CaptureAssembler;
  readonly sites: readonly (Way & { readonly kind: SiteKind })[];
  readonly uses: Template["uses"];
  readonly checked: number;
}

/** `exact`: numbers that the piece depends on in other ways, for both samples. */
export function capture(
  piece: Piece,
  directRam: Layout | undefined,
  exact: readonly [Partial<Numbers>, Partial<Numbers>] = [{}, {}],
): Template {
  const numbers = [
    { ...SAMPLES[0], ...exact[0] },
    { ...SAMPLES[1], ...exact[1] },
  ] as const;
  const [a, b] = [sample(piece, directRam, numbers[0]), sample(piece, directRam, numbers[1])];
  const sums = new Sums(...numbers);
  const pairs = paired(a.asm.code.numbers, b.asm.code.numbers);
  const differing = pairs.filter(([number, other]) => number.value !== other.value);
  const filled = differing.map(([number, other]) => ({ ...number, ...sums.of(number.value, other.value) }));
  const { code, holes } = withHoles(a.asm.code.view(), filled);
  const same = withHoles(
    b.asm.code.view(),
    differing.map(([, other]) => ({ ...other, source: "nothing", addend: 0 })),
  );
  if (code.length !== same.code.length || code.some((byte, at) => byte !== same.code[at])) throw hasTwoForms();
  return {
    ...{ code, holes },
    sites: paired(a.sites, b.sites).map(([site, other]) => {
      if (site.kind !== other.kind) throw hasTwoForms();
      const [offset, insns] = [sums.of(site.offset, other.offset), sums.of(site.insns, other.insns)];
      return { kind: site.kind, offset, insns };
    }),
    uses: a.uses,
    temporaries: a.asm.taken,
    checked: a.checked,
  };
}

function paired<T>(a: readonly T[], b: readonly T[]): readonly (readonly [T, T])[] {
  if (a.length !== b.length) throw hasTwoForms();
  return a.map((one, index) => [one, b[index] as T]);
}

/** It depends on its numbers in another way than by holding them: they belong into its key. */
const hasTwoForms = (): Error => new Error("a piece of a trace has two forms");

function withHoles(code: Uint8Array, filled: readonly (WrittenNumber & Sum)[]): Pick<Template, "code" | "holes"> {
  const rest = new Uint8Array(code.length);
  let length = 0;
  let from = 0;
  const copyTo = (end: number): void => {
    rest.set(code.subarray(from, end), length);
    length += end - from;
  };
  const holes = filled.map(({ start, end, isSigned, source, addend }) => {
    copyTo(start);
    from = end;
    return { at: length, isSigned, source, addend };
  });
  copyTo(code.length);
  return { code: rest.subarray(0, length), holes };
}

/** Tells of two values which number they depend on, each in its sample. */
class Sums {
  private readonly sources: ReadonlyMap<number, Source>;

  constructor(
    private readonly first: Numbers,
    second: Numbers,
  ) {
    this.sources = new Map(
      SOURCES.map((source) => [second[source] - first[source], source]).reverse() as [number, Source][],
    );
  }

  of(a: number, b: number): Sum {
    const source = this.sources.get(b - a);
    if (source === undefined) throw new Error(`a piece of a trace has ${String(a)} and ${String(b)} at one place`);
    return { source, addend: a - this.first[source] };
  }
}

function sample(piece: Piece, directRam: Layout | undefined, numbers: Numbers): Sampled {
  const asm = new CaptureAssembler(numbers);
  const sites: (Way & { readonly kind: SiteKind })[] = [];
  const uses: Partial<Record<Operand, { file: "x" | "f"; isRead: boolean }>> = {};
  const addSite =
    (kind: SiteKind) =>
    (way: Way): number => {
      sites.push({ kind, ...way });
      return sites.length === 1 ? numbers.site0 : numbers.site1;
    };
  const locals: TraceLocals = {
    ...FIXED_LOCALS,
    float: floatLocals(numbers.floatStatus),
    host: () => ({ index: numbers.host, type: "i32" }),
    register: (file, index, isRead) => {
      const operand = OPERANDS.find((name) => index === registerOf(name, numbers));
      if (operand === undefined) throw new Error(`register ${String(index)} is no operand`);
      uses[operand] = { file, isRead: isRead || (uses[operand]?.isRead ?? false) };
      return { index: numbers[operand], type: "i64" };
    },
  };
  const waysOut = { exit: addSite("exit"), handOver: addSite("handOver"), split: addSite("split") };
  const checked = piece(new TraceEmitter({ asm, locals, waysOut, directRam }), numbers, asm);
  if (sites.length > 2) throw new Error(`a piece of a trace has ${String(sites.length)} ways out`);
  return { asm, sites, uses, checked };
}

export const registerOf = (operand: Operand, numbers: Numbers): number =>
  operand === "rd" ? numbers.rdBytes / REGISTER_BYTES : CAPTURED_REGISTERS[operand];
