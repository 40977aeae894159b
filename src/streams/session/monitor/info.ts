/** `info`: what the machine is, and how it is. */
import { virtualNsOf } from "../../../machine/inspect.js";
import { DRAM_BASE, MROM } from "../../../machine/memory-map.js";
import { devices } from "../../../reducers/devices.js";
import { hex64, hexAddress, hexOfBytes } from "../../../reducers/hex.js";
import type { MonitorCommand } from "./monitor-command.js";
import { MonitorError } from "./monitor-error.js";
import { deviceTreeText } from "./qtree.js";
import { registersText } from "./registers.js";
import type { MonitorTarget } from "./target.js";

const INFO: Readonly<Record<string, (target: MonitorTarget) => string>> = {
  registers: (target) => registersText(target.state()),
  status: (target) => `VM status: ${statusOf(target)}`,
  replay(target) {
    const { position } = target.state();
    const end = target.lastIcount === undefined ? "" : ` of ${String(target.lastIcount)}`;
    return `${target.mode}: instruction count = ${String(position.icount)}${end}, event = ${String(position.seq)}, virtual clock = ${String(virtualNsOf(target.state()))} ns${endOf(target)}`;
  },
  snapshots(target) {
    const rows = target.snapshots();
    if (rows.length === 0) return "There is no snapshot available.";
    return [
      "NAME ICOUNT EVENT SIZE",
      ...rows.map(({ name, icount, seq, size }) => `${name} ${String(icount)} ${String(seq)} ${String(size)}`),
    ].join("\n");
  },
  devices: (target) => JSON.stringify(target.state().platform, forJson, 2),
  qtree: (target) => deviceTreeText(target.state().config),
  mtree(target) {
    const { config } = target.state();
    const all = [
      { label: "mrom", place: MROM },
      ...devices(config),
      { label: "ram", place: { base: DRAM_BASE, sizeBytes: config.memoryBytes } },
    ];
    return all
      .sort((a, b) => a.place.base - b.place.base)
      .map(({ label, place: { base, sizeBytes } }) => `${hex64(base)}-${hex64(base + sizeBytes - 1)}: ${label}`)
      .join("\n");
  },
};

export const INFO_COMMAND: MonitorCommand = {
  names: ["info"],
  operands: Object.keys(INFO).join("|"),
  help: "show something of the machine",
  run(target, [what = ""]) {
    const show = INFO[what];
    if (show === undefined || !Object.hasOwn(INFO, what)) {
      throw new MonitorError("UNKNOWN_COMMAND", `there is no info ${what}; there are ${Object.keys(INFO).join(", ")}`);
    }
    return show(target);
  },
};

function statusOf(target: MonitorTarget): string {
  const { control } = target;
  if (control.hasEnded || target.state().power.off !== null) return `shutdown${endOf(target)}`;
  return control.isPaused ? "paused" : "running";
}

/** How the run ended, in the words of `foldvm info`. */
function endOf(target: MonitorTarget): string {
  const { off } = target.state().power;
  if (off !== null) return ` (${off.cause}, code ${String(off.code)})`;
  return target.control.hasEnded ? " (stopped; the guest was still on)" : "";
}

const forJson = (_key: string, value: unknown): unknown =>
  typeof value === "bigint" ? hexAddress(value) : value instanceof Uint8Array ? hexOfBytes(value) : value;
