/** Where one of two guests is as they part: the instruction, by its address, function, line and text. */
import { disassemble } from "../../../machine/isa/disassemble.js";
import type { Instant } from "../../../reducers/stream-event.js";
import { hexAddress } from "../../../reducers/hex.js";
import type { Names } from "../names/names.js";
import { trapName } from "../query/traps.js";
import { counted } from "./text.js";
import type { Walker } from "./walker.js";

export interface Side extends Instant {
  /** The one whose turn it is. */
  readonly hart: number;
  readonly pc: bigint;
  /** The function that `pc` is in; undefined where no name tells. */
  readonly function: string | undefined;
  readonly file: string | undefined;
  readonly line: number | undefined;
  /** The instruction there; undefined: nothing is mapped. */
  readonly instruction: string | undefined;
  /** Where a trap was taken instead of it, or by it: its cause, and a handler's first instruction executed. */
  readonly trap: string | undefined;
}

export class SideMaker {
  constructor(private readonly names: Names) {}

  of({ machine }: Walker, trap?: bigint): Side {
    const { pc } = machine.whereabouts;
    const code = machine.codeAt(pc);
    const line = this.names.lineAt(pc);
    return Object.freeze({
      ...machine.position,
      ns: machine.virtualNs,
      hart: machine.hart,
      pc,
      function: line?.function ?? this.names.functionAt(pc)?.name,
      file: line?.file,
      line: line?.line,
      instruction: code === undefined ? undefined : disassemble(code),
      trap: trap === undefined ? undefined : trapName(trap),
    });
  }
}

export const sideText = ({ seq, icount, ns, hart, pc, function: name, file, line, instruction, trap }: Side): string =>
  [
    `${counted(icount)} (event ${counted(seq)}, ${(Number(ns) / 1e9).toFixed(6)} s)`,
    `hart ${String(hart)}`,
    hexAddress(pc),
    ...(name === undefined ? [] : [name]),
    ...(file === undefined ? [] : [`${file}:${String(line)}`]),
    ...(instruction === undefined ? [] : [instruction]),
    ...(trap === undefined ? [] : [`(trap: ${trap})`]),
  ].join("  ");
