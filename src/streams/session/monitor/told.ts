/** Where a machine stands, in the words of every command that moves it. */
import type { Position } from "../../../reducers/position.js";
import { hartOf } from "../../../machine/inspect.js";
import { hexAddress } from "../../../reducers/hex.js";
import type { Hit } from "../stop-points/stop-points.js";
import type { Stopped } from "../../time/control.js";
import type { MonitorTarget } from "../target/target.js";

export const told = ({ cause, position, ...rest }: Stopped, target: MonitorTarget): string => {
  const by = "by" in rest ? rest.by : undefined;
  // What was recorded ends where the machine stands that records.
  const word = cause === "ended" && !target.control.hasEnded ? "the present" : cause;
  return (
    // Who overruled it says where it stands.
    cause === "overruled" ? "" : `${isHit(by) ? hitText(by, target) : word}: ${place(position, target)}`
  );
};

const isHit = (by: unknown): by is Hit => typeof by === "object" && by !== null && "point" in by;

/** What stopped it, and in which function. */
export function hitText({ point: { kind, number, place }, before, value }: Hit, target: MonitorTarget): string {
  const at = target.present();
  const name = target.names.of(at.harts[hartOf(at)]?.fields.pc ?? 0n);
  const change = before === undefined || value === undefined ? "" : ` ${hexAddress(before)} -> ${hexAddress(value)},`;
  const word = kind === "break" ? "breakpoint" : "watchpoint";
  return `${word} ${String(number)} (${place})${change}${name === undefined ? "" : ` in ${name}`}`;
}

export const where = (target: MonitorTarget): string => `at ${place(target.present().position, target)}`;

/** Of several harts, with the one whose turn it is. */
function place({ seq, icount }: Position, target: MonitorTarget): string {
  const { config, schedule } = target.present();
  const hart = config.harts === 1 ? "" : `, hart ${String(schedule.hart)}`;
  return `instruction ${String(icount)}, event ${String(seq)}${hart}`;
}
