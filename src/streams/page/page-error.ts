/** A recording can't be put into a page; the message says why, and what to do instead. */
import { FaultError, type Fault } from "../session/fault-kind.js";

export class PageExportError extends FaultError {
  override readonly name = "PageExportError";
  override readonly fault: Fault = "file";
}
