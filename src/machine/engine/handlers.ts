/** The numbers by which the interpreter's loop dispatches instructions. */
import type { NumberedInstruction } from "../isa/instruction-set.js";
import { HANDLER } from "./layout.js";

export const handlerOf = ({ number }: NumberedInstruction, bytes: 2 | 4): number =>
  HANDLER.first + number * 2 + (bytes === 2 ? 1 : 0);
