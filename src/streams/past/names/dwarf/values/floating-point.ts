/** Floating-point numbers on the stack of a DWARF expression (DWARF 5, section 2.5.1.4): those of 4 and 8 bytes. */
import { OP } from "./operations.js";

/** The number that bits are; undefined: of another size. */
export function floatOf(bits: bigint, width: number): number | undefined {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits);
  if (width === 64) return view.getFloat64(0);
  return width === 32 ? view.getFloat32(4) : undefined;
}

/** Rounded to its size. */
export function bitsOfFloat(value: number, width: number): bigint | undefined {
  const view = new DataView(new ArrayBuffer(8));
  if (width === 64) view.setFloat64(0, value);
  else if (width === 32) view.setFloat32(4, value);
  else return undefined;
  return view.getBigUint64(0);
}

/** `second` was below `top` on the stack. Undefined: there is no such operation on them. */
export function floatComputed(operation: number, second: number, top: number): number | boolean | undefined {
  switch (operation) {
    case OP.plus:
      return second + top;
    case OP.minus:
      return second - top;
    case OP.mul:
      return second * top;
    case OP.div:
      return second / top;
    case OP.eq:
      return second === top;
    case OP.ne:
      return second !== top;
    case OP.ge:
      return second >= top;
    case OP.gt:
      return second > top;
    case OP.le:
      return second <= top;
    case OP.lt:
      return second < top;
    default:
      return undefined;
  }
}
