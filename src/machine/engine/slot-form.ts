/** The form of an instruction in its slot: the handler's number, and how wide the immediate is. */
import type { Format } from "../isa/formats.js";
import type { NumberedInstruction } from "../isa/instruction-set.js";
import { HANDLER } from "./layout.js";

const NARROW_BITS = 16;

export const handlerOf = ({ number }: NumberedInstruction, bytes: 2 | 4): number =>
  HANDLER.first + number * 2 + (bytes === 2 ? 1 : 0);

/** It takes the place of rs2. */
export const hasWideImmediate = ({ immediate }: Format): boolean =>
  immediate.pieces.some(([, width, to]) => to + width > NARROW_BITS);
