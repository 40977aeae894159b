/** `printed`: what a guest printed, as it printed it: a row for each piece, most of which are single bytes. */
import { maybe, text } from "../../../options/codecs.js";
import { orList } from "../../../options/nearest.js";
import type { MachineConfig } from "../../../reducers/machine-config.js";
import { kindOf } from "../../../reducers/virtio/devices.js";
import type { Recording } from "../recording.js";
import { PlaceError } from "../names/place-error.js";
import { checkQuery, type AskedOptions } from "./asked.js";
import { portOf } from "./printed-lines.js";
import { Query } from "./query.js";
import { readingOf, type Kind, type Reading } from "./question.js";
import { hartThere, Namer, type RowOfHart, type Unnamed } from "./row.js";

export interface PrintedOptions extends AskedOptions {
  /** A console: `uart16550`, or `virtioConsole` and its slot. All where it is left out. */
  readonly of?: string | undefined;
}

/** What a console took at once. */
export interface PrintedPiece extends RowOfHart {
  /** `uart16550`, or `virtioConsole` and its slot. */
  readonly port: string;
  /** As Latin-1: a character a byte, which may be a part of a UTF-8 letter. */
  readonly text: string;
}

/**
 * All that consoles took, in order: where `output` has lines, this has when each letter came.
 * @throws {PlaceError} and, when it is read, as a replay does
 */
export function printed(recording: Recording, options: PrintedOptions = {}): Query<PrintedPiece> {
  checkQuery("printed", recording, options, { of: maybe(text) });
  const { of, from, until } = options;
  if (of !== undefined) requirePort(of, recording.config);
  const open = (): Reading<PrintedPiece> => {
    const namer = new Namer(recording.names);
    return readingOf(printedKind, of, (piece) => namer.name<PrintedPiece>(piece));
  };
  return new Query(recording, open, { from, until });
}

/** Asked about a console; undefined: all. */
export const printedKind: Kind<string | undefined, Unnamed<PrintedPiece>> = {
  name: "printed",
  listen: (wanted) => ({
    heard: (machine, effect) => {
      if (effect.type !== "console/transmitted") return [];
      const port = portOf(effect);
      if (wanted !== undefined && port !== wanted) return [];
      const piece = String.fromCharCode(...effect.bytes);
      return [Object.assign(hartThere(machine, machine.presentIcount), { port, text: piece })];
    },
  }),
};

/** @throws {PlaceError} */
function requirePort(of: string, { virtio }: MachineConfig): void {
  const slots = virtio.flatMap((one, slot) => (kindOf(one) === "console" ? [`virtioConsole${String(slot)}`] : []));
  const ports = ["uart16550", ...slots];
  if (!ports.includes(of)) throw new PlaceError("NO_SUCH_NAME", `the machine has no console ${of}; ${orList(ports)}`);
}
