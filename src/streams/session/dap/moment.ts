/** A position as a text that all requests take. */
import type { PlainPosition } from "../../../reducers/position.js";
import type { Moment } from "./own-requests.js";

export const momentOf = ({ seq, icount }: PlainPosition): Moment => `${String(seq)}@${String(icount)}`;
