/** Where a machine stands, in the words of every command that moves it. */
import type { Stopped } from "../../time/control.js";
import type { MonitorTarget } from "./target.js";

export const told = ({ cause, position }: Stopped): string =>
  // Who overruled it says where it stands.
  cause === "overruled" ? "" : `${cause}: instruction ${String(position.icount)}, event ${String(position.seq)}`;

export const where = (target: MonitorTarget): string => {
  const { seq, icount } = target.present().position;
  return `at instruction ${String(icount)}, event ${String(seq)}`;
};
