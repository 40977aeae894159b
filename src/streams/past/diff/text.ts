/** How answers print. */
import type { PlainPosition } from "../../../reducers/position.js";

/** By hand: the first use of a locale takes 30 ms. */
export const counted = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ",");

export const placeText = ({ seq, icount }: PlainPosition): string =>
  `instruction ${counted(icount)}, event ${counted(seq)}`;

/** Node's `console.log` and test runners then print its text. */
export function printed(value: { toString(): string }): void {
  Object.defineProperty(value, Symbol.for("nodejs.util.inspect.custom"), { value: () => value.toString() });
}
