/** Reads the traps that the runtime logged in a slot. */
import { LOG_ENTRY_BYTES, LOG_FIELDS, MAX_TRAPS, RECORD } from "./slot.js";

export type LogField = (typeof LOG_FIELDS)[number];
export type LogEntry = Readonly<Record<LogField, bigint>>;

export function trapLog(slot: DataView): readonly LogEntry[] {
  const count = Math.min(MAX_TRAPS, Number(slot.getBigUint64(RECORD.traps, true)));
  return Array.from({ length: count }, (_, trap) => {
    const at = (index: number): bigint => slot.getBigUint64(RECORD.log + trap * LOG_ENTRY_BYTES + index * 8, true);
    return Object.fromEntries(LOG_FIELDS.map((name, index) => [name, at(index)])) as Record<LogField, bigint>;
  });
}
