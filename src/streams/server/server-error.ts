/** The host gives the server no place to listen. */
import { FaultError } from "../session/fault-kind.js";

export class ServerError extends FaultError {
  override readonly name = "ServerError";
  readonly code = "CANNOT_LISTEN";
  readonly fault = "network";
}
