/** `whence`: where a value came from that is there now, as a tree. */
import { hartOf } from "../../../machine/inspect.js";
import { Moment } from "../../past/moment.js";
import { sourceTree } from "../../past/whence/index.js";
import { completedName } from "./completion.js";
import { notHere, required, type MonitorCommand } from "./monitor-command.js";
import { MonitorError } from "../target/monitor-error.js";
import type { MonitorTarget } from "../target/target.js";

/** A screen of them. */
const DEFAULT_NODES = 20;

export const WHENCE_COMMAND: MonitorCommand = {
  names: ["whence"],
  operands: "PLACE [--depth N] [--nodes N] [--address] [--control]",
  help: "where a value came from that is there now: whence link.count, whence a0",
  details:
    `Back through copies and operations to inputs, images and constants, as foldvm whence; ${String(DEFAULT_NODES)} nodes, or N.\n` +
    "--address: with what addresses were made of; --control: with what decided. Ctrl-C ends it with what was found.",
  run: follow,
  complete: completedName,
};

async function follow(target: MonitorTarget, operands: string): Promise<string> {
  const { past } = target;
  if (past === undefined) throw notHere(target, "a machine that runs has no past yet; replay its recording");
  const { place, ...options } = optionsIn(required(operands, "a register or a place in memory"));
  const moment = Moment.of(past.recording, target.state());
  const tree = sourceTree(moment, place, { hart: hartOf(target.present()), ...options });
  const isWhole = await past.grow(tree);
  const more = isWhole ? [] : ["ended early; … marks where there may be more"];
  return [...tree.lines(), ...more].join("\n");
}

interface Options {
  readonly place: string;
  readonly depth: number | undefined;
  readonly nodes: number;
  readonly addresses: boolean;
  readonly conditions: boolean;
}

/** @throws {MonitorError} */
function optionsIn(text: string): Options {
  const numbers = new Map<string, number>();
  const rest = text.replace(/--(depth|nodes)\s+(\S+)/g, (_, name: string, number: string) => {
    if (!/^[1-9]\d{0,8}$/.test(number))
      throw new MonitorError("INVALID_NUMBER", `--${name} ${number}: give a count from 1`);
    numbers.set(name, Number(number));
    return "";
  });
  const words = rest.split(/\s+/).filter((word) => word !== "");
  const [place = "", more] = words.filter((word) => word !== "--address" && word !== "--control");
  if (more !== undefined) throw new MonitorError("INVALID_FORMAT", `${more}: one place is followed at a time`);
  return {
    place: required(place, "a register or a place in memory"),
    ...{ depth: numbers.get("depth"), nodes: numbers.get("nodes") ?? DEFAULT_NODES },
    ...{ addresses: words.includes("--address"), conditions: words.includes("--control") },
  };
}
