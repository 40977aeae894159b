/** The instructions around pc, with the lines that they are of. */
import { instructionsAround } from "../../src/streams/session/dap/data/disassembly.js";
import type { CodeRow, MomentAsked } from "../protocol.js";
import type { Looking } from "./looking.js";

/** Some screens of them. */
export const MAX_CODE_ROWS = 512;

export function codeAround(
  { at, names }: Looking,
  pc: bigint,
  { codeBefore = 8, codeBehind = 16 }: Pick<MomentAsked, "codeBefore" | "codeBehind">,
): readonly CodeRow[] {
  const before = within(codeBefore);
  const count = before + 1 + within(codeBehind);
  return instructionsAround(at, names, { address: pc, offset: -before, count }).map(
    ({ address, bytes, text, symbol, line }) => ({
      address,
      bytes: bytes ?? new Uint8Array(0),
      text,
      symbol: symbol ?? null,
      file: line?.file ?? null,
      lineNumber: line?.line ?? null,
      source: null,
      isPc: address === pc,
    }),
  );
}

const within = (count: number): number => Math.min(Math.max(0, Math.trunc(count)), MAX_CODE_ROWS);
