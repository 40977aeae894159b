/** Where a machine stands, in the words of every command that moves it. */
import type { Position } from "../../../reducers/position.js";
import type { Stopped } from "../../time/control.js";
import type { MonitorTarget } from "./target.js";

export const told = ({ cause, position }: Stopped, target: MonitorTarget): string =>
  // Who overruled it says where it stands.
  cause === "overruled" ? "" : `${cause}: ${place(position, target)}`;

export const where = (target: MonitorTarget): string => `at ${place(target.present().position, target)}`;

/** Of several harts, with the one whose turn it is. */
function place({ seq, icount }: Position, target: MonitorTarget): string {
  const { config, schedule } = target.present();
  const hart = config.harts === 1 ? "" : `, hart ${String(schedule.hart)}`;
  return `instruction ${String(icount)}, event ${String(seq)}${hart}`;
}
