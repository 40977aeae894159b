/** Why a machine stands, as gdb is told (its manual, "Stop Reply Packets"). */
import { hex } from "../../../reducers/hex.js";
import type { Hit } from "../stop-points/stop-points.js";

export type GdbStop =
  | {
      readonly signal: Signal;
      readonly hart: number;
      readonly hit?: Hit | undefined;
      /** It stands at an end of the recording. */
      readonly logEnd?: "begin" | "end" | undefined;
    }
  /** The machine is off. */
  | { readonly exitCode: number };

export const SIGNALS = { interrupted: 2, trapped: 5 } as const;
export type Signal = (typeof SIGNALS)[keyof typeof SIGNALS];

export function stopReply(stop: GdbStop): string {
  if ("exitCode" in stop) return `W${hex(stop.exitCode & 0xff, 2)}`;
  const { signal, hart, hit, logEnd } = stop;
  const reasons = [
    `thread:${threadOf(hart)}`,
    ...(hit === undefined ? [] : [hitReason(hit)]),
    ...(logEnd === undefined ? [] : [`replaylog:${logEnd}`]),
  ];
  return `T${hex(signal, 2)}${reasons.join(";")};`;
}

const hitReason = ({ point: { kind, addresses } }: Hit): string =>
  kind === "break" ? "swbreak:" : `${kind}:${hex(addresses[0] ?? 0n)}`;

/** gdb has no thread 0. */
export const threadOf = (hart: number): string => hex(hart + 1);

/** Undefined: any, or all. NaN: none that there can be. */
export function hartOfThread(thread: string): number | undefined {
  if (thread === "0" || thread === "-1" || thread === "") return undefined;
  return /^[0-9a-f]+$/i.test(thread) ? Number.parseInt(thread, 16) - 1 : Number.NaN;
}
