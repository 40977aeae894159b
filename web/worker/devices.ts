/** Devices, member by member, and which of them changed. */
import type { MachineState } from "../../src/machine/state.js";
import { devices } from "../../src/reducers/devices.js";
import { stateOf } from "../../src/reducers/platform.js";
import { plain, shownValue } from "../../src/streams/past/diff/difference.js";
import type { DeviceRow } from "../protocol.js";

/** Of one device; a queue may be long. */
const FIELDS_SHOWN = 200;

export function deviceRows(state: MachineState, before: MachineState | undefined): readonly DeviceRow[] {
  return devices(state.config).map((unit) => {
    const earlier = before && new Map(leaves("", stateOf(before.platform, unit)));
    const fields: DeviceRow["fields"][number][] = [];
    for (const [name, text] of leaves("", stateOf(state.platform, unit))) {
      fields.push({ name, text, isChanged: earlier !== undefined && earlier.get(name) !== text });
      if (fields.length === FIELDS_SHOWN) break;
    }
    return { name: unit.label, fields };
  });
}

/** Short lists are one field. */
function* leaves(name: string, value: unknown): Generator<readonly [string, string]> {
  const isFlat =
    typeof value !== "object" ||
    value === null ||
    value instanceof Uint8Array ||
    (Array.isArray(value) && value.every((item) => typeof item !== "object"));
  if (isFlat) {
    yield [name, shownValue(plain(value))];
    return;
  }
  for (const [member, part] of Object.entries(value)) {
    yield* leaves(name === "" ? member : `${name}.${member}`, part);
  }
}
