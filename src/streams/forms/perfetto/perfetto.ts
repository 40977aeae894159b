/** Rows as a trace that ui.perfetto.dev and trace_processor open: TrackEvents on the guest's virtual clock. */
import { check } from "../../../options/check.js";
import { exactly } from "../../../options/codecs.js";
import { someRows } from "../../past/query/rows.js";
import type { FormRow, FormRows } from "../form-rows.js";
import { Packets } from "./packets.js";
import { Scene } from "./scene.js";

/**
 * The file, packet by packet. What it shows of the rows: `switches` (tasks, and who runs on which hart), `syscalls` and
 * `traps` and `calls` with results, `requests` of devices (as `perfettoQuestion` asks for them) with the events that
 * answer them, `output`, inputs; and from all of them, how fast the guest ran, and how often what happened.
 * @throws {OptionError} and what `rows` throws
 */
export function toPerfetto(rows: FormRows): AsyncGenerator<Uint8Array, void> {
  check("toPerfetto", exactly<{ readonly rows: FormRows }>({ rows: someRows }), { rows });
  return packetsOf(rows);
}

async function* packetsOf(rows: FormRows): AsyncGenerator<Uint8Array, void> {
  const scene = new Scene(new Packets());
  for await (const row of rows) yield* scene.show(row as FormRow);
  yield* scene.end();
}
