/** `foldvm info`: what a recording is, without running it. */
import { openRecording, type RecordingInfo } from "../../streams/recording.js";
import { command } from "../command.js";
import { EXIT } from "../exit-codes.js";
import { bytes, count } from "../figures.js";

export const info = command({
  name: "info",
  operand: "FILE",
  summary: "Says what a recording is, without running it.",
  options: { json: { help: "as one JSON object" } },
  async run(args, stdio) {
    const path = args.operands[0] ?? "";
    const facts = openRecording(path).info;
    stdio.stdout.write(args.has("json") ? `${JSON.stringify(facts, undefined, 2)}\n` : describe(path, facts));
    return Promise.resolve(EXIT.done);
  },
});

function describe(path: string, facts: RecordingInfo): string {
  const { machine } = facts;
  const rows: [string, string][] = [
    [
      "recording",
      `${path}, ${bytes(facts.bytes)} in ${count(facts.segments)} segments, format ${String(facts.formatVersion)}`,
    ],
    ["instructions", count(facts.instructions)],
    ["events", count(facts.events)],
    ["state hash", facts.stateHash ?? "none"],
    [
      "ended",
      facts.complete ? (facts.cause ?? "") : "cut off: it was not closed, and replays up to its last whole segment",
    ],
    ["memory", `${count(machine.memoryBytes / 2 ** 20)} MiB`],
    ["harts", String(machine.harts)],
    ["shift", `${String(machine.shift)} (${String(2 ** machine.shift)} ns an instruction)`],
    ["append", machine.append === null ? "none" : JSON.stringify(machine.append)],
    [
      "virtio",
      machine.virtio.length === 0
        ? "none"
        : machine.virtio.map((slot) => (typeof slot === "string" ? slot : slot.kind)).join(","),
    ],
    ["rng-seed", machine.rngSeed],
    ...facts.images.map(({ role, path: from, size, sha256 }): [string, string] => [
      role,
      `${from === "" ? "given as bytes" : from}, ${bytes(size)}, sha256 ${sha256}`,
    ]),
  ];
  return rows.map(([name, value]) => `${name.padEnd(14)}${value}\n`).join("");
}
