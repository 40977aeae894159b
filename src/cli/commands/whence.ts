/** `foldvm whence`: where a value of a recording came from, as a tree. */
import { writeAll } from "../../streams/host/write-all.js";
import { at } from "../../streams/past/query/at.js";
import { sourceTree, type GrowOptions } from "../../streams/past/whence/index.js";
import { command } from "../command.js";
import { EXIT } from "../exit-codes.js";
import { count, counted } from "../figures.js";
import { NAMED_RECORDING_OPTIONS, namedRecordingOptions } from "../machine-arguments.js";
import { readAll, UsageError } from "../problems.js";
import { openOperand } from "../recording-operand.js";
import { ProgressLine, stoppable } from "../stoppable.js";
import { sayWhereCut } from "../truncation.js";
import { integer, placeOption } from "../values.js";

export const whence = command({
  name: "whence",
  operand: "FILE",
  more: { words: "PLACE", most: 1 },
  summary: "Says where a value came from: back through copies and operations to inputs, images and constants.",
  options: {
    at: { value: "WHERE", help: "when: an instruction count, /TEXT/, ... (end)" },
    hart: { value: "N", help: "whose register, and who sees a virtual address (the one that executes)" },
    depth: { value: "N", help: "how many hops from the value (12)" },
    nodes: { value: "N", help: "how many nodes in all (100)" },
    address: { help: "with what addresses were made of, marked @" },
    control: { help: "with what decided: branches and traps, marked ?" },
    insns: { value: "N", help: "how many instructions may be run to find them (4000000000)" },
    quiet: { short: "q", help: "no progress" },
    json: { help: "each node as a JSON object on its line; 64-bit values are decimal strings" },
    ...NAMED_RECORDING_OPTIONS,
  },
  notes:
    "PLACE: a register (a0, fa0, $sepc), or memory: link.count, task->comm, buf[3], 0x80002ed8:4\n" +
    "Each line: the place and its value there; who put it there, and when. What it was made of is indented.\n" +
    "Example: foldvm whence b.fold link.count --at end\n",
  read(args) {
    const [, place] = args.operands;
    const number = (option: "hart" | "depth" | "nodes" | "insns"): number | undefined =>
      args.has(option) ? integer(`--${option}`, args.get(option) ?? "") : undefined;
    const read = readAll({
      place: () => {
        if (place === undefined) throw new UsageError("PLACE is missing: a register or memory, such as link.count");
        return place;
      },
      at: () => placeOption("--at", args.get("at")),
      hart: () => number("hart"),
      depth: () => number("depth"),
      nodes: () => number("nodes"),
      insns: () => number("insns"),
    });
    return (stdio) =>
      stoppable(stdio, async ({ signal, codeOf }) => {
        const recording = await openOperand(args, stdio, namedRecordingOptions(args));
        sayWhereCut(recording, stdio);
        const tree = sourceTree(at(recording, read.at(recording)), read.place, {
          ...{ hart: read.hart, maxInsns: read.insns, depth: read.depth, nodes: read.nodes },
          ...{ addresses: args.has("address"), conditions: args.has("control") },
        });
        const line = new ProgressLine(stdio, args.has("quiet"));
        const progress: GrowOptions["progress"] = (nodes, position) => {
          const at = position === undefined ? "" : `, at instruction ${count(position.icount)}`;
          line.showNowAndThen(() => `${counted(nodes, "node")} found${at}`);
        };
        const isWhole = await tree.grow({ signal, progress }).finally(() => {
          line.clear();
        });
        const lines = args.has("json") ? tree.rows().map(jsonLine) : tree.lines();
        await writeAll(
          stdio.stdout,
          lines.map((text) => `${text}\n`),
        );
        if (!isWhole) stdio.stderr.write(`foldvm: ended early, after ${counted(tree.size, "node")}${MORE}\n`);
        return codeOf(EXIT.done);
      });
  },
});

const MORE = "; … marks where there may be more";

/** 64-bit values are strings, for any reader of JSON. What is not known is left out. */
const jsonLine = (row: object): string =>
  JSON.stringify(row, (_name, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
